import boto3
from botocore.exceptions import ClientError, WaiterError

from support import APPLY_ROLE, ISSUER, ORG_ID, PLAN_ROLE, STACK, Sandbox

FAST = {"Delay": 1, "MaxAttempts": 60}
CAPABILITIES = ["CAPABILITY_NAMED_IAM"]


def parameters(**values):
    values = {"OrgId": ORG_ID, "AllowedRegions": "us-east-1,us-west-2"} | values
    return [{"ParameterKey": key, "ParameterValue": value} for key, value in values.items()]


class Boto3(Sandbox):
    """boto3 on fcoidc's sandbox"""

    ACCOUNTS = 7

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.cloudformation = cls.client("cloudformation")
        cls.iam = cls.client("iam")
        cls.organizations = cls.client("organizations")

    def body(self):
        return self.template_file().read_text()

    def refused(self, code, call, **arguments):
        """Calls and returns the message of the error, which must have this code."""
        with self.assertRaises(ClientError) as caught:
            call(**arguments)
        self.assertEqual(caught.exception.response["Error"]["Code"], code)
        return caught.exception.response["Error"]["Message"]

    def change_set(self, kind, name, **values):
        """Creates a change set, waits for it, and describes it."""
        created = self.cloudformation.create_change_set(
            StackName=STACK, ChangeSetName=name, ChangeSetType=kind, TemplateBody=self.body(),
            Parameters=parameters(**values), Capabilities=CAPABILITIES,
        )
        try:
            self.cloudformation.get_waiter("change_set_create_complete").wait(
                ChangeSetName=created["Id"], WaiterConfig=FAST
            )
        except WaiterError:
            pass  # FAILED is what the caller looks at
        return self.cloudformation.describe_change_set(ChangeSetName=created["Id"])

    def execute(self, change_set, waiter):
        self.cloudformation.execute_change_set(ChangeSetName=change_set["ChangeSetId"])
        self.cloudformation.get_waiter(waiter).wait(StackName=STACK, WaiterConfig=FAST)

    # Reading the organization.

    def test_list_accounts(self):
        """a paginator with small pages lists every account once"""
        pages = self.organizations.get_paginator("list_accounts").paginate(PaginationConfig={"PageSize": 2})
        pages = [page["Accounts"] for page in pages]
        ids = [account["Id"] for page in pages for account in page]
        self.assertEqual(len(set(ids)), self.ACCOUNTS)
        self.assertEqual(len(ids), self.ACCOUNTS)
        self.assertLessEqual(max(map(len, pages)), 2)

    def test_organizational_units(self):
        """every account hangs below the root, directly or in a unit"""
        (root,) = self.organizations.list_roots()["Roots"]
        found, parents = set(), [root["Id"]]
        for parent in parents:
            for page in self.organizations.get_paginator("list_accounts_for_parent").paginate(ParentId=parent):
                found |= {account["Id"] for account in page["Accounts"]}
            for page in self.organizations.get_paginator("list_organizational_units_for_parent").paginate(ParentId=parent):
                parents += [unit["Id"] for unit in page["OrganizationalUnits"]]
        self.assertEqual(found, set(self.accounts()))

    # Templates and their parameters.

    def test_template_summary(self):
        """get_template_summary knows parameters, capabilities and resource types"""
        summary = self.cloudformation.get_template_summary(TemplateBody=self.body())
        self.assertIn("OrgId", [parameter["ParameterKey"] for parameter in summary["Parameters"]])
        self.assertEqual(summary["Capabilities"], CAPABILITIES)
        self.assertEqual(set(summary["ResourceTypes"]), {"AWS::IAM::OIDCProvider", "AWS::IAM::Role"})

    def test_missing_capability(self):
        """named roles want CAPABILITY_NAMED_IAM"""
        message = self.refused(
            "InsufficientCapabilitiesException", self.cloudformation.create_stack,
            StackName=STACK, TemplateBody=self.body(), Parameters=parameters(),
        )
        self.assertIn("CAPABILITY_NAMED_IAM", message)

    def test_malformed_parameter(self):
        """an OrgId that is no UUID is a ValidationError in the template's words"""
        message = self.refused(
            "ValidationError", self.cloudformation.create_stack,
            StackName=STACK, TemplateBody=self.body(), Parameters=parameters(OrgId="ACME"), Capabilities=CAPABILITIES,
        )
        self.assertIn("OrgId", message)
        self.assertIn("UUID", message)

    def test_unknown_parameter(self):
        """a parameter that the template does not have is a ValidationError"""
        message = self.refused(
            "ValidationError", self.cloudformation.create_stack,
            StackName=STACK, TemplateBody=self.body(), Parameters=parameters(Colour="blue"), Capabilities=CAPABILITIES,
        )
        self.assertIn("Colour", message)

    def test_broken_rule(self):
        """TrustMode Subject without subjects breaks the template's rule"""
        message = self.refused(
            "ValidationError", self.cloudformation.create_stack,
            StackName=STACK, TemplateBody=self.body(), Parameters=parameters(TrustMode="Subject"),
            Capabilities=CAPABILITIES,
        )
        self.assertIn("ubject", message)

    # The life of a stack.

    def test_change_set_creates(self):
        """a CREATE change set shows three additions and becomes the stack"""
        described = self.change_set("CREATE", "first")
        self.assertEqual((described["Status"], described["ExecutionStatus"]), ("CREATE_COMPLETE", "AVAILABLE"))
        changes = [change["ResourceChange"] for change in described["Changes"]]
        self.assertEqual([change["Action"] for change in changes], ["Add"] * 3)
        self.execute(described, "stack_create_complete")
        self.assert_trusts(self.iam, self.accounts()[0])
        self.assert_apply_regions(self.iam, "us-east-1", "us-west-2")

    def test_change_set_without_changes(self):
        """an UPDATE change set without changes fails in AWS's words"""
        described = self.change_set("UPDATE", "nothing")
        self.assertEqual((described["Status"], described["ExecutionStatus"]), ("FAILED", "UNAVAILABLE"))
        self.assertIn("didn't contain changes", described["StatusReason"])

    def test_update_without_changes(self):
        """update_stack without changes: No updates are to be performed"""
        message = self.refused(
            "ValidationError", self.cloudformation.update_stack,
            StackName=STACK, UsePreviousTemplate=True, Parameters=parameters(), Capabilities=CAPABILITIES,
        )
        self.assertEqual(message, "No updates are to be performed.")

    def test_change_set_modifies(self):
        """an UPDATE change set names what it modifies, and modifies it"""
        described = self.change_set("UPDATE", "second", AllowedRegions="eu-west-1")
        changes = [change["ResourceChange"] for change in described["Changes"]]
        self.assertEqual([(change["LogicalResourceId"], change["Action"]) for change in changes], [("ApplyRole", "Modify")])
        self.assertEqual(changes[0]["Replacement"], "False")
        self.execute(described, "stack_update_complete")
        self.assert_apply_regions(self.iam, "eu-west-1")

    def test_previous_values(self):
        """UsePreviousValue keeps what the stack has"""
        self.cloudformation.update_stack(
            StackName=STACK, UsePreviousTemplate=True, Capabilities=CAPABILITIES,
            Parameters=[
                {"ParameterKey": "OrgId", "UsePreviousValue": True},
                {"ParameterKey": "AllowedRegions", "ParameterValue": "us-east-1"},
            ],
        )
        self.cloudformation.get_waiter("stack_update_complete").wait(StackName=STACK, WaiterConfig=FAST)
        self.assert_trusts(self.iam, self.accounts()[0])
        self.assert_apply_regions(self.iam, "us-east-1")

    def test_resources(self):
        """resources, events and template are those of the stack"""
        resources = self.cloudformation.describe_stack_resources(StackName=STACK)["StackResources"]
        self.assertEqual(len(resources), 3)
        physical = {resource["LogicalResourceId"]: resource["PhysicalResourceId"] for resource in resources}
        self.assertEqual((physical["PlanRole"], physical["ApplyRole"]), (PLAN_ROLE, APPLY_ROLE))
        pages = self.cloudformation.get_paginator("describe_stack_events").paginate(StackName=STACK)
        events = [event for page in pages for event in page["StackEvents"]]
        self.assertEqual(events[0]["ResourceStatus"], "UPDATE_COMPLETE")
        self.assertEqual(events[0]["ResourceType"], "AWS::CloudFormation::Stack")
        self.assertEqual({event["LogicalResourceId"] for event in events}, {STACK, *physical})
        template = self.cloudformation.get_template(StackName=STACK)["TemplateBody"]
        self.assertEqual(template, self.body())

    def test_roles_paginator(self):
        """list_roles in pages of one finds both roles"""
        pages = self.iam.get_paginator("list_roles").paginate(PaginationConfig={"PageSize": 1})
        names = [role["RoleName"] for page in pages for role in page["Roles"]]
        self.assertLessEqual({PLAN_ROLE, APPLY_ROLE}, set(names))
        self.assertEqual(len(names), len(set(names)))

    def test_waiter_on_existing_stack(self):
        """the waiters stack_exists and role_exists agree"""
        self.cloudformation.get_waiter("stack_exists").wait(StackName=STACK, WaiterConfig=FAST)
        self.iam.get_waiter("role_exists").wait(RoleName=PLAN_ROLE, WaiterConfig=FAST)

    # Refusals.

    def test_stack_exists(self):
        """a second stack of the name: AlreadyExistsException"""
        self.refused(
            "AlreadyExistsException", self.cloudformation.create_stack,
            StackName=STACK, TemplateBody=self.body(), Parameters=parameters(), Capabilities=CAPABILITIES,
        )

    def test_provider_exists(self):
        """a second provider for the issuer: EntityAlreadyExists"""
        self.refused(
            "EntityAlreadyExists", self.iam.create_open_id_connect_provider,
            Url=ISSUER, ClientIDList=["sts.amazonaws.com"], ThumbprintList=["a" * 40],
        )

    def test_absent_entities(self):
        """absent things: ValidationError, NoSuchEntity, ChangeSetNotFound"""
        message = self.refused("ValidationError", self.cloudformation.describe_stacks, StackName="absent")
        self.assertEqual(message, "Stack with id absent does not exist")
        self.refused("NoSuchEntity", self.iam.get_role, RoleName="absent")
        self.refused(
            "ChangeSetNotFound", self.cloudformation.describe_change_set, StackName=STACK, ChangeSetName="absent"
        )

    def test_delete_conflict(self):
        """a role with policies is not deleted: DeleteConflict"""
        self.refused("DeleteConflict", self.iam.delete_role, RoleName=PLAN_ROLE)

    def test_roll_back(self):
        """a stack whose role name is taken rolls back, and its events say why"""
        created = self.cloudformation.create_stack(
            StackName="second", TemplateBody=self.body(), Capabilities=CAPABILITIES,
            Parameters=parameters(CreateProvider="false"),
        )
        with self.assertRaises(WaiterError):
            self.cloudformation.get_waiter("stack_create_complete").wait(
                StackName=created["StackId"], WaiterConfig=FAST
            )
        events = self.cloudformation.describe_stack_events(StackName=created["StackId"])["StackEvents"]
        reasons = [event.get("ResourceStatusReason", "") for event in events]
        self.assertTrue(any("already exists" in reason for reason in reasons), reasons)
        self.assert_trusts(self.iam, self.accounts()[0])  # the first stack's roles are still there

    def test_unsupported_action(self):
        """an action that the sandbox does not imitate is refused by name"""
        message = self.refused(
            "NotImplemented", self.cloudformation.list_type_registrations, Type="RESOURCE"
        )
        self.assertIn("ListTypeRegistrations", message)

    # Other accounts and partitions of state.

    def test_members_are_apart(self):
        """another account has none of it, and may not read the organization"""
        member = self.enter(self.accounts()[1])
        self.assertEqual(self.client("iam", **member).list_open_id_connect_providers()["OpenIDConnectProviderList"], [])
        self.refused("AccessDeniedException", self.client("organizations", **member).list_accounts)

    def test_regions_are_apart(self):
        """a stack lives in one Region, roles in all of them"""
        elsewhere = boto3.client(
            "cloudformation", endpoint_url=self.env["AWS_ENDPOINT_URL"], region_name="eu-central-1",
            aws_access_key_id=self.env["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=self.env["AWS_SECRET_ACCESS_KEY"],
        )
        self.assertEqual(elsewhere.describe_stacks()["Stacks"], [])

    def test_termination_protection(self):
        """a protected stack is not deleted"""
        self.cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=True)
        message = self.refused("ValidationError", self.cloudformation.delete_stack, StackName=STACK)
        self.assertIn("TerminationProtection", message)
        self.cloudformation.update_termination_protection(StackName=STACK, EnableTerminationProtection=False)

    def test_delete(self):
        """delete_stack leaves the provider and takes the roles"""
        stack_id = self.cloudformation.describe_stacks(StackName=STACK)["Stacks"][0]["StackId"]
        self.cloudformation.delete_stack(StackName=STACK)
        self.cloudformation.get_waiter("stack_delete_complete").wait(StackName=stack_id, WaiterConfig=FAST)
        self.refused("NoSuchEntity", self.iam.get_role, RoleName=PLAN_ROLE)
        self.assertEqual(len(self.iam.list_open_id_connect_providers()["OpenIDConnectProviderList"]), 1)
        (deleted,) = self.cloudformation.describe_stacks(StackName=stack_id)["Stacks"]
        self.assertEqual(deleted["StackStatus"], "DELETE_COMPLETE")
