"""Tests of the bill of materials."""

import json
import pathlib
import tempfile
import unittest

from bill_of_materials import bom, crates, notices, page


def package(name, version="1.0.0", licence="MIT", kind="lib", folder="/nowhere"):
    return {
        "id": name,
        "name": name,
        "version": version,
        "license": licence,
        "manifest_path": f"{folder}/Cargo.toml",
        "targets": [{"kind": [kind]}],
    }


def node(name, **deps):
    return {"id": name, "deps": [{"pkg": dep, "dep_kinds": [{"kind": kind}]} for dep, kind in deps.items()]}


LOCK = "".join(
    f'[[package]]\nname = "{name}"\nversion = "1.0.0"\nchecksum = "{name}sum"\n'
    for name in ("used", "below", "macro", "of_macro", "builds", "tests", "beside")
)


class Crates(unittest.TestCase):
    def metadata(self):
        return {
            "packages": [
                package("cli"), package("room"), package("bench"), package("used", licence="MIT/Apache-2.0"), package("below"),
                package("macro", kind="proc-macro"), package("of_macro"), package("builds"), package("tests"), package("beside"),
            ],
            "workspace_members": ["cli", "room", "bench"],
            "resolve": {
                "nodes": [
                    node("cli", room=None, tests="dev"), node("room", used=None, macro=None), node("bench", beside=None),
                    node("used", below=None, builds="build"), node("macro", of_macro=None), node("below"), node("of_macro"),
                    node("builds"), node("tests"), node("beside"),
                ]
            },
        }  # fmt: skip

    def test_what_is_in_the_binary_is_told_from_what_builds_it_and_from_what_is_beside_it(self):
        parts = crates.read(self.metadata(), LOCK, "cli")
        found = {one.name: one.shipped for one in parts.components}
        self.assertEqual(found, {"used": True, "below": True, "macro": False, "of_macro": False, "builds": False})
        self.assertEqual(parts.roots, ("pkg:cargo/macro@1.0.0", "pkg:cargo/used@1.0.0"))
        used = next(one for one in parts.components if one.name == "used")
        self.assertEqual(used.licence, "MIT OR Apache-2.0")
        self.assertEqual(used.hash, ("SHA-256", "usedsum"))
        self.assertEqual(used.needs, ("pkg:cargo/below@1.0.0", "pkg:cargo/builds@1.0.0"))

    def test_a_lock_file_of_something_else_is_refused(self):
        with self.assertRaisesRegex(crates.Unfit, "no checksum of below"):
            crates.read(self.metadata(), LOCK.replace("below", "other"), "cli")
        with self.assertRaisesRegex(crates.Unfit, "no crate nothing"):
            crates.read(self.metadata(), LOCK, "nothing")


class Page(unittest.TestCase):
    def web(self, code):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        web = pathlib.Path(folder.name)
        (web / "src").mkdir()
        (web / "src/main.ts").write_text(code)
        lock = {
            "": {"name": "web"},
            "node_modules/@a/shown": {"version": "1.0.0", "license": "MIT", "integrity": "sha512-AAEC", "dependencies": {"deep": "1"}},
            "node_modules/@a/shown/node_modules/deep": {"version": "1.2.0"},
            "node_modules/deep": {"version": "2.0.0"},
            "node_modules/builds": {"version": "3.0.0"},
        }
        (web / "package-lock.json").write_text(json.dumps({"packages": lock}))
        return web

    def test_what_is_imported_is_shipped_with_what_it_needs_where_node_finds_it(self):
        parts = page.read(self.web('import x from "@a/shown/inner";\nimport y from "./deep";\nimport type z from "node:fs";\n'))
        found = {one.purl: one.shipped for one in parts.components}
        self.assertEqual(
            found,
            {
                "pkg:npm/%40a/shown@1.0.0": True,
                "pkg:npm/deep@1.2.0": True,
                "pkg:npm/deep@2.0.0": False,
                "pkg:npm/builds@3.0.0": False,
            },
        )
        self.assertEqual(parts.components[0].hash, ("SHA-512", "000102"))

    def test_an_import_that_is_not_locked_is_refused(self):
        with self.assertRaisesRegex(page.Unfit, "imports missing"):
            page.read(self.web('const m = await import("missing");'))


class Written(unittest.TestCase):
    def test_the_same_parts_make_the_same_bill_and_another_time_another_number(self):
        parts = crates.read(Crates().metadata(), LOCK, "cli")
        one, same, other = (bom.write("x", "1.0.0", epoch, parts) for epoch in (7, 7, 8))
        self.assertEqual(one, same)
        self.assertNotEqual(one["serialNumber"], other["serialNumber"])
        self.assertEqual(one["metadata"]["timestamp"], "1970-01-01T00:00:07Z")

    def test_each_text_stands_once_and_who_brings_none_is_named(self):
        with tempfile.TemporaryDirectory() as folder:
            names = {"one": "LICENSE-MIT", "two": "licence.txt", "three": "README"}
            for name, file in names.items():
                (pathlib.Path(folder) / name).mkdir()
                (pathlib.Path(folder) / name / file).write_text("Permission is granted\r\n")
            packages = [package("cli")] + [package(name, folder=f"{folder}/{name}") for name in names]
            nodes = [node("cli", one=None, two=None, three=None)] + [node(name) for name in names]
            lock = "".join(f'[[package]]\nname = "{name}"\nversion = "1.0.0"\nchecksum = "x"\n' for name in names)
            metadata = {"packages": packages, "workspace_members": ["cli"], "resolve": {"nodes": nodes}}
            text = notices.write(crates.read(metadata, lock, "cli").components)
        self.assertEqual(text.count("Permission is granted"), 1)
        self.assertIn("one 1.0.0\ntwo 1.0.0\n---", text)
        self.assertIn("which their manifests name:\nthree 1.0.0: MIT", text)


if __name__ == "__main__":
    unittest.main()
