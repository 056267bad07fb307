#!/usr/bin/env python3
"""The program of Terraform's external data source: {"credential": NAME} on standard input, what it is asked for on standard output.

Gives the password where "secret" is "password", and the current token otherwise.
"""

import base64
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ["COUNTERSIGN_URL"]


def ask(path, headers, data=None):
    request = urllib.request.Request(URL + path, data=data, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        told = json.load(error)
        sys.exit(f"{error.code}: {told.get('error_description') or told.get('detail')}")


def main():
    query = json.load(sys.stdin)
    what = "reveal" if query.get("secret") == "password" else "token"
    client = ":".join(
        urllib.parse.quote_plus(os.environ[name]) for name in ("COUNTERSIGN_CLIENT_ID", "COUNTERSIGN_CLIENT_SECRET")
    )
    basic = {"Authorization": "Basic " + base64.b64encode(client.encode()).decode()}
    form = urllib.parse.urlencode({"grant_type": "client_credentials", "scope": what}).encode()
    bearer = {
        "Authorization": "Bearer " + ask("/api/v1/oauth/token", basic, form)["access_token"],
        "Content-Type": "application/json",
    }
    name = urllib.parse.quote(query["credential"], safe="")
    answer = ask(f"/api/v1/credentials/name:{name}/{what}", bearer, b"{}")
    field = "password" if what == "reveal" else "token"
    json.dump({field: answer[field]}, sys.stdout)


main()
