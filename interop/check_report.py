import os
import pathlib

import browser
import support
from support import ORG_ID, Workspace

PHONE, DESKTOP = (390, 844), (1440, 900)
SIZES = (PHONE, DESKTOP)
SCHEMES = ("light", "dark")

# The contrast that WCAG 2.2 AA asks of text of any size.
CONTRAST = 4.5

OPEN_ALL = "for (const d of document.querySelectorAll('details')) d.open = true;"

# Texts with less contrast to what lies behind them than is asked for (WCAG 2.2, relative luminance).
WEAK_TEXTS = OPEN_ALL + """
const parse = color => color.match(/[\\d.]+/g).map(Number);
const luminance = color => {
  const [r, g, b] = parse(color).slice(0, 3).map(v => v / 255).map(v => v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4);
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const behind = e => {
  for (; e; e = e.parentElement) {
    const color = getComputedStyle(e).backgroundColor, alpha = parse(color)[3] ?? 1;
    if (alpha > 0) return color;
  }
  return matchMedia('(prefers-color-scheme: dark)').matches ? 'rgb(0,0,0)' : 'rgb(255,255,255)';
};
const weak = [], walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
let seen = 0;
while (walker.nextNode()) {
  const e = walker.currentNode.parentElement, text = walker.currentNode.data.trim();
  if (!text || !e.getClientRects().length || e.closest('.sr, .skip')) continue;
  const [a, b] = [luminance(getComputedStyle(e).color), luminance(behind(e))].sort((x, y) => y - x);
  const contrast = (a + 0.05) / (b + 0.05);
  seen++;
  if (contrast < arguments[0]) weak.push(`${contrast.toFixed(2)} ${e.tagName}.${e.className}: ${text.slice(0, 40)}`);
}
return [seen, weak];
"""


class Report(Workspace):
    """fcoidc's HTML report in Chromium"""

    ACCOUNTS = 8  # enough for the table with an account a row

    @classmethod
    def setUpClass(cls):
        browser.require()
        super().setUpClass()
        cls.browser = browser.Browser(cls.folder)
        cls.addClassCleanup(cls.browser.end)
        cls.run_report, cls.look_report = cls.folder / "run.html", cls.folder / "look.html"
        cls.pages = (cls.run_report, cls.look_report)

    def picture(self, name):
        """Keeps a screenshot for people, in the folder that SCREENSHOTS names."""
        if folder := os.environ.get("SCREENSHOTS"):
            pathlib.Path(folder).mkdir(parents=True, exist_ok=True)
            self.browser.screenshot(pathlib.Path(folder) / f"{name}.png")

    def everywhere(self):
        """Each page at each size in each scheme, with a name for it."""
        for page in self.pages:
            for size in SIZES:
                for scheme in SCHEMES:
                    self.browser.show(page, *size, scheme)
                    yield f"{page.stem}-{size[0]}-{scheme}"

    def test_bootstrap(self):
        """bootstrap --report writes a page with a bar for every account"""
        self.run_command(
            support.FCOIDC, "bootstrap", "--sandbox", "--sandbox-accounts", self.ACCOUNTS, "--org-id", ORG_ID,
            "--allowed-regions", "us-east-1,eu-west-1", "--yes", "--report", self.run_report,
        )
        self.browser.show(self.run_report, *DESKTOP)
        bars = self.browser.run("return [...document.querySelectorAll('svg')].map(s => s.querySelectorAll('rect').length)")
        self.assertEqual(len(bars), self.ACCOUNTS)
        self.assertTrue(all(bars), bars)

    def test_doctor(self):
        """doctor --report writes a page that names each fault, with its fix"""
        accounts = [t["account"] for t in self.fcoidc("outputs", "--sandbox")["targets"]]
        faults = {accounts[1]: "org-id-case", accounts[2]: "trust-if-exists", accounts[3]: "provider-audience-missing"}
        for account, fault in faults.items():
            self.run_command(support.FCOIDC, "sandbox", "break", fault, "--account", account)
        self.run_command(
            support.FCOIDC, "doctor", "--sandbox", "--org-id", ORG_ID, "--regions", "us-east-1,eu-west-1,eu-central-1",
            "--since", "24h", "--report", self.look_report, exit_code=3,
        )
        self.browser.show(self.look_report, *DESKTOP)
        text = self.browser.run(OPEN_ALL + "return document.body.innerText")
        for expected in ("org_id_case_mismatch", "guard_if_exists", "aud_not_in_provider", "region_not_allowed", *faults):
            self.assertIn(expected, text)
        self.assertGreater(self.browser.run("return document.querySelectorAll('article pre.paste').length"), 3)

    def test_nothing_is_loaded(self):
        """the pages load nothing, run no script, and the browser complains of nothing"""
        self.browser.log()
        for page in self.pages:
            self.browser.show(page, *DESKTOP)
            self.assertEqual(self.browser.run("return performance.getEntriesByType('resource').length"), 0)
            self.assertEqual(self.browser.run("return document.scripts.length"), 0)
        self.assertEqual(self.browser.log(), [])

    def test_policy(self):
        """a script that got into the page would not run"""
        self.browser.show(self.look_report, *DESKTOP)
        ran = self.browser.run(
            "const s = document.createElement('script'); s.textContent = 'window.ran = true'; document.body.append(s); return window.ran"
        )
        self.assertIsNone(ran)
        self.assertIn("Content Security Policy", " ".join(self.browser.log()))

    def test_widths(self):
        """on a phone and on a desktop, light and dark, nothing runs over the edge"""
        for name in self.everywhere():
            over = self.browser.run(OPEN_ALL + "return document.documentElement.scrollWidth - innerWidth")
            self.assertLessEqual(over, 0, name)
            self.browser.run("for (const d of document.querySelectorAll('details')) d.open = false; scrollTo(0, 0)")
            self.picture(name)
            for part in self.browser.run("return [...document.querySelectorAll('section')].map(s => s.id)"):
                self.browser.run("document.getElementById(arguments[0]).scrollIntoView()", part)
                self.picture(f"{name}-{part}")

    def test_contrast(self):
        """every text stands out, light and dark"""
        for name in self.everywhere():
            seen, weak = self.browser.run(WEAK_TEXTS, CONTRAST)
            self.assertGreater(seen, 100, name)
            self.assertEqual(weak, [], name)

    def test_print(self):
        """on paper everything that was folded is open, on a white ground in a dark scheme too"""
        for page in self.pages:
            self.browser.show(page, 718, 1000, "dark", "print")
            folded = "return [...document.querySelectorAll('details > :not(summary)')].filter(e => !e.checkVisibility()).map(e => e.outerHTML.slice(0, 80))"
            self.assertEqual(self.browser.run(folded), [])
            self.assertEqual(self.browser.run("return getComputedStyle(document.body).backgroundColor"), "rgb(255, 255, 255)")
            self.assertLessEqual(self.browser.run("return document.documentElement.scrollWidth - innerWidth"), 0)
            self.picture(f"{page.stem}-print")
            self.assertTrue(self.browser.pdf().startswith(b"%PDF"))

    def test_filter(self):
        """the table is narrowed to the accounts with failures, without a script"""
        self.browser.show(self.look_report, *DESKTOP)
        rows = "return [...document.querySelectorAll('.matrix tbody tr')].filter(r => r.checkVisibility()).length"
        self.assertEqual(self.browser.run(rows), self.ACCOUNTS)
        self.browser.run("document.querySelector('label[for=show-bad]').click()")
        failing = self.browser.run("return document.querySelectorAll('.matrix tbody tr.bad').length")
        self.assertTrue(0 < failing)
        self.assertEqual(self.browser.run(rows), failing)

    def test_links(self):
        """a mark in the table leads to its finding, and that is seen"""
        self.browser.show(self.look_report, *PHONE)
        self.browser.run("document.querySelector('.matrix td.bad a').click()")
        self.assertTrue(self.browser.run("return document.querySelector(':target').getBoundingClientRect().top < innerHeight"))

    def test_reader(self):
        """a screen reader finds landmarks, one first heading, and a name on all that can be used"""
        for page in self.pages:
            self.browser.show(page, *DESKTOP)
            tree = self.browser.devtools("Accessibility.getFullAXTree")["nodes"]
            nodes = [(node["role"]["value"], node.get("name", {}).get("value", "")) for node in tree if not node["ignored"]]
            roles = [role for role, _ in nodes]
            for landmark in ("banner", "navigation", "main", "contentinfo"):
                self.assertEqual(roles.count(landmark), 1, landmark)
            nameless = [role for role, name in nodes if role in ("link", "radio", "region", "heading") and not name.strip()]
            self.assertEqual(nameless, [])
            self.assertEqual(self.browser.run("return document.querySelectorAll('h1').length"), 1)
