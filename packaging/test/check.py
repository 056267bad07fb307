"""Looks whether what is packaged is right without an engine that would run it: `check.py`, called by tools/packaging-check, which
installs what this imports. Each check is a function; what is wrong is said with its file, and all are run."""

import json
import pathlib
import re
import sys
import tomllib

import compose_spec
import helm_python as helm
import kubernetes_validate
import yaml
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
PACKAGING = ROOT / "packaging"
CHART = PACKAGING / "helm/countersign"
KUBERNETES = ("1.25.0", "1.31.0", "1.37.0")
# The least that a chart takes, and everything that it can be given.
LEAST = {"address": "https://vault.example.com", "database": {"secret": "database"}, "vaultKey": {"secret": "key"}}
MOST = {
    **LEAST,
    "imagePullSecrets": [{"name": "pull"}],
    "recordings": {"place": "s3://recordings/countersign", "endpoint": "https://s3.example.com", "secret": "store"},
    "backups": {"place": "s3://backups/countersign", "endpoint": "https://s3.example.com", "every": "6h"},
    "ingress": {"enabled": True, "className": "nginx", "host": "vault.example.com", "tlsSecret": "tls", "annotations": {"a": "b"}},
    "serviceAccount": {"annotations": {"a": "b"}},
    "podAnnotations": {"a": "b"},
    "nodeSelector": {"a": "b"},
    "tolerations": [{"key": "a", "operator": "Exists"}],
    "affinity": {"nodeAffinity": {}},
    "settings": 'trusted_proxies = ["10.0.0.0/8"]\n[notices]\nsender = "vault@example.com"\n',
}
# What values.schema.json has to refuse.
REFUSED = {
    "nothing at all": {},
    "no key": {**LEAST, "vaultKey": {"secret": ""}},
    "plain HTTP": {**LEAST, "address": "http://vault.example.com"},
    "a path": {**LEAST, "address": "https://example.com/vault"},
    "a setting that is none": {**LEAST, "replicas": 3},
    "no server": {**LEAST, "server": {"replicas": 0}},
    "a bucket without its secret": {**LEAST, "recordings": {"place": "s3://recordings"}},
    "backups in a bucket without its secret": {**LEAST, "backups": {"place": "s3://backups"}},
    "backups in a folder of a pod": {**LEAST, "backups": {"place": "/var/backups", "secret": "store"}},
    "an ingress without TLS": {**LEAST, "ingress": {"enabled": True, "host": "vault.example.com"}},
    "33 changes at once": {**LEAST, "worker": {"atOnce": 33}},
}


def compose():
    """compose.yaml has the shape that the standard has, and what it mounts is there."""
    path = PACKAGING / "container/compose.yaml"
    # As an engine does: merged, and with its variables.
    text = re.sub(r"(?<!\$)\$\{\w+(:-([^}]*)|:\?[^}]*)?\}", lambda found: found[2] or "value", path.read_text()).replace("$$", "$")
    whole = yaml.safe_load(text)
    whole = {key: value for key, value in whole.items() if not key.startswith("x-")}
    compose_spec.PyCompose.from_yaml(yaml.safe_dump(whole)).to_spec()
    for name, service in whole["services"].items():
        for volume in service.get("volumes", []):
            source = volume.split(":")[0]
            there = (path.parent / source).exists() if source.startswith(".") else source in whole["volumes"]
            if not there:
                yield f"{path}: {name} mounts {source}, which is not there"
        unread = set(service.get("environment", {})) - read_by_program()
        if name in {"server-1", "server-2", "worker"} and unread:
            yield f"{path}: {name} is told {sorted(unread)}, which nothing reads"
        for other in service.get("depends_on", {}):
            if other not in whole["services"]:
                yield f"{path}: {name} waits for {other}, which is no service"
    subnet = whole["networks"]["front"]["ipam"]["config"][0]["subnet"]
    settings = tomllib.loads((path.parent / "config.toml").read_text())
    if settings["trusted_proxies"] != [subnet]:
        yield f"{path}: the proxy's network is {subnet}; config.toml trusts {settings['trusted_proxies']}"


def schema_of_values():
    """values.schema.json takes what is right and refuses the rest, in Helm itself."""
    with helm.Chart.load(str(CHART)) as chart:
        for values in (LEAST, MOST):
            chart.validate_schema(values)
        for what, values in REFUSED.items():
            try:
                chart.validate_schema(values)
            except helm.HelmError:
                continue
            yield f"{CHART}/values.schema.json takes values with {what}"


def rendered():
    """What Helm makes of the chart has the shape that Kubernetes asks for, and keeps to the restricted standard."""
    with helm.Chart.load(str(CHART)) as chart:
        for values in (LEAST, MOST):
            kinds = []
            for name, text in chart.render(values, name="vault", namespace="vault").items():
                if not name.endswith(".yaml"):
                    continue
                for document in filter(None, yaml.safe_load_all(text)):
                    kinds.append(document["kind"])
                    for version in KUBERNETES:
                        kubernetes_validate.validate(document, version, strict=True)
                    yield from restricted(name, document)
                    yield from told(name, document, values)
                    yield from settings_of(name, document)
            expected = ["ConfigMap", "Deployment", "Deployment", "Service", "ServiceAccount"]
            expected += ["Ingress"] if values is MOST else []
            if sorted(kinds) != sorted(expected):
                yield f"{CHART} makes {sorted(kinds)}"


def restricted(name, document):
    """The Pod Security Standard `restricted`, as far as it asks something of pods like these."""
    if document["kind"] != "Deployment":
        return
    pod = document["spec"]["template"]["spec"]
    for forbidden in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(forbidden):
            yield f"{name}: {forbidden} is set"
    if not pod["securityContext"].get("runAsNonRoot") or pod["securityContext"].get("runAsUser", 0) == 0:
        yield f"{name}: the pod may run as root"
    if pod["securityContext"].get("seccompProfile", {}).get("type") not in {"RuntimeDefault", "Localhost"}:
        yield f"{name}: the pod has no seccomp profile"
    for volume in pod["volumes"]:
        if not set(volume) - {"name"} <= {"configMap", "secret", "emptyDir"}:
            yield f"{name}: the volume {volume['name']} is of a kind that is not allowed"
    for container in pod["containers"]:
        context = container["securityContext"]
        if context.get("allowPrivilegeEscalation") is not False or context["capabilities"] != {"drop": ["ALL"]}:
            yield f"{name}: {container['name']} can get more rights than it has"
        if container["name"] == "server":
            probes = {container[kind]["httpGet"]["path"] for kind in ("livenessProbe", "readinessProbe")}
            if probes != {"/healthz", "/readyz"}:
                yield f"{name}: it is asked for {sorted(probes)}"


def read_by_program():
    """The variables that the command line reads, and those of the buckets' keys."""
    source = "".join(path.read_text() for path in (ROOT / "crates/cli/src").rglob("*.rs"))
    return set(re.findall(r'"(COUNTERSIGN_[A-Z_]+|AWS_[A-Z_]+)"', source))


def told(name, document, values):
    """Each variable of a pod is one that is read, stands once, and tells what the values say."""
    if document["kind"] != "Deployment":
        return
    variables = [one["name"] for one in document["spec"]["template"]["spec"]["containers"][0]["env"]]
    unread = set(variables) - read_by_program()
    if unread or len(set(variables)) != len(variables):
        yield f"{name}: the variables {variables} stand there twice, or {sorted(unread)} are read by nobody"
    for part, variable in (("recordings", "COUNTERSIGN_RECORDINGS"), ("backups", "COUNTERSIGN_BACKUPS")):
        if (variable in variables) != (part in values):
            yield f"{name}: {variable} is {'' if variable in variables else 'not '}set"
    if ("AWS_ACCESS_KEY_ID" in variables) != ("recordings" in values or "backups" in values):
        yield f"{name}: the keys of the buckets do not go with the buckets"


def one_pair_of_keys():
    """Backups without a bucket for recordings have their own secret; with one, no other than its."""
    alone = {**LEAST, "backups": {"place": "s3://backups", "secret": "store"}}
    with helm.Chart.load(str(CHART)) as chart:
        text = "".join(chart.render(alone, name="vault", namespace="vault").values())
        if text.count("name: AWS_ACCESS_KEY_ID") != 2 or "COUNTERSIGN_RECORDINGS" in text:
            yield f"{CHART}: backups alone are not told to server and worker"
        try:
            chart.render({**MOST, "backups": alone["backups"] | {"secret": "another"}}, name="vault", namespace="vault")
        except helm.HelmError:
            return
    yield f"{CHART} takes two pairs of keys, of which one can be told"


def settings_of(name, document):
    if document["kind"] == "ConfigMap":
        known = settings_known()
        unknown = set(tomllib.loads(document["data"]["config.toml"])) - known
        if unknown:
            yield f"{name}: the settings {sorted(unknown)} are none"


def lint():
    """Helm's own findings."""
    for finding in helm.lint(str(CHART), values=LEAST).get("messages", []):
        if finding["severity"] in {"WARNING", "ERROR"}:
            yield f"{CHART}: {finding['message']}"


def settings_known(struct="Config"):
    source = (ROOT / "crates/cli/src/settings/config.rs").read_text()
    body = re.search(rf"struct {struct} \{{(.*?)\n\}}", source, re.DOTALL)[1]
    return set(re.findall(r"^    pub\(crate\) (\w+):", body, re.MULTILINE))


def settings():
    """The shipped file says nothing, and what it has commented out is all that there is, but for what the unit says."""
    path = PACKAGING / "config.toml"
    text = path.read_text()
    if tomllib.loads(text):
        yield f"{path} sets something: everything in it has to be commented out"
    offered = tomllib.loads(re.sub(r"^# (\[?\w+(\]| = .*))$", r"\1", text, flags=re.MULTILINE))
    notices = set(offered.pop("notices", {}))
    for found, wanted in ((set(offered), settings_known() - {"data", "notices"}), (notices, settings_known("NoticesConfig") - {"address"})):
        if found != wanted:
            yield f"{path} lacks {sorted(wanted - found)} and has {sorted(found - wanted)}, which are no settings"


def folder_of_backups():
    """The folder that the settings propose is made by the package, can be written by the unit, and outlives a purge."""
    proposed = re.search(r'^# backups = "(.*)"$', (PACKAGING / "config.toml").read_text(), re.MULTILINE)[1]
    for path, line in (
        ("systemd/countersign.tmpfiles", f"d {proposed} 0700 countersign countersign -"),
        ("systemd/countersign.service", f"ReadWritePaths=-{proposed}"),
        ("debian/postrm", f"for folder in /var/lib/countersign {proposed}; do"),
        ("container/compose.yaml", f"    COUNTERSIGN_BACKUPS: {proposed}"),
    ):
        if line not in (PACKAGING / path).read_text().splitlines():
            yield f"{PACKAGING / path} lacks the line `{line}`"


def versions():
    """The chart's version is the workspace's."""
    workspace = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    chart = yaml.safe_load((CHART / "Chart.yaml").read_text())
    if {chart["version"], chart["appVersion"]} != {workspace}:
        yield f"{CHART}/Chart.yaml has {chart['version']} and {chart['appVersion']}; Cargo.toml has {workspace}"


def image():
    """The image has the user that pods run as, and every folder that cargo needs."""
    path = PACKAGING / "container/Containerfile"
    text = path.read_text()
    if "USER 10001:10001" not in text:
        yield f"{path}: the user is not the 10001 that the chart names"
    members = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["members"]
    for member in members:
        folder = member.split("/")[0]
        if f"COPY {folder}/ {folder}/" not in text:
            yield f"{path}: {folder}/ is a part of the workspace and is not copied"


def bill(path):
    """The bill of materials is CycloneDX, to the letter."""
    error = JsonStrictValidator(SchemaVersion.V1_6).validate_str(path.read_text())
    if error:
        yield f"{path}: {error}"
    if len(json.loads(path.read_text())["components"]) < 50:
        yield f"{path} has hardly a component in it"


def main():
    wrong = 0
    checks = [compose, schema_of_values, rendered, one_pair_of_keys, lint, settings, folder_of_backups, versions, image]
    for check in checks + [lambda path=path: bill(path) for path in map(pathlib.Path, sys.argv[1:])]:
        for found in check():
            wrong += 1
            print(found.replace(f"{ROOT}/", ""), file=sys.stderr)
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
