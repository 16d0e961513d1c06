import json
import os
import pathlib
import shutil
import unittest

import support
from support import APPLY_ROLE, HERE, ORG_ID, PLAN_ROLE, STACK, Sandbox

# Where a provider may lie, so that `terraform init` needs no network. Only these
# are searched, and not deep.
MIRROR_ROOTS = ("~/.terraform.d", "/usr/local/share", "/usr/share/terraform", "/opt")
MIRROR_DEPTH = 8


def plugin_mirror():
    """The folder to give to terraform as filesystem_mirror, or None.

    TF_PLUGIN_MIRROR names it; otherwise it is found by the AWS provider in it, at
    <mirror>/<host>/<namespace>/<type>/<version>/<platform>/.
    """
    if given := os.environ.get("TF_PLUGIN_MIRROR"):
        return pathlib.Path(given)
    for root in map(os.path.expanduser, MIRROR_ROOTS):
        for folder, folders, files in os.walk(root):
            if folder.removeprefix(root).count(os.sep) >= MIRROR_DEPTH:
                folders.clear()
            if any(name.startswith("terraform-provider-aws") for name in files):
                return pathlib.Path(folder).parents[4]
    return None


class Terraform(Sandbox):
    """terraform on fcoidc's sandbox"""

    @classmethod
    def setUpClass(cls):
        if not shutil.which("terraform"):
            raise unittest.SkipTest("there is no terraform on PATH")
        super().setUpClass()
        settings = cls.folder / "terraform.rc"
        mirror = plugin_mirror()
        settings.write_text(
            f'provider_installation {{\n  filesystem_mirror {{\n    path = "{mirror}"\n  }}\n}}\n' if mirror else ""
        )
        cls.env |= {"TF_CLI_CONFIG_FILE": str(settings), "TF_IN_AUTOMATION": "1", "CHECKPOINT_DISABLE": "1"}

    def terraform(self, folder, *arguments, exit_code=0):
        return self.run_command("terraform", f"-chdir={folder}", *arguments, "-no-color", exit_code=exit_code).stdout

    def configuration(self, name):
        """A copy of one of the configurations beside this file, made ready."""
        folder = self.folder / name
        shutil.copytree(HERE / "terraform" / name, folder)
        shutil.copy(self.template_file(), folder)
        self.terraform(folder, "init", "-input=false")
        return folder


class Stack(Terraform):
    """terraform deploys the template on fcoidc's sandbox"""

    def test_apply(self):
        """aws_cloudformation_stack deploys `fcoidc template`"""
        type(self).config = self.configuration("stack")
        self.terraform(self.config, "apply", "-input=false", "-auto-approve", f"-var=org_id={ORG_ID}")
        self.assert_trusts(self.client("iam"), self.accounts()[0])

    def test_settled(self):
        """a second plan is empty"""
        self.terraform(self.config, "plan", "-input=false", "-detailed-exitcode", f"-var=org_id={ORG_ID}")

    def test_changed(self):
        """another Region is an update in place"""
        arguments = ("-input=false", f"-var=org_id={ORG_ID}", '-var=allowed_regions=["eu-west-1"]')
        self.assertIn("1 to change, 0 to destroy", self.terraform(self.config, "plan", *arguments))
        self.terraform(self.config, "apply", "-auto-approve", *arguments)
        self.assert_apply_regions(self.client("iam"), "eu-west-1")

    def test_roles(self):
        """data sources read the roles that the stack made"""
        roles = self.configuration("roles")
        self.terraform(roles, "apply", "-input=false", "-auto-approve")
        outputs = json.loads(self.terraform(roles, "output", "-json"))
        (stack,) = self.client("cloudformation").describe_stacks(StackName=STACK)["Stacks"]
        made = {output["OutputKey"]: output["OutputValue"] for output in stack["Outputs"]}
        self.assertEqual(outputs["plan_role_arn"]["value"], made["PlanRoleArn"])
        self.assertEqual(outputs["apply_role_arn"]["value"], made["ApplyRoleArn"])
        self.assertEqual(outputs["provider_audiences"]["value"], ["sts.amazonaws.com"])
        self.terraform(roles, "plan", "-input=false", "-detailed-exitcode")

    def test_destroy(self):
        """destroy deletes the stack"""
        self.terraform(self.config, "destroy", "-input=false", "-auto-approve", f"-var=org_id={ORG_ID}")
        self.assertEqual(self.client("cloudformation").describe_stacks()["Stacks"], [])
        names = [role["RoleName"] for role in self.client("iam").list_roles()["Roles"]]
        self.assertFalse({PLAN_ROLE, APPLY_ROLE} & set(names))


class TerraformForm(Terraform):
    """`fcoidc template --format terraform` on fcoidc's sandbox"""

    def test_valid(self):
        """it is valid, and formatted as `terraform fmt` would"""
        folder = type(self).config = self.folder / "exported"
        folder.mkdir()
        answers = ("--org-id", ORG_ID, "--allowed-regions", "us-east-1,us-west-2")
        text = self.run_command(support.FCOIDC, "template", "--format", "terraform", *answers).stdout
        (folder / "main.tf").write_text(text)
        self.terraform(folder, "fmt", "-check", "-diff")
        self.terraform(folder, "init", "-input=false")
        self.terraform(folder, "validate")

    def test_apply(self):
        """applied, it makes the roles that the template makes"""
        self.terraform(self.config, "apply", "-input=false", "-auto-approve")
        self.assert_trusts(self.client("iam"), self.accounts()[0])
        self.assert_apply_regions(self.client("iam"), "us-east-1", "us-west-2")

    def test_settled(self):
        """a second plan is empty"""
        self.terraform(self.config, "plan", "-input=false", "-detailed-exitcode")

    def test_destroy_is_refused(self):
        """destroy refuses to delete the provider, which other roles may trust"""
        refused = self.run_command(
            "terraform", f"-chdir={self.config}", "destroy", "-auto-approve", "-no-color", exit_code=1
        )
        self.assertIn("prevent_destroy", refused.stderr)

    def test_destroy(self):
        """once terraform has let go of the provider, destroy deletes the roles"""
        self.terraform(self.config, "state", "rm", "aws_iam_openid_connect_provider.forgecroft")
        self.terraform(self.config, "destroy", "-input=false", "-auto-approve")
        names = [role["RoleName"] for role in self.client("iam").list_roles()["Roles"]]
        self.assertFalse({PLAN_ROLE, APPLY_ROLE} & set(names))
        self.assertEqual(len(self.client("iam").list_open_id_connect_providers()["OpenIDConnectProviderList"]), 1)
