"""What schemathesis does beside what the description says.

Of the requests that ought to be taken, every second one gets ids and a body that name what is there: made up ones never get past
"not found". And nobody takes away by what they come in, or all answers after it would be "sign in".
"""

import atexit
import collections
import itertools
import json
import os
import threading

import schemathesis
from schemathesis.generation import GenerationMode

from api import SEED, Api

with open(os.environ["API_CHECK_SCENE"], encoding="utf-8") as file:
    SCENE = json.load(file)
ROOT = Api(SCENE["url"], SCENE["root"])
MINE = Api(SCENE["url"], SCENE["callers"][os.environ["API_CHECK_CALLER"]])
NOBODY = "01938d1c-7a31-7000-8000-000000000000"
LOCK = threading.Lock()
TURN = collections.defaultdict(itertools.count)
ANSWERS = collections.defaultdict(collections.Counter)

# Where ids are listed, by what stands before them in a path, or by their own name where that says more.
LISTS = {
    "api-tokens": "/api-tokens",
    "changes": "/changes?limit=200",
    "consoles": "/credentials?search=Console&limit=200",
    "credentials": "/credentials?limit=200",
    "grants": "/grants?limit=200",
    "groups": "/groups",
    "inner": "/groups",
    "person": "/users",
    "sinks": "/audit/sinks",
    "views": "/audit/views",
    "requests": "/requests?scope=all&limit=200",
    "service-accounts": "/service-accounts",
    "sessions": "/sessions?limit=200",
    "user": "/users",
    "users": "/users",
}
PROVIDER = {
    "name": "Example",
    "issuer": "https://127.0.0.1:1",
    "client_id": "countersign",
    "address": "https://vault.example.org",
}
SINK = {"kind": "webhook", "address": "https://127.0.0.1:1/x", "paused": True}
IMPORT = {"files": [{"name": "codes.txt", "data": "b3RwYXV0aDovL3RvdHAvU2hvcDphbGljZT9zZWNyZXQ9R0VaREdOQlZHWTNUUU9KUQ=="}]}


def ids(kind):
    """The ids of what there is of a kind, but for whom and what the check itself needs."""
    api = MINE if kind in ("api-tokens", "views") else ROOT
    return [item["id"] for item in api.items(LISTS[kind]) if item["id"] not in SCENE["keep"]]


def real(path, name, turn):
    """An id of something that is there, for a parameter of a path."""
    if path.startswith("/api/v1/me/"):
        return NOBODY
    before = path.split("/" + "{" + name + "}")[0].rsplit("/", 1)[-1]
    kind = "consoles" if "/check-out" in path else name if name in LISTS else before
    found = ids(kind) if kind in LISTS else []
    # The second of two is another one.
    turn += name == "inner"
    return found[turn % len(found)] if found else NOBODY


def inner_of(group):
    """A group in that one."""
    answer = ROOT.session.get(f"{ROOT.url}/api/v1/groups/{group}", timeout=30)
    inner = answer.json()["groups"] if answer.ok else []
    return inner[0]["id"] if inner else NOBODY


def secret_of(account):
    """A secret of a service account."""
    answer = ROOT.session.get(f"{ROOT.url}/api/v1/service-accounts/{account}", timeout=30)
    secrets = answer.json()["secrets"] if answer.ok else []
    return secrets[0]["id"] if secrets else NOBODY


def identity_of(account):
    """A federated identity of a service account."""
    answer = ROOT.session.get(f"{ROOT.url}/api/v1/service-accounts/{account}", timeout=30)
    identities = answer.json()["federated_identities"] if answer.ok else []
    return identities[0]["id"] if identities else NOBODY


def client():
    """The form by which a service account asks for a token."""
    name = f"asks {next(TURN['client'])}"
    made = ROOT.session.post(f"{ROOT.url}/api/v1/service-accounts", json={"name": name}, timeout=30).json()
    return {"grant_type": "client_credentials", "client_id": made["id"], "client_secret": made["client_secret"]}


def take(credential):
    """Checks a credential out, so that there is something to extend; who may not is refused here as well."""
    MINE.session.post(f"{MINE.url}/api/v1/credentials/{credential}/check-out", json={}, timeout=30)


def reviewed(turn):
    """A grant as it was seen, which stays."""
    answer = ROOT.session.get(f"{ROOT.url}/api/v1/grants/reviews?show=all&limit=200", timeout=30)
    items = answer.json()["items"] if answer.ok else []
    if not items:
        return {"id": NOBODY, "keep": True}
    one = items[turn % len(items)]
    return {"id": one["grant"]["id"], "decided_at": one["decided_at"], "keep": True}


def retagged(turn):
    """A credential with its revision, as one looks before changing its tags."""
    found = real("/{credentials}", "credentials", turn)
    answer = ROOT.session.get(f"{ROOT.url}/api/v1/credentials/{found}", timeout=30)
    revision = answer.json()["revision"] if answer.ok else 1
    return {"credentials": [{"id": found, "revision": revision}], "add": [f"tag {turn}"], "preview": turn % 2 == 0}


# A public key on P-256, the curve's base point.
POINT = "BGsX0fLhLEJH+Lzm5WOkQPJ3A32BLeszoPShOUXYmMKWT+NC4v4af5uO5+tKfA+eFivOM1drMV7Oy7ZAaDe/UfU="


def body(operation, turn):
    """A body that names what is there; none where any will do."""
    user, group = (real("/{" + name + "}", name, turn) for name in ("user", "groups"))
    grant = {"user": user, "credential": real("/{credentials}", "credentials", turn), "permissions": {"token": True}}
    asked = {"credential": f"name:Shop {turn % 2}", "permissions": {"share": True}, "reason": "month-end"}
    return {
        "POST /api/v1/api-tokens": {"name": "another"},
        "POST /api/v1/credentials/tags": retagged(turn),
        "POST /api/v1/credentials/policies": {
            "credentials": [{"id": real("/{credentials}", "credentials", turn), "before": {}}],
            "policy": {"every_days": 30},
            "preview": turn % 2 == 0,
        },
        "POST /api/v1/credentials/grants": {
            "credentials": [real("/{credentials}", "credentials", turn)],
            "user": user,
            "permissions": {"token": True},
            "preview": turn % 2 == 0,
        },
        "POST /api/v1/credentials": {"name": f"New {turn}", "password": "its password", "totp": {"secret": SEED}},
        "PATCH /api/v1/credentials/{id}": {"notes": f"noted {turn}"},
        "PUT /api/v1/credentials/{id}/automation": {"heartbeat": True, "policy": {"every_days": 30}},
        "POST /api/v1/changes/{id}/settle": {"holds": "old"},
        "POST /api/v1/credentials/{id}/changes": {"kind": "heartbeat"},
        "PUT /api/v1/credentials/{id}/grants": {"items": [{"user_id": user, "token": True}]},
        "POST /api/v1/credentials/{id}/check-out": {"minutes": 30},
        "PATCH /api/v1/credentials/{id}/check-out": {"minutes": 60},
        "POST /api/v1/credentials/{id}/reveal": {"reason": "to see"},
        "POST /api/v1/credentials/{id}/transfer": {"recipient": POINT},
        "POST /api/v1/credentials/{id}/sessions": {"reason": "campaign"},
        "POST /api/v1/credentials/{id}/token": {"next": True},
        "POST /api/v1/grants": grant,
        "PUT /api/v1/grants/{id}": {**grant, "group": group, "user": None},
        "POST /api/v1/grants/preview": {"grant": grant},
        "POST /api/v1/grants/reviews": {"items": [reviewed(turn)]},
        "PUT /api/v1/grants/reviews/settings": {"days": 90},
        "POST /api/v1/groups": {"name": f"new {turn}"},
        "PATCH /api/v1/groups/{id}": {"name": f"renamed {turn}"},
        "POST /api/v1/import": IMPORT,
        "POST /api/v1/import/commit": IMPORT,
        "POST /api/v1/export": {"format": ("csv", "google")[turn % 2], "all": True, "recipient": POINT},
        "PUT /api/v1/export/approval": {"required": False},
        "PUT /api/v1/me/email": {"email": "someone@example.org"},
        "PATCH /api/v1/me/preferences": {"language": ("es", "browser")[turn % 2], "time_zone": "UTC"},
        "PUT /api/v1/notices/settings": {"tell_asker": True, "webhook": "https://127.0.0.1:1/x"},
        "POST /api/v1/me/provider": {"purpose": "connect"},
        "PUT /api/v1/provider": PROVIDER,
        "POST /api/v1/audit/bundle": {"act": "token.read"},
        "POST /api/v1/audit/sinks": {**SINK, "name": f"new {turn}"},
        "PUT /api/v1/audit/sinks/{id}": {**SINK, "name": f"changed {turn}"},
        "POST /api/v1/audit/sinks/{id}/rewind": {"from": 1},
        "POST /api/v1/audit/views": {"name": f"new {turn}", "filter": {"act": "token.read"}},
        "POST /api/v1/requests": asked,
        "POST /api/v1/requests/{id}/approve": {"minutes": 5},
        "POST /api/v1/provisioning/token": {"overlap_hours": 1},
        "PATCH /api/v1/provisioning": {"adopt": turn % 2 == 0},
        "POST /api/v1/seeds/check": {"text": SEED},
        "POST /api/v1/service-accounts": {"name": f"machine {turn}", "scope": "see token"},
        "PATCH /api/v1/service-accounts/{id}": {"description": f"number {turn}"},
        "POST /api/v1/service-accounts/{id}/rotate": {"overlap_hours": 0},
        "POST /api/v1/service-accounts/{id}/federated-identities": {
            "issuer": "https://127.0.0.1:1",
            "audience": "vault",
            "subject": f"repo:acme/{turn}:*",
        },
        "POST /api/v1/sessions/{id}/links": {"person": "the manager", "level": "view"},
        "POST /api/v1/users": {"name": f"new {turn}", "role": "member"},
        "PATCH /api/v1/users/{id}": {"disabled": turn % 4 == 0},
    }.get(operation)


def is_right(case):
    return case.meta is not None and case.meta.generation.mode == GenerationMode.POSITIVE


@schemathesis.hook
def before_call(context, case, kwargs):
    operation = case.operation.label
    with LOCK:
        turn = next(TURN[operation])
        if turn % 2 == 0 and is_right(case):
            for name in case.path_parameters or {}:
                case.path_parameters[name] = 0 if name == "seq" else real(case.operation.path, name, turn)
            if operation == "DELETE /api/v1/groups/{id}/groups/{inner}":
                case.path_parameters["inner"] = inner_of(case.path_parameters["id"])
            if operation == "DELETE /api/v1/service-accounts/{id}/secrets/{secret}":
                case.path_parameters["secret"] = secret_of(case.path_parameters["id"])
            if operation == "DELETE /api/v1/service-accounts/{id}/federated-identities/{identity}":
                case.path_parameters["identity"] = identity_of(case.path_parameters["id"])
            if operation == "POST /api/v1/oauth/token":
                case.body = client()
            if operation == "POST /api/v1/oauth/device_authorization":
                case.body = {"client_id": "countersign", "host": "laptop"}
            if operation == "PATCH /api/v1/credentials/{id}/check-out":
                take(case.path_parameters["id"])
            if operation == "GET /api/v1/audit/activity":
                case.query = {"credential": real("/{credentials}", "credentials", turn // 2)}
            sent = body(operation, turn // 2)
            if sent is not None:
                case.body = sent
        for name, value in (case.path_parameters or {}).items():
            if value in SCENE["keep"]:
                case.path_parameters[name] = NOBODY


@schemathesis.hook
def after_call(context, case, response):
    with LOCK:
        ANSWERS[case.operation.label][response.status_code] += 1


@atexit.register
def write_answers():
    with open("answers.json", "w", encoding="utf-8") as file:
        json.dump(ANSWERS, file)
