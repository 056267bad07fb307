"""The texts of the licences of what is shipped, each once, with the names of those that bring it."""

import re

FILES = re.compile(r"(?i)^(licen[cs]e|copying|copyright|notice|unlicense|patents|authors)([-._].*)?$")


def write(components):
    texts = {}
    without = []
    for one in components:
        if not one.shipped:
            continue
        found = {text for file in sorted(one.folder.iterdir()) if FILES.match(file.name) for text in read(file)}
        for text in found:
            texts.setdefault(text, []).append(f"{one.name} {one.version}")
        if not found:
            without.append(f"{one.name} {one.version}: {one.licence}")
    out = ["Countersign contains the following works of others, under the licences below each list.\n"]
    for text, names in sorted(texts.items(), key=lambda item: (sorted(item[1]), item[0])):
        out.append(f"{'=' * 78}\n{chr(10).join(sorted(names))}\n{'-' * 78}\n{text}\n")
    if without:
        told = "\n".join(sorted(without))
        out.append(f"{'=' * 78}\nThese come without a file of their licence, which their manifests name:\n{told}\n")
    return "\n".join(out)


def read(file):
    """A folder of licences holds several."""
    if file.is_dir():
        return [text for inner in sorted(file.iterdir()) if inner.is_file() for text in read(inner)]
    text = file.read_text(errors="replace").replace("\r\n", "\n").strip()
    return [text] if text else []
