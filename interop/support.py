"""What the checks share: commands, servers that are always stopped, AWS clients."""

import json
import os
import pathlib
import shlex
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import unittest
import urllib.error
import urllib.request

import boto3

FCOIDC = ""  # the binary under test; run.py sets it
HERE = pathlib.Path(__file__).resolve().parent

REGION = "us-east-1"
STACK = "forgecroft-runner-oidc"
ISSUER = "https://api.forgecroft.com"
ORG_ID = "1f2e3d4c-aaaa-4bbb-8ccc-ddddeeeeffff"
PLAN_ROLE, APPLY_ROLE = "forgecroft-runner-plan", "forgecroft-runner-apply"
# Here AWS is not the real one, and the issuer's host may be out of reach.
OFFLINE = "--skip-preflight"
# A little more than the AWS CLI's own poll interval lets pass.
PATIENCE = 60


class Workspace(unittest.TestCase):
    """A story with a folder of its own, in an environment that knows no real AWS."""

    @classmethod
    def setUpClass(cls):
        cls.folder = pathlib.Path(tempfile.mkdtemp(prefix="fcoidc-interop-"))
        cls.addClassCleanup(shutil.rmtree, cls.folder)
        cls.env = {
            "PATH": os.environ["PATH"],
            "HOME": str(cls.folder),
            "FCOIDC_STATE_DIR": str(cls.folder / "state"),
            "AWS_CONFIG_FILE": str(cls.folder / "aws-config"),
            "AWS_SHARED_CREDENTIALS_FILE": str(cls.folder / "aws-credentials"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_PAGER": "",
        }

    def run_command(self, *command, exit_code=0, **options):
        """Runs a command in the story's folder and environment; returns what it printed.

        An exit_code of None stands for any failure.
        """
        done = subprocess.run(
            [str(word) for word in command],
            env=self.env, cwd=self.folder, text=True, capture_output=True, timeout=PATIENCE * 5,
            stdin=subprocess.DEVNULL, **options,
        )
        if done.returncode != exit_code if exit_code is not None else done.returncode == 0:
            self.fail(
                f"{shlex.join(map(str, command))}\nexit code {done.returncode}, expected {exit_code}\n"
                f"{done.stdout[-3000:]}\n{done.stderr[-3000:]}"
            )
        return done

    def fcoidc(self, *arguments, exit_code=0):
        """Runs fcoidc and returns the JSON document on its standard output."""
        done = self.run_command(FCOIDC, *arguments, "-o", "json", exit_code=exit_code)
        document = json.loads(done.stdout)
        self.assertEqual(document["version"], 1)
        return document

    @classmethod
    def serve(cls, command, **environment):
        """Starts a server that ends with the story; returns the file that it prints to."""
        output, log = cls.folder / "server.out", cls.folder / "server.log"
        with output.open("w") as out, log.open("w") as err:
            server = subprocess.Popen(
                command, env={**cls.env, **environment}, cwd=cls.folder,
                stdin=subprocess.DEVNULL, stdout=out, stderr=err,
            )
        cls.addClassCleanup(stop, server)
        return output

    @classmethod
    def client(cls, service, **credentials):
        """A boto3 client of the story's AWS, as its default account or with credentials."""
        return boto3.client(
            service,
            endpoint_url=cls.env["AWS_ENDPOINT_URL"],
            region_name=REGION,
            aws_access_key_id=credentials.get("AccessKeyId", cls.env["AWS_ACCESS_KEY_ID"]),
            aws_secret_access_key=credentials.get("SecretAccessKey", cls.env["AWS_SECRET_ACCESS_KEY"]),
            aws_session_token=credentials.get("SessionToken"),
        )

    @classmethod
    def enter(cls, account, role="OrganizationAccountAccessRole"):
        """The credentials of a role in another account."""
        arn = f"arn:aws:iam::{account}:role/{role}"
        return cls.client("sts").assume_role(RoleArn=arn, RoleSessionName="interop")["Credentials"]

    def assert_trusts(self, iam, account, org_id=ORG_ID):
        """Both roles trust exactly what Forgecroft's page says."""
        for phase, name in (("plan", PLAN_ROLE), ("apply", APPLY_ROLE)):
            trust = iam.get_role(RoleName=name)["Role"]["AssumeRolePolicyDocument"]
            self.assertEqual(trust, forgecroft_trust(account, phase, org_id))

    def assert_apply_regions(self, iam, *regions):
        """The apply role may do everything, in these Regions."""
        names = iam.list_role_policies(RoleName=APPLY_ROLE)["PolicyNames"]
        self.assertEqual(len(names), 1)
        policy = iam.get_role_policy(RoleName=APPLY_ROLE, PolicyName=names[0])["PolicyDocument"]
        (statement,) = policy["Statement"]
        self.assertEqual((statement["Effect"], statement["Action"], statement["Resource"]), ("Allow", "*", "*"))
        self.assertEqual(statement["Condition"], {"StringEquals": {"aws:RequestedRegion": list(regions)}})


class Sandbox(Workspace):
    """A story whose AWS is `fcoidc sandbox serve`."""

    ACCOUNTS = 3
    OPTIONS = ()

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        listen = f"127.0.0.1:{free_port()}"
        accounts = ["--sandbox-accounts", str(cls.ACCOUNTS)]
        output = cls.serve([FCOIDC, "sandbox", "serve", "--listen", listen, *accounts, *cls.OPTIONS])
        wait_until_served("http://" + listen)
        # It prints shell lines for its users to source.
        sourced = subprocess.run(
            ["sh", "-c", '. "$0" && env -0', output], env=cls.env, text=True, capture_output=True, check=True
        )
        cls.env = dict(line.split("=", 1) for line in sourced.stdout.split("\0") if line)

    def template_file(self):
        """The template as `fcoidc template` prints it."""
        path = self.folder / "template.yaml"
        path.write_text(self.run_command(FCOIDC, "template").stdout)
        return path

    def accounts(self):
        """Ids of the organization's accounts, the caller's own first."""
        own = self.client("sts").get_caller_identity()["Account"]
        pages = self.client("organizations").get_paginator("list_accounts").paginate()
        ids = [account["Id"] for page in pages for account in page["Accounts"]]
        return sorted(ids, key=lambda account: (account != own, account))


class Moto(Workspace):
    """A story whose AWS is moto, with the add-on of motoaws."""

    ACCOUNT = "123456789012"  # whom moto takes any unknown key to be

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        url = f"http://127.0.0.1:{free_port()}"
        cls.env |= {
            "AWS_ENDPOINT_URL": url,
            # The Go SDK does not use the former for the AssumeRole behind a profile.
            "AWS_ENDPOINT_URL_STS": url,
            "AWS_ACCESS_KEY_ID": "interop",
            "AWS_SECRET_ACCESS_KEY": "interop",
        }
        command = [sys.executable, "-m", "motoaws", "-H", "127.0.0.1", "-p", url.rpartition(":")[2]]
        cls.serve(command, PYTHONPATH=str(HERE))
        wait_until_served(url + "/moto-api/")


def forgecroft_trust(account, phase, org_id=ORG_ID):
    """The trust policy of Forgecroft's documentation, to the letter."""
    return {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Federated": f"arn:aws:iam::{account}:oidc-provider/api.forgecroft.com"},
                "Action": "sts:AssumeRoleWithWebIdentity",
                "Condition": {
                    "StringEquals": {
                        "api.forgecroft.com:aud": "sts.amazonaws.com",
                        "api.forgecroft.com:phase": phase,
                        "api.forgecroft.com:org_id": org_id,
                    }
                },
            }
        ],
    }


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def wait_until_served(url):
    """Returns once anything answers at url, be it with an error."""
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            urllib.request.urlopen(url, timeout=5).close()
            return
        except urllib.error.HTTPError:
            return
        except OSError:
            if time.monotonic() > deadline:
                raise
            time.sleep(0.05)


def stop(server):
    server.terminate()
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.kill()
        server.wait()
