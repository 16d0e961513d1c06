import json

from botocore.exceptions import ClientError

from support import APPLY_ROLE, OFFLINE, ORG_ID, PLAN_ROLE, STACK, Sandbox


class Deployment(Sandbox):
    """What the stories of the AWS CLI share."""

    def aws(self, *arguments, exit_code=0):
        done = self.run_command("aws", *arguments, "--output", "json", exit_code=exit_code)
        return json.loads(done.stdout) if done.stdout.strip() else None

    def deploy(self, regions, exit_code=0):
        return self.run_command(
            "aws", "cloudformation", "deploy", "--stack-name", STACK, "--template-file", self.template_file(),
            "--parameter-overrides", f"OrgId={ORG_ID}", f"AllowedRegions={regions}",
            "--capabilities", "CAPABILITY_NAMED_IAM", "--no-fail-on-empty-changeset", exit_code=exit_code,
        )

    def role_arn(self, name):
        return f"arn:aws:iam::{self.accounts()[0]}:role/{name}"

    def token(self, *flags, org_id=ORG_ID):
        return self.fcoidc("sandbox", "token", "--org-id", org_id, *flags)["token"]

    def exchange(self, role, token):
        """The credentials that a token is worth, asked for without any other."""
        return self.aws(
            "sts", "assume-role-with-web-identity", "--no-sign-request", "--role-arn", self.role_arn(role),
            "--role-session-name", "run-1", "--web-identity-token", token,
        )

    def assert_refused(self, role, token, code, text):
        done = self.run_command(
            "aws", "sts", "assume-role-with-web-identity", "--no-sign-request", "--role-arn", self.role_arn(role),
            "--role-session-name", "run-1", "--web-identity-token", token, exit_code=None,
        )
        self.assertIn(f"({code}) when calling the AssumeRoleWithWebIdentity operation: {text}", done.stderr)
        self.assertNotIn(token, done.stderr)

    def diagnosis(self, token, *flags, exit_code):
        """The one target of `fcoidc doctor` on a token, and its roles' causes by phase."""
        path = self.folder / "judged.jwt"
        path.write_text(token)
        document = self.fcoidc("doctor", "--token-file", path, *flags, exit_code=exit_code)
        (target,) = document["targets"]
        causes = {role["phase"]: [d["cause"] for d in role["diagnosis"]] for role in target["roles"]}
        return target, causes


class AWSCommandLine(Deployment):
    """aws CLI on fcoidc's sandbox"""

    def test_identity(self):
        """sts get-caller-identity names the management account"""
        identity = self.aws("sts", "get-caller-identity")
        organization = self.aws("organizations", "describe-organization")["Organization"]
        self.assertEqual(identity["Account"], organization["MasterAccountId"])

    def test_deploy(self):
        """cloudformation deploy of `fcoidc template`"""
        self.assertIn("Successfully created/updated stack", self.deploy("us-east-1,us-west-2").stdout)

    def test_deploy_without_changes(self):
        """cloudformation deploy again: no changes"""
        self.assertIn("No changes to deploy", self.deploy("us-east-1,us-west-2").stdout)

    def test_describe(self):
        """cloudformation describe-stacks shows the outputs that the roles have as ARNs"""
        (stack,) = self.aws("cloudformation", "describe-stacks", "--stack-name", STACK)["Stacks"]
        self.assertEqual(stack["StackStatus"], "CREATE_COMPLETE")
        outputs = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        for output, name in (("PlanRoleArn", PLAN_ROLE), ("ApplyRoleArn", APPLY_ROLE)):
            role = self.aws("iam", "get-role", "--role-name", name)["Role"]
            self.assertEqual(role["Arn"], outputs[output])

    def test_trust(self):
        """iam get-role shows the trust policies of Forgecroft's page"""
        self.assert_trusts(self.client("iam"), self.accounts()[0])

    def test_provider(self):
        """iam list-open-id-connect-providers shows the one provider"""
        (provider,) = self.aws("iam", "list-open-id-connect-providers")["OpenIDConnectProviderList"]
        self.assertTrue(provider["Arn"].endswith(":oidc-provider/api.forgecroft.com"))

    def test_refused_calls(self):
        """doctor --since counts what sts refused, and reads phase and organization from the subject"""
        self.assert_refused(APPLY_ROLE, self.token("--phase", "plan"), "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity")
        (target,) = self.fcoidc("doctor", "--checks", "history", "--since", "1h")["targets"]
        (finding,) = target["findings"]
        self.assertEqual((finding["code"], finding["subject"]), ("history_refused", self.role_arn(APPLY_ROLE)))
        self.assertIn(f"a plan token of organization {ORG_ID}; the role is for another phase", finding["summary"])
        self.assertIn(f"subject org:{ORG_ID}:phase:plan; audience sts.amazonaws.com", finding["found"])

    def test_plan_token(self):
        """sts assume-role-with-web-identity: a plan token opens the plan role, which reads and does not write"""
        answer = self.exchange(PLAN_ROLE, self.token())
        self.assertEqual(answer["Audience"], "sts.amazonaws.com")
        self.assertTrue(answer["Provider"].endswith(":oidc-provider/api.forgecroft.com"))
        iam = self.client("iam", **answer["Credentials"])
        self.assertEqual(iam.get_role(RoleName=PLAN_ROLE)["Role"]["RoleName"], PLAN_ROLE)
        with self.assertRaises(ClientError) as caught:
            iam.delete_role_policy(RoleName=APPLY_ROLE, PolicyName="any")
        self.assertEqual(caught.exception.response["Error"]["Code"], "AccessDenied")

    def test_token_file(self):
        """AWS_WEB_IDENTITY_TOKEN_FILE and AWS_ROLE_ARN are credentials enough"""
        path = self.folder / "token.jwt"
        path.write_text(self.token("--phase", "apply"))
        keys = ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
        whole, names = self.env, {"AWS_WEB_IDENTITY_TOKEN_FILE": str(path), "AWS_ROLE_ARN": self.role_arn(APPLY_ROLE)}
        type(self).env = {name: value for name, value in whole.items() if name not in keys} | names
        try:
            arn = self.aws("sts", "get-caller-identity")["Arn"]
        finally:
            type(self).env = whole
        self.assertIn(f":assumed-role/{APPLY_ROLE}/", arn)

    def test_refused_tokens(self):
        """tokens of another phase, organization, audience, of yesterday and of a lost key are refused in AWS's words"""
        denied = "Not authorized to perform sts:AssumeRoleWithWebIdentity"
        self.assert_refused(APPLY_ROLE, self.token(), "AccessDenied", denied)
        self.assert_refused(PLAN_ROLE, self.token(org_id=ORG_ID.upper()), "AccessDenied", denied)
        self.assert_refused(PLAN_ROLE, self.token("--expired"), "ExpiredTokenException", "Token expired: current date/time")
        self.assert_refused(
            PLAN_ROLE, self.token("--audience", "https://example.com"),
            "InvalidIdentityToken", "The web identity token provided could not be validated.",
        )
        before = self.token()
        self.exchange(PLAN_ROLE, self.token("--rotate-keys"))
        self.assert_refused(PLAN_ROLE, before, "InvalidIdentityToken", "Couldn't retrieve verification key")

    def test_doctor(self):
        """fcoidc doctor, on the served sandbox and beside it, names the cause of each refusal first"""
        for where in ((), ("--sandbox", "--account", self.accounts()[0])):
            proof = ("--try", "--sts-endpoint", self.env["AWS_ENDPOINT_URL_STS"]) if not where else ("--try",)
            target, causes = self.diagnosis(self.token(), *where, *proof, exit_code=0)
            self.assertEqual([role["try"]["granted"] for role in target["roles"] if "try" in role], [True])
            self.assertEqual(causes["apply"][0], "phase_mismatch")
            for cause, token in (
                ("org_id_case_mismatch", self.token(org_id=ORG_ID.upper())),
                ("token_expired", self.token("--expired")),
                ("aud_not_in_provider", self.token("--audience", "https://example.com")),
            ):
                target, causes = self.diagnosis(token, *where, exit_code=3)
                self.assertEqual((causes["plan"][0], target["findings"][0]["code"]), (cause, cause))
        # What the issuer publishes only the sandbox itself sees: its host has no address here.
        before = self.token()
        self.fcoidc("sandbox", "break", "keys-rotated")
        _, causes = self.diagnosis(before, *where, exit_code=3)
        self.assertEqual(causes["plan"][0], "jwks_key_missing")
        self.fcoidc("sandbox", "break", "--undo")

    def test_update(self):
        """cloudformation deploy with another Region reaches the apply role"""
        self.deploy("eu-west-1")
        self.assert_apply_regions(self.client("iam"), "eu-west-1")

    def test_accounts(self):
        """organizations list-accounts shows the accounts asked for"""
        accounts = self.aws("organizations", "list-accounts")["Accounts"]
        self.assertEqual(len(accounts), self.ACCOUNTS)
        self.assertTrue(all(len(account["Id"]) == 12 for account in accounts))

    def test_assume_role(self):
        """sts assume-role leads into another account, with a state of its own"""
        member = self.accounts()[1]
        arn = f"arn:aws:iam::{member}:role/OrganizationAccountAccessRole"
        session = self.aws("sts", "assume-role", "--role-arn", arn, "--role-session-name", "interop")["Credentials"]
        self.assertEqual(self.client("sts", **session).get_caller_identity()["Account"], member)
        self.assertEqual(self.client("cloudformation", **session).describe_stacks()["Stacks"], [])

    def test_fcoidc_agrees(self):
        """fcoidc, as one client more, finds the stack that the CLI made"""
        document = self.fcoidc("bootstrap", "--org-id", ORG_ID, "--allowed-regions", "eu-west-1", "--dry-run", OFFLINE)
        self.assertEqual([target["action"] for target in document["targets"]], ["none"])

    def test_profiles(self):
        """profiles with a role_arn lead the CLI and fcoidc into the same accounts"""
        members = self.accounts()[1:]
        keys = {name.lower(): self.env[name] for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")}
        sections = {"base": keys}
        for number, id in enumerate(members):
            role = f"arn:aws:iam::{id}:role/OrganizationAccountAccessRole"
            sections[f"team-{number}"] = {"source_profile": "base", "role_arn": role}
        with open(self.env["AWS_CONFIG_FILE"], "w") as config:
            for name, settings in sections.items():
                config.write(f"[profile {name}]\n" + "".join(f"{key} = {value}\n" for key, value in settings.items()))
        for number, id in enumerate(members):
            self.assertEqual(self.aws("sts", "get-caller-identity", "--profile", f"team-{number}")["Account"], id)
        document = self.fcoidc(
            "bootstrap", "--profile", "team-*", "--org-id", ORG_ID, "--allowed-regions", "us-east-1", "--dry-run", OFFLINE
        )
        self.assertEqual(
            [(target["account"], target["action"]) for target in document["targets"]],
            [(id, "create") for id in members],
        )

    def test_error(self):
        """a stack that is not there: a failure in AWS's own words"""
        done = self.run_command("aws", "cloudformation", "describe-stacks", "--stack-name", "absent", exit_code=None)
        self.assertIn("Stack with id absent does not exist", done.stderr)

    def test_delete(self):
        """cloudformation delete-stack and wait; the provider is retained"""
        self.aws("cloudformation", "delete-stack", "--stack-name", STACK)
        self.aws("cloudformation", "wait", "stack-delete-complete", "--stack-name", STACK)
        names = [role["RoleName"] for role in self.aws("iam", "list-roles")["Roles"]]
        self.assertNotIn(PLAN_ROLE, names)
        self.assertEqual(len(self.aws("iam", "list-open-id-connect-providers")["OpenIDConnectProviderList"]), 1)


class DocumentedKeys(Deployment):
    """aws CLI where AWS knows its own condition keys only"""

    OPTIONS = ("--keys", "documented")

    def test_deploy(self):
        """cloudformation deploy takes the trust policies of Forgecroft's page all the same"""
        self.deploy("us-east-1")
        self.assert_trusts(self.client("iam"), self.accounts()[0])

    def test_plan_token(self):
        """a plan token is refused: phase and org_id are no condition keys"""
        self.assert_refused(
            PLAN_ROLE, self.token(), "AccessDenied", "Not authorized to perform sts:AssumeRoleWithWebIdentity"
        )

    def test_doctor(self):
        """fcoidc doctor says why: by AWS's table alone, and after the refusal"""
        _, causes = self.diagnosis(self.token(), "--keys", "documented", exit_code=3)
        self.assertEqual(causes["plan"][0], "condition_key_unsupported")
        target, _ = self.diagnosis(self.token(), "--try", "--sts-endpoint", self.env["AWS_ENDPOINT_URL_STS"], exit_code=3)
        (attempt,) = [role["try"] for role in target["roles"] if "try" in role]
        self.assertEqual((attempt["granted"], attempt["error_code"]), (False, "AccessDenied"))
        self.assertEqual(attempt["diagnosis"][0]["cause"], "condition_key_unsupported")
