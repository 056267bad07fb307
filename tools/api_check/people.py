"""Fills a throw-away vault: people of each role with API tokens, and something of everything that the API knows.

people.py URL TOKEN > scene.json
"""

import base64
import hmac
import json
import struct
import sys
import time

import requests

from api import PASSWORD, SEED, Api

ROLES = ["administrator", "manager", "member", "auditor"]


def code(seed):
    """The token of a seed now (RFC 6238), as an authenticator shows it."""
    digest = hmac.digest(base64.b32decode(seed), struct.pack(">Q", int(time.time()) // 30), "sha1")
    number = struct.unpack_from(">I", digest, digest[-1] & 15)[0] & 0x7FFFFFFF
    return f"{number % 1_000_000:06}"


def enrol(root, role):
    """Somebody of that role who has signed in with a second factor: their id, and their browser."""
    name = f"the {role}"
    made = root.post("/users", {"name": name, "role": role})
    browser = Api(root.url, {})
    browser.post("/choose-password", {"link": made["setup_link"]["link"], "password": PASSWORD})
    browser.session.cookies.clear()
    browser.post("/sign-in", {"name": name, "password": PASSWORD})
    seed = browser.post("/me/second-factor", {})["secret"].replace(" ", "")
    browser.post("/me/second-factor/confirm", {"token": code(seed)})
    return made["id"], browser


def check_outs(root, member, manager):
    """What one has alone: one is had by somebody else than the member, so that there is a queue."""
    for number in range(4):
        root.post("/credentials", {"name": f"Console {number}", "password": "its password"})
        for user in ("the member", "the manager"):
            root.post("/grants", {
                "user": f"name:{user}",
                "credential": f"name:Console {number}",
                "permissions": {"token": True},
                "conditions": {"check_out": {"minutes": 60}},
            })
    manager.post("/credentials/name:Console 1/check-out", {"minutes": 60})
    member.post("/credentials/name:Console 2/check-out", {"minutes": 60})


def fill(root, member, approvers):
    """Credentials, groups, grants, and requests of the member."""
    for number in range(12):
        root.post("/credentials", {
            "name": f"Shop {number}",
            "username": "alice",
            "password": "its password",
            "site": {"url": f"https://shop-{number}.example/"},
            "totp": {"secret": SEED},
            "tags": ["shops", f"shop-{number}"],
        })
        root.post("/users", {"name": f"colleague {number}", "role": "member"})
        group = root.post("/groups", {"name": f"group {number}"})["id"]
        if number % 2 == 1:
            root.put(f"/groups/{outer}/groups/{group}")
        outer = group
    for number in range(6):
        permissions = {"token": True, "reveal": True, "session": "control", "change": True, "edit": True}
        root.post("/grants", {"user": "name:the member", "tag": f"shop-{number}", "permissions": permissions})
    leads = root.post("/groups", {"name": "Leads"})["id"]
    for person in approvers:
        root.put(f"/groups/{leads}/users/{person}")
    approval = {"levels": [{"group": "name:Leads"}]}
    root.post("/grants", {
        "user": "name:the member",
        "tag": "shops",
        "permissions": {"share": True},
        "conditions": {"approval": approval},
    })
    for number in range(2, 12):
        member.post("/requests", {
            "credential": f"name:Shop {number}",
            "permissions": {"share": True},
            "reason": "month-end",
        })
    root.send("PUT", "/provider", {
        "name": "Example",
        "issuer": "https://127.0.0.1:1",
        "client_id": "countersign",
        "address": "https://vault.example.org",
    })
    root.send("PUT", "/notices/settings", {"tell_asker": True, "webhook": "https://127.0.0.1:1/x"})
    for number in range(6):
        root.post("/audit/sinks", {"name": f"siem {number}", "kind": "webhook", "address": "https://127.0.0.1:1/x", "paused": True})
        root.post("/audit/views", {"name": f"view {number}", "filter": {"act": "token.read"}})
    for number in range(6):
        root.post(f"/credentials/name:Shop {number}/changes", {"reason": "a colleague left"})


def main():
    by_root = {"Authorization": f"Bearer {sys.argv[2]}"}
    root = Api(sys.argv[1], by_root)
    keep = {root.get("/me")["user"]["id"]}
    keep.update(token["id"] for token in root.items("/api-tokens"))
    callers, browsers, people = {}, {}, {}
    for role in ROLES:
        people[role], browsers[role] = enrol(root, role)
        keep.add(people[role])
        for scopes in [[], ["admin"]] if role == "administrator" else [[]]:
            made = browsers[role].post("/api-tokens", {"name": "check", "scopes": scopes})
            keep.add(made["id"])
            callers[" with scope ".join([role, *scopes])] = {"Authorization": f"Bearer {made['token']}"}
    cookies = "; ".join(f"{name}={value}" for name, value in browsers["administrator"].session.cookies.items())
    callers["administrator in a browser"] = {"Cookie": cookies}
    check_outs(root, browsers["member"], browsers["manager"])
    fill(root, browsers["member"], [people[role] for role in ("administrator", "manager")])
    scene = {"url": sys.argv[1], "root": by_root, "keep": sorted(keep), "callers": callers}
    json.dump(scene, sys.stdout)


if __name__ == "__main__":
    main()
