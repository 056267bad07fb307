"""The crates of other people that a binary is made of, from `cargo metadata` and Cargo.lock."""

import pathlib
import tomllib

from .part import Component, Parts


class Unfit(Exception):
    """Metadata and lock file do not fit each other."""


def read(metadata, lock, crate):
    """The crates below `crate`: shipped ones along normal dependencies; those of build scripts and macros only help to build."""
    packages = {package["id"]: package for package in metadata["packages"]}
    edges = {node["id"]: node["deps"] for node in metadata["resolve"]["nodes"]}
    ours = set(metadata["workspace_members"])
    start = next((key for key, package in packages.items() if key in ours and package["name"] == crate), None)
    if start is None:
        raise Unfit(f"the metadata have no crate {crate} in the workspace")
    shipped = reach(packages, edges, {start}, shipping=True)
    reached = reach(packages, edges, {start}, shipping=False)
    sums = checksums(lock)
    components = [
        component(packages[key], sums, key in shipped, needs(packages, edges, key)) for key in reached if key not in ours
    ]
    roots = {need for key in reached & ours for need in needs(packages, edges, key, ours)}
    return Parts(sorted(components, key=lambda one: one.purl), tuple(sorted(roots)))


def is_macro(package):
    return any("proc-macro" in target["kind"] for target in package["targets"])


def reach(packages, edges, reached, shipping):
    waiting = list(reached)
    reached = set(reached)
    while waiting:
        for dep in edges[waiting.pop()]:
            kinds = {kind["kind"] for kind in dep["dep_kinds"]}
            goes = None in kinds and not is_macro(packages[dep["pkg"]]) if shipping else kinds & {None, "build"}
            if goes and dep["pkg"] not in reached:
                reached.add(dep["pkg"])
                waiting.append(dep["pkg"])
    return reached


def needs(packages, edges, key, without=frozenset()):
    found = {
        dep["pkg"]
        for dep in edges[key]
        if dep["pkg"] not in without and {kind["kind"] for kind in dep["dep_kinds"]} & {None, "build"}
    }
    return tuple(sorted(purl(packages[other]) for other in found))


def purl(package):
    return f"pkg:cargo/{package['name']}@{package['version'].replace('+', '%2B')}"


def checksums(lock):
    found = tomllib.loads(lock)["package"]
    return {(package["name"], package["version"]): package.get("checksum") for package in found}


def component(package, sums, shipped, needs):
    name, version = package["name"], package["version"]
    checksum = sums.get((name, version))
    if checksum is None:
        raise Unfit(f"Cargo.lock has no checksum of {name} {version}, which the metadata name")
    # Older crates write "MIT/Apache-2.0"; some name a file alone.
    licence = (package["license"] or "").replace("/", " OR ")
    folder = pathlib.Path(package["manifest_path"]).parent
    return Component(purl(package), name, version, licence, ("SHA-256", checksum), shipped, folder, needs)
