"""What `tools/doc-links` finds, and what it lets through."""

import sys
import tempfile
import unittest
from importlib.machinery import SourceFileLoader
from importlib.util import module_from_spec, spec_from_loader
from pathlib import Path

# Nothing is to lie beside the tools afterwards.
sys.dont_write_bytecode = True
loader = SourceFileLoader("doc_links", str(Path(__file__).with_name("doc-links")))
doc_links = module_from_spec(spec_from_loader("doc_links", loader))
loader.exec_module(doc_links)


class Links(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.root = Path(folder.name)

    def write(self, name, text):
        path = self.root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")

    def test_markdown(self):
        self.write("docs/b.md", "# B\n\n## What's *in* `b`\n\n## Twice\n\n## Twice\n\n```sh\n# not a heading\n```\n")
        for link, wrong in [
            ("docs/b.md", None),
            ("docs/b.md#whats-in-b", None),
            ("docs/b.md#twice-1", None),
            ("#here", None),
            ("https://example.org/nothing", None),
            ("docs/c.md", "no such file"),
            ("docs/b.md#twice-2", "no such heading"),
            ("docs/b.md#not-a-heading", "no such heading"),
            ("#there", "no such heading"),
        ]:
            self.write("a.md", f"# Here\n\nsee [it]({link}), not `[code](nothing.md)`\n\n```md\n[x](nothing.md)\n```\n")
            found, count = doc_links.wrong_in_markdown(self.root, ["a.md"])
            self.assertEqual(count, 0 if link.startswith("https") else 1, link)
            self.assertEqual([wrong in line for line in found], [True] if wrong else [], (link, found))

    def test_a_link_around_code_is_one(self):
        self.write("a.md", "see [`docs/`](docs/nothing.md)\n")
        found, _ = doc_links.wrong_in_markdown(self.root, ["a.md"])
        self.assertEqual(found, ["a.md:1: docs/nothing.md: there is no such file"])

    def test_pages(self):
        self.write("b.html", '<h2 id="in-b">B</h2>')
        self.write("picture.png", "")
        self.write("404.html", '<a href="nowhere.html">')
        for tag, wrong in [
            ('<a href="b.html#in-b">', None),
            ('<a href="https://example.org/">', None),
            ('<img src="picture.png">', None),
            ('<img src="data:image/png;base64,">', None),
            ('<a href="c.html">', "no such file"),
            ('<a href="b.html#in-c">', "no such place"),
            ('<img src="nothing.png">', "no such file"),
            ('<script src="https://example.org/x.js"></script>', "elsewhere"),
            ('<link rel="stylesheet" href="//example.org/x.css">', "elsewhere"),
        ]:
            self.write("a.html", tag)
            found, _ = doc_links.wrong_in_pages(self.root)
            self.assertEqual([wrong in line for line in found], [True] if wrong else [], (tag, found))

    def test_styles(self):
        self.write("own.css", "@font-face { src: url('fonts/a.woff2') }")
        self.assertEqual(doc_links.wrong_in_pages(self.root)[0], [])
        self.write("other.css", "@import 'https://example.org/a.css'; x { background: url(//example.org/b.png) }")
        self.assertEqual(len(doc_links.wrong_in_pages(self.root)[0]), 2)


if __name__ == "__main__":
    result = unittest.TestResult()
    unittest.defaultTestLoader.loadTestsFromTestCase(Links).run(result)
    for _, said in [*result.errors, *result.failures]:
        print(said, file=sys.stderr)
    sys.exit(0 if result.testsRun > 3 and result.wasSuccessful() else 1)
