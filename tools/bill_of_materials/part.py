"""A crate or an npm package that something is made of."""

import dataclasses
import pathlib


@dataclasses.dataclass(frozen=True)
class Component:
    """`shipped`: it is in the binary or in the page; else it only helped to build them."""

    purl: str
    name: str
    version: str
    licence: str
    hash: tuple[str, str] | None
    shipped: bool
    folder: pathlib.Path
    needs: tuple[str, ...]


@dataclasses.dataclass(frozen=True)
class Parts:
    """`roots`: the purls of what our own code uses directly."""

    components: list[Component]
    roots: tuple[str, ...]
