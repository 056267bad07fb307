"""A bill of materials in CycloneDX 1.6 (ECMA-424)."""

import datetime
import hashlib
import json
import uuid


def write(name, version, epoch, *parts):
    root = f"pkg:generic/{name}@{version}"
    components = [entry(one) for part in parts for one in part.components]
    known = {one["bom-ref"] for one in components}
    dependencies = [{"ref": root, "dependsOn": sorted({purl for part in parts for purl in part.roots})}]
    dependencies += [
        {"ref": one.purl, "dependsOn": [purl for purl in one.needs if purl in known]}
        for part in parts
        for one in part.components
    ]
    bill = {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(epoch, datetime.UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "tools": {"components": [{"type": "application", "name": "tools/bill", "version": version}]},
            "component": {
                "type": "application",
                "bom-ref": root,
                "name": name,
                "version": version,
                "purl": root,
                "licenses": [{"expression": "Apache-2.0"}],
            },
        },
        "components": components,
        "dependencies": dependencies,
    }
    # The same bill has the same number.
    told = hashlib.sha256(json.dumps(bill, sort_keys=True).encode()).hexdigest()
    return {**bill, "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, told)}"}


def entry(one):
    """What only helped to build is `excluded`, in the standard's words: it is needed for building and is not in the product."""
    made = {
        "type": "library",
        "bom-ref": one.purl,
        "name": one.name,
        "version": one.version,
        "purl": one.purl,
        "scope": "required" if one.shipped else "excluded",
    }
    if one.licence:
        made["licenses"] = [{"expression": one.licence}]
    if one.hash:
        made["hashes"] = [{"alg": one.hash[0], "content": one.hash[1]}]
    return made
