"""Runs the interoperability checks: python3 interop/run.py <fcoidc binary> [check]...

A check is a module of this folder whose name starts with check_; named ones run
alone (moto, awscli, boto3, report, terraform). Prints one line a check and exits 1 if
one failed, or, where CI=true, if one could not run.
"""

import os
import pathlib
import sys
import time
import traceback
import unittest

import support


class Story(unittest.TestLoader):
    """Runs a class's checks in the order they are written: they build on each other."""

    def getTestCaseNames(self, case):
        return [name for name in vars(case) if name.startswith("test_")]


class Lines(unittest.TestResult):
    """Prints one line a check: how it went, which story, what it says, seconds."""

    def startTest(self, test):
        super().startTest(test)
        self.began = time.monotonic()

    def line(self, mark, test, detail=""):
        is_check = isinstance(test, unittest.TestCase)  # else it is a story that could not begin
        story, sentence = (type(test).__doc__, test.shortDescription()) if is_check else (test.id(), "it begins")
        seconds = time.monotonic() - getattr(self, "began", time.monotonic())
        print(f"{mark:7} {seconds:5.1f} s  {story}: {sentence}", flush=True)
        if detail:
            print("        " + detail.rstrip().replace("\n", "\n        "), flush=True)

    def addSuccess(self, test):
        self.line("ok", test)

    def addFailure(self, test, err):
        super().addFailure(test, err)
        self.line("FAILED", test, "".join(traceback.format_exception_only(*err[:2])))

    def addError(self, test, err):
        super().addError(test, err)
        self.line("FAILED", test, "".join(traceback.format_exception(*err)))

    def addSkip(self, test, reason):
        super().addSkip(test, reason)
        self.line("NOT RUN", test, reason)


def main():
    folder = pathlib.Path(__file__).parent
    known = sorted(path.stem.removeprefix("check_") for path in folder.glob("check_*.py"))
    wanted = sys.argv[2:] or known
    if len(sys.argv) < 2 or not set(wanted) <= set(known):
        sys.exit(f"usage: run.py <fcoidc binary> [{' | '.join(known)}]...")
    support.FCOIDC = os.path.abspath(sys.argv[1])

    result = Lines()
    Story().loadTestsFromNames([f"check_{name}" for name in wanted]).run(result)
    bad = len(result.failures) + len(result.errors)
    print(f"{result.testsRun} checks, {bad} failed, {len(result.skipped)} stories not run")
    sys.exit(bool(bad or (result.skipped and os.environ.get("CI") == "true")))


if __name__ == "__main__":
    main()
