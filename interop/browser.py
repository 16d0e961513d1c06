"""Headless Chromium, driven by the WebDriver protocol: no more is needed than Debian's two packages."""

import base64
import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import urllib.error
import urllib.request

from support import PATIENCE, free_port, stop, wait_until_served

CHROMIUM = ("chromium", "chromium-browser", "google-chrome")
PACKAGES = ("chromium", "chromium-driver", "fonts-dejavu-core")

# What keeps Chromium from looking for anything beyond the page.
OPTIONS = (
    "--headless=new", "--disable-gpu", "--hide-scrollbars", "--no-first-run", "--disable-sync",
    "--disable-background-networking", "--disable-component-update", "--disable-quic",
)


def chromium():
    return next(filter(None, map(shutil.which, CHROMIUM)), None)


def there():
    return bool(chromium() and shutil.which("chromedriver"))


def require():
    """Sees that Chromium is there: root installs it from Debian, others are told how."""
    if not there() and os.geteuid() == 0 and shutil.which("apt-get"):
        print(f"installing {' '.join(PACKAGES)} with apt-get", file=sys.stderr, flush=True)
        for arguments in (["update"], ["install", "-y", "--no-install-recommends", *PACKAGES]):
            subprocess.run(["apt-get", "-qq", *arguments], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL)
    if not there():
        raise unittest.SkipTest(f"there is no Chromium with its chromedriver on PATH: apt-get install {' '.join(PACKAGES)}")


class Browser:
    """One window of a Chromium that ends with its story."""

    def __init__(self, folder):
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        with open(folder / "chromedriver.log", "w") as log:
            self.driver = subprocess.Popen(
                ["chromedriver", f"--port={port}"], stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=folder
            )
        wait_until_served(self.url + "/status")
        arguments = [*OPTIONS, f"--user-data-dir={folder / 'chromium'}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")  # Chromium refuses to run as root with it
        wanted = {
            "goog:chromeOptions": {"binary": chromium(), "args": arguments},
            "goog:loggingPrefs": {"browser": "ALL"},
        }
        session = self.call("POST", "/session", capabilities={"alwaysMatch": wanted})
        self.session = "/session/" + session["sessionId"]

    def call(self, method, path, **body):
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self.url + path, data, {"Content-Type": "application/json"}, method=method)
        try:
            with urllib.request.urlopen(request, timeout=PATIENCE) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise RuntimeError(json.load(error)["value"]["message"]) from None

    def devtools(self, command, **parameters):
        return self.call("POST", self.session + "/goog/cdp/execute", cmd=command, params=parameters)

    def show(self, page, width, height, scheme="light", media="screen"):
        """Loads a file at a size, in a colour scheme, as on a screen or as on paper."""
        self.devtools("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=False)
        features = [{"name": "prefers-color-scheme", "value": scheme}]
        self.devtools("Emulation.setEmulatedMedia", media=media, features=features)
        self.call("POST", self.session + "/url", url=pathlib.Path(page).resolve(strict=True).as_uri())

    def run(self, script, *arguments):
        """Runs the body of a function in the page and returns what it returns."""
        return self.call("POST", self.session + "/execute/sync", script=script, args=list(arguments))

    def log(self):
        """What the console has said since it was last asked, violations of the page's policy included."""
        return [entry["message"] for entry in self.call("POST", self.session + "/se/log", type="browser")]

    def screenshot(self, path):
        picture = self.devtools("Page.captureScreenshot", format="png", captureBeyondViewport=False)
        path.write_bytes(base64.b64decode(picture["data"]))

    def pdf(self):
        return base64.b64decode(self.call("POST", self.session + "/print", background=True))

    def end(self):
        try:
            self.call("DELETE", self.session)
        finally:
            stop(self.driver)
