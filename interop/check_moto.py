import json

import support
from support import APPLY_ROLE, ISSUER, OFFLINE, ORG_ID, PLAN_ROLE, STACK, Moto, forgecroft_trust

PROVIDER = f"arn:aws:iam::{Moto.ACCOUNT}:oidc-provider/api.forgecroft.com"
OTHER_ORG_ID = "99999999-aaaa-4bbb-8ccc-ddddeeeeffff"
FIRST_REGIONS = ("us-east-1", "us-west-2")
CREATE = ("bootstrap", "--org-id", ORG_ID, "--allowed-regions", ",".join(FIRST_REGIONS), "--yes", OFFLINE)


class OneAccount(Moto):
    """fcoidc on moto, one account"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.iam = cls.client("iam")
        cls.cloudformation = cls.client("cloudformation")

    def only_target(self, document):
        (target,) = document["targets"]
        self.assertEqual(target["account"], self.ACCOUNT)
        return target

    def change_sets(self):
        return self.cloudformation.list_change_sets(StackName=STACK)["Summaries"]

    def test_create(self):
        """a first run makes the provider and both roles, as Forgecroft's page has them"""
        target = self.only_target(self.fcoidc(*CREATE))
        self.assertEqual((target["action"], target["status"]), ("create", "succeeded"))
        self.assertEqual(
            {name: target["outputs"][name] for name in ("PlanRoleArn", "ApplyRoleArn", "OidcProviderArn")},
            {
                "PlanRoleArn": f"arn:aws:iam::{self.ACCOUNT}:role/{PLAN_ROLE}",
                "ApplyRoleArn": f"arn:aws:iam::{self.ACCOUNT}:role/{APPLY_ROLE}",
                "OidcProviderArn": PROVIDER,
            },
        )
        provider = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
        self.assertEqual(provider["ClientIDList"], ["sts.amazonaws.com"])
        self.assert_trusts(self.iam, self.ACCOUNT)
        self.assert_apply_regions(self.iam, *FIRST_REGIONS)
        attached = self.iam.list_attached_role_policies(RoleName=PLAN_ROLE)["AttachedPolicies"]
        self.assertEqual([policy["PolicyName"] for policy in attached], ["ReadOnlyAccess"])

    def test_ownership(self):
        """everything it made carries the tag by which it knows its own"""
        for tags in (
            self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)["Tags"],
            self.iam.get_role(RoleName=PLAN_ROLE)["Role"]["Tags"],
            self.iam.get_role(RoleName=APPLY_ROLE)["Role"]["Tags"],
        ):
            self.assertIn({"Key": "forgecroft:managed-by", "Value": "fcoidc"}, tags)

    def test_no_change(self):
        """a second run finds nothing to do and leaves nothing behind"""
        before = self.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        target = self.only_target(self.fcoidc(*CREATE))
        self.assertEqual((target["action"], target["status"]), ("none", "succeeded"))
        after = self.cloudformation.describe_stack_events(StackName=STACK)["StackEvents"]
        self.assertEqual(len(after), len(before))

    def test_dry_run_of_no_change(self):
        """a dry run without changes exits 0, also with --detailed-exitcode"""
        self.fcoidc(*CREATE, "--dry-run", "--detailed-exitcode")

    def test_dry_run_of_change(self):
        """a dry run with changes exits 5 and touches nothing"""
        sets = len(self.change_sets())
        document = self.fcoidc(
            "bootstrap", "--org-id", ORG_ID, "--allowed-regions", "eu-west-1", "--dry-run", "--detailed-exitcode",
            OFFLINE, exit_code=5,
        )
        self.assertEqual(self.only_target(document)["action"], "update")
        self.assertEqual(len(self.change_sets()), sets)
        self.assert_apply_regions(self.iam, *FIRST_REGIONS)

    def test_changed_regions(self):
        """changed Regions reach the apply role and leave provider and trust alone"""
        made = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)["CreateDate"]
        document = self.fcoidc("bootstrap", "--org-id", ORG_ID, "--allowed-regions", "eu-west-1", "--yes", OFFLINE)
        target = self.only_target(document)
        self.assertEqual((target["action"], target["status"]), ("update", "succeeded"))
        self.assert_apply_regions(self.iam, "eu-west-1")
        self.assert_trusts(self.iam, self.ACCOUNT)
        provider = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
        self.assertEqual(provider["CreateDate"], made)

    def test_trust_change_is_refused(self):
        """another organization is refused with --yes alone"""
        document = self.fcoidc(
            "bootstrap", "--org-id", OTHER_ORG_ID, "--allowed-regions", "eu-west-1", "--yes", OFFLINE, exit_code=1
        )
        target = self.only_target(document)
        self.assertEqual((target["action"], target["status"]), ("blocked", "blocked"))
        self.assertIn("--allow-trust-change", json.dumps(target["error"]))
        self.assert_trusts(self.iam, self.ACCOUNT)

    def test_trust_change_is_allowed(self):
        """another organization is let in with --allow-trust-change, and back again"""
        for org_id in (OTHER_ORG_ID, ORG_ID):
            arguments = ("--org-id", org_id, "--allowed-regions", "eu-west-1", "--yes", "--allow-trust-change", OFFLINE)
            self.assertEqual(self.only_target(self.fcoidc("bootstrap", *arguments))["status"], "succeeded")
            self.assert_trusts(self.iam, self.ACCOUNT, org_id)

    def test_drift_that_moto_cannot_revert(self):
        """what was edited by hand is seen, and that moto does not revert it is no success"""
        trust = self.iam.get_role(RoleName=PLAN_ROLE)["Role"]["AssumeRolePolicyDocument"]
        arguments = ("bootstrap", "--org-id", ORG_ID, "--allowed-regions", "eu-west-1", "--revert-drift", "--yes", OFFLINE)
        self.assertEqual(self.only_target(self.fcoidc(*arguments))["action"], "none")
        edited = json.dumps(trust).replace(ORG_ID, OTHER_ORG_ID)
        self.iam.update_assume_role_policy(RoleName=PLAN_ROLE, PolicyDocument=edited)
        target = self.only_target(self.fcoidc(*arguments, exit_code=1))
        self.assertEqual((target["action"], target["error"]["code"]), ("update", "drift_not_reverted"))
        self.iam.update_assume_role_policy(RoleName=PLAN_ROLE, PolicyDocument=json.dumps(trust))

    def test_outputs(self):
        """outputs prints the ARNs of what is there"""
        self.assertIn(f"arn:aws:iam::{self.ACCOUNT}:role/{APPLY_ROLE}", json.dumps(self.fcoidc("outputs")))

    def test_teardown(self):
        """teardown leaves no stack, no role and no provider"""
        self.fcoidc("teardown", "--yes")
        self.assertEqual(self.cloudformation.describe_stacks()["Stacks"], [])
        self.assertEqual(self.iam.list_roles()["Roles"], [])
        self.assertEqual(self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"], [])


class Doctor(Moto):
    """doctor on moto, what the AWS CLI set up"""

    REGIONS = "us-east-1,us-west-2"
    # What is to be known of the trust: nothing here depends on whether the issuer can be reached.
    TRUST = ("--checks", "account,provider,trust,permissions,regions", "--org-id", ORG_ID, "--regions", REGIONS)

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.iam = cls.client("iam")

    def aws(self, *arguments):
        return self.run_command("aws", *arguments, "--output", "json")

    def look(self, *arguments, exit_code=0):
        """The account as doctor sees it, and the codes of what somebody must act on."""
        (target,) = self.fcoidc("doctor", *self.TRUST, *arguments, exit_code=exit_code)["targets"]
        self.assertEqual(target["account"], self.ACCOUNT)
        unknown = [f["subject"] for f in target["findings"] if f["code"] == "could_not_look" and f["severity"] == "warning"]
        self.assertEqual(unknown, ["the Regions that are enabled in the account"])  # moto has no account:ListRegions
        accepted = ("could_not_look", "condition_key_undocumented")
        return target, [f for f in target["findings"] if f["severity"] != "info" and f["code"] not in accepted]

    def assert_well(self, target):
        """Every check came out well, but for those that rest on the issuer's word or on what moto lacks."""
        outcomes = {check["name"]: check["outcome"] for check in target["checks"] if check["outcome"] not in ("ok", "info")}
        outcomes.pop("provider_thumbprint", None)  # skipped where the issuer is out of reach
        self.assertEqual(outcomes, {"trust_admits": "warning", "trust_holes": "warning", "regions": "could_not_look"})

    def test_deploy(self):
        """cloudformation deploy of `fcoidc template`"""
        path = self.folder / "template.yaml"
        path.write_text(self.run_command(support.FCOIDC, "template").stdout)
        self.aws(
            "cloudformation", "deploy", "--stack-name", STACK, "--template-file", path, "--capabilities", "CAPABILITY_NAMED_IAM",
            "--parameter-overrides", f"OrgId={ORG_ID}", f"AllowedRegions={self.REGIONS}",
        )

    def test_healthy(self):
        """healthy but for the Regions, which moto does not list and doctor says that it could not look at"""
        target, bad = self.look()
        self.assertEqual(bad, [])
        self.assert_well(target)
        self.assertEqual({role["phase"]: role["decision"] for role in target["roles"]}, {"plan": "allow", "apply": "allow"})
        self.assertEqual({row["region"]: row["regional"]["answer"] for row in target["regions"]}, {"us-east-1": "yes", "us-west-2": "yes"})

    def test_regions(self):
        """a Region more than was deployed is the cause, with the bootstrap command that mends it"""
        (target,) = self.fcoidc("doctor", *self.TRUST, "--regions", "eu-west-1", exit_code=3)["targets"]
        self.assertEqual(target["findings"][0]["code"], "region_not_allowed")
        self.assertIn("--allowed-regions eu-west-1,us-east-1,us-west-2", target["findings"][0]["fix"])

    def test_trust_edited_by_hand(self):
        """another organization in a trust policy is found, and the fix as printed takes it out"""
        trust = json.dumps(self.iam.get_role(RoleName=PLAN_ROLE)["Role"]["AssumeRolePolicyDocument"])
        self.aws("iam", "update-assume-role-policy", "--role-name", PLAN_ROLE, "--policy-document", trust.replace(ORG_ID, OTHER_ORG_ID))
        _, (finding,) = self.look(exit_code=3)
        self.assertEqual((finding["code"], finding["severity"]), ("trust_redirected", "critical"))
        self.run_command("sh", "-c", finding["fix"])
        self.assertEqual(self.look()[1], [])
        self.assert_trusts(self.iam, self.ACCOUNT)

    def test_provider_deleted(self):
        """a provider that is gone is the one cause, and the fix as printed brings it back"""
        self.aws("iam", "delete-open-id-connect-provider", "--open-id-connect-provider-arn", PROVIDER)
        _, (finding,) = self.look(exit_code=3)
        self.assertEqual(finding["code"], "provider_missing")
        self.run_command("sh", "-c", finding["fix"])
        self.assertEqual(self.look()[1], [])

    def test_saved(self):
        """what was saved is judged as the account was"""
        saved = self.folder / "seen.json"
        live = self.fcoidc("doctor", *self.TRUST, "--save", saved)
        again = self.fcoidc("doctor", "--case", saved, *self.TRUST)
        for document in (live, again):
            del document["ts"]
        self.assertEqual(again, live)

    def test_without_a_stack(self):
        """roles that no stack made are found by whom they trust"""
        self.aws("cloudformation", "delete-stack", "--stack-name", STACK)
        for phase in ("plan", "apply"):
            trust = json.dumps(forgecroft_trust(self.ACCOUNT, phase))
            self.aws("iam", "create-role", "--role-name", "by-hand-" + phase, "--assume-role-policy-document", trust)
        target, _ = self.look(exit_code=3)  # they have no permissions yet
        self.assertEqual({role["arn"].rpartition("/")[2]: role["phase"] for role in target["roles"]}, {"by-hand-plan": "plan", "by-hand-apply": "apply"})
        self.assertEqual(target["findings"][0]["code"], "plan_role_cannot_read")


class ExistingProvider(Moto):
    """fcoidc on moto, a provider that others made"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.iam = cls.client("iam")
        cls.iam.create_open_id_connect_provider(
            Url=ISSUER, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40]
        )

    def test_blocked(self):
        """it blocks the account and names the way out"""
        (target,) = self.fcoidc(*CREATE, exit_code=1)["targets"]
        self.assertEqual(target["status"], "blocked")
        self.assertIn("--existing-provider reuse", json.dumps(target["error"]))
        self.assertEqual(self.iam.list_roles()["Roles"], [])

    def test_reuse(self):
        """--existing-provider reuse makes roles that trust it"""
        (target,) = self.fcoidc(*CREATE, "--existing-provider", "reuse")["targets"]
        self.assertEqual((target["action"], target["status"]), ("create", "succeeded"))
        self.assertEqual(target["outputs"]["OidcProviderArn"], PROVIDER)
        self.assert_trusts(self.iam, self.ACCOUNT)

    def test_teardown(self):
        """teardown takes the roles and leaves that provider alone"""
        self.fcoidc("teardown", "--yes")
        self.assertEqual(self.iam.list_roles()["Roles"], [])
        provider = self.iam.get_open_id_connect_provider(OpenIDConnectProviderArn=PROVIDER)
        self.assertEqual(provider["ThumbprintList"], ["a" * 40])


class ManyAccounts(Moto):
    """fcoidc on moto, several accounts through AssumeRole"""

    MEMBERS = ("000000000042", "222222222222", "333333333333")

    def targets(self, *arguments):
        document = self.fcoidc(*arguments, *(word for id in self.MEMBERS for word in ("--account", id)))
        self.assertEqual([target["account"] for target in document["targets"]], list(self.MEMBERS))
        return document["targets"]

    def test_create(self):
        """a stack in each, its roles trusting that account's own provider"""
        for target in self.targets(*CREATE):
            self.assertEqual((target["action"], target["status"]), ("create", "succeeded"))
        for account in self.MEMBERS:
            self.assert_trusts(self.client("iam", **self.enter(account)), account)

    def test_caller_is_left_alone(self):
        """nothing is made in the caller's own account"""
        self.assertEqual(self.client("iam").list_roles()["Roles"], [])
        self.assertEqual(self.client("cloudformation").describe_stacks()["Stacks"], [])

    def test_accounts_file(self):
        """the same accounts out of a file need no change, but for one that is excluded"""
        path = self.folder / "accounts.csv"
        path.write_text("id,name\n" + "".join(f"{id},Team {id[-2:]}\n" for id in self.MEMBERS))
        document = self.fcoidc(*CREATE, "--accounts-file", path, "--exclude-account", self.MEMBERS[0])
        self.assertEqual(
            [(target["account"], target["action"]) for target in document["targets"]],
            [(account, "none") for account in self.MEMBERS[1:]],
        )

    def test_teardown(self):
        """teardown empties each of them"""
        self.targets("teardown", "--yes")
        for account in self.MEMBERS:
            iam = self.client("iam", **self.enter(account))
            self.assertEqual(iam.list_roles()["Roles"], [])
            self.assertEqual(iam.list_open_id_connect_providers()["OpenIDConnectProviderList"], [])
