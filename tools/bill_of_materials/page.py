"""The npm packages that the web app is made of, from its lock file: those that its code imports, with what these need, are shipped;
the others only build it."""

import base64
import json
import re
import urllib.parse

from .part import Component, Parts

IMPORT = re.compile(r"""(?:\bfrom|\bimport)\s*\(?\s*["']((?:@[\w.-]+/)?[\w-][\w.-]*)(?:/[^"']*)?["']""")


class Unfit(Exception):
    """The lock file does not have what is imported."""


def read(web):
    packages = json.loads((web / "package-lock.json").read_text())["packages"]
    imported = {name for file in sources(web / "src") for name in IMPORT.findall(file.read_text())}
    imported = sorted(name for name in imported if not name.startswith("node:"))
    for name in imported:
        if f"node_modules/{name}" not in packages:
            raise Unfit(f"web/src imports {name}, which web/package-lock.json does not have")
    shipped = set()
    waiting = [f"node_modules/{name}" for name in imported]
    while waiting:
        path = waiting.pop()
        if path not in shipped:
            shipped.add(path)
            waiting.extend(needed(packages, path))
    components = {}
    for path in sorted(packages, key=lambda path: path in shipped):
        # The same version may lie in two places, once of them shipped.
        if path:
            one = component(packages, path, path in shipped, web)
            components[one.purl] = one
    roots = tuple(purl(packages, f"node_modules/{name}") for name in imported)
    return Parts(sorted(components.values(), key=lambda one: one.purl), roots)


def sources(folder):
    return [file for file in sorted(folder.rglob("*")) if file.suffix in {".ts", ".svelte"} and not file.name.endswith(".d.ts")]


def needed(packages, path):
    """Where Node finds what a package needs: in it, or in a folder around it. Optional packages of other systems are not there."""
    found = []
    for name in packages[path].get("dependencies", {}):
        around = path
        while True:
            tried = f"{around}/node_modules/{name}" if around else f"node_modules/{name}"
            if tried in packages:
                found.append(tried)
                break
            if not around:
                raise Unfit(f"{path} needs {name}, which web/package-lock.json does not have")
            around = around.rpartition("/node_modules/")[0] if "/node_modules/" in around else ""
    return found


def name_of(packages, path):
    return packages[path].get("name") or path.split("node_modules/")[-1]


def purl(packages, path):
    return f"pkg:npm/{urllib.parse.quote(name_of(packages, path), safe='/')}@{packages[path]['version']}"


def component(packages, path, shipped, web):
    package = packages[path]
    kind, _, text = package.get("integrity", "").partition("-")
    digest = ("SHA-512", base64.b64decode(text).hex()) if kind == "sha512" else None
    needs = tuple(sorted({purl(packages, other) for other in needed(packages, path)}))
    licence = package.get("license", "")
    return Component(
        purl(packages, path), name_of(packages, path), package["version"], licence, digest, shipped, web / path, needs
    )
