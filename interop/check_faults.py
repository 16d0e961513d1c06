"""Every fault of the sandbox, from what doctor says of it to a healthy account, as a reader would do it."""

import concurrent.futures
import json
import os
import shlex
import subprocess

import support
from support import ORG_ID, Workspace

ACCOUNT = "010000000002"  # the first that is not the management account, which faults go to
REGIONS = "us-east-1,us-west-2,eu-west-1"
FILLED = {  # what the reader is to fill in
    "YOUR-ORG-ID": ORG_ID,
    "YOUR-REGIONS": REGIONS,
    "<a Region where it is on>": "us-east-1",
}
# Whose fix is somebody else's work: the issuer's, or the organisation's administrators'. Taking the
# fault back stands for that.
OTHERS = {
    "discovery-down", "discovery-404", "issuer-mismatch", "keys-rotated", "rcp-deny", "scp-deny-region", "scp-deny-iam",
}
ROUNDS = 5  # a fix for each role, and what they uncover


class Broken:
    """An account of a sandbox of its own, with one fault."""

    def __init__(self, fault, folder, env):
        self.fault = fault
        self.env = env | {"FCOIDC_STATE_DIR": str(folder / fault["name"])}
        self.applied = []

    def shell(self, line, may_fail=False):
        done = subprocess.run(["sh", "-c", line], env=self.env, text=True, capture_output=True, timeout=300, stdin=subprocess.DEVNULL)
        if done.returncode and not may_fail:
            raise AssertionError(f"{line}\nexit code {done.returncode}\n{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def look(self):
        """What doctor says of the account, called as `sandbox break` proposes."""
        done = self.shell(self.see + " -o json", may_fail=True)
        if done.returncode not in (0, 3):
            raise AssertionError(f"{self.see}\nexit code {done.returncode}\n{done.stderr}")
        targets = json.loads(done.stdout)["targets"]
        return next((t for t in targets if t["account"] == ACCOUNT), targets[0])

    def apply(self, finding):
        """Does what a finding's fix says."""
        fix = finding["fix"]
        self.applied.append(fix)
        if self.fault["name"] in OTHERS:
            self.shell("fcoidc sandbox break --undo")
            return
        for gap, value in FILLED.items():
            fix = fix.replace(gap, value)
        if fix.startswith("export "):  # is of the reader's own session
            self.env |= dict(pair.split("=", 1) for pair in shlex.split(fix)[1:])
            self.see = self.see.replace(f"--region {self.region}", f"--region {self.env['AWS_REGION']}")
            return
        if fix.startswith("fcoidc bootstrap") or "fcoidc doctor --fix" in fix:
            fix = fix.replace("fcoidc doctor --fix", "fcoidc doctor --fix --yes").replace("fcoidc bootstrap", "fcoidc bootstrap --yes")
        self.shell(fix)

    def play(self):
        """Returns the first code that doctor named, and what is left to mend in the end."""
        self.shell(f"fcoidc bootstrap --sandbox --sandbox-accounts 3 --account {ACCOUNT} --org-id {ORG_ID} --allowed-regions {REGIONS} --yes")
        done = self.shell("fcoidc sandbox break " + self.fault["name"])
        (see,) = [line for line in done.stderr.splitlines() if line.startswith("see it:")]
        self.see = see.removeprefix("see it:").strip()
        self.see += "" if "--account" in self.see else f" --account {ACCOUNT}"
        words = self.see.split()
        self.region = words[words.index("--region") + 1] if "--region" in words else ""
        first = self.look()["findings"][0]["code"]
        for _ in range(ROUNDS):
            left = self.to_mend()
            if not left:
                return first, []
            self.apply(left[0])
        return first, self.to_mend()

    def to_mend(self):
        """Findings that somebody must act on. That nothing proves the keys but a real exchange is none."""
        target = self.look()
        bad = [f for f in target["findings"] if f["severity"] != "info" and f["code"] != "condition_key_undocumented"]
        if not bad and target["health"] not in ("healthy", "unproven"):
            raise AssertionError(f"nothing is found, and it is {target['health']}")
        return bad


class EveryFault(Workspace):
    """faults of the sandbox"""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        bin = cls.folder / "bin"
        bin.mkdir()
        (bin / "fcoidc").symlink_to(support.FCOIDC)
        cls.env["PATH"] = f"{bin}:{cls.env['PATH']}"
        pool = concurrent.futures.ThreadPoolExecutor(os.cpu_count())
        cls.addClassCleanup(pool.shutdown, cancel_futures=True)
        cls.played = {}
        for fault in faults():
            broken = Broken(fault, cls.folder, dict(cls.env))
            cls.played[fault["name"]] = broken, pool.submit(broken.play)

    def check(self, fault):
        broken, played = self.played[fault["name"]]
        first, left = played.result()
        self.assertEqual(first, fault["cause"])
        self.assertEqual([(f["code"], f["fix"]) for f in left], [], "after " + "\n".join(broken.applied))


def faults():
    done = subprocess.run([support.FCOIDC, "sandbox", "break", "--list", "-o", "json"], text=True, capture_output=True, check=True)
    return json.loads(done.stdout)["faults"]


def load_tests(loader, _, __):
    """A check for every fault that the binary lists."""
    for fault in faults():
        def test(self, fault=fault):
            self.check(fault)
        test.__doc__ = f"{fault['name']}: {fault['cause']} is named first, and its fix as printed makes doctor healthy"
        setattr(EveryFault, "test_" + fault["name"].replace("-", "_"), test)
    return loader.loadTestsFromTestCase(EveryFault)
