#!/usr/bin/env python3
"""Prints the current token of a credential: token.py NAME"""

import base64
import json
import os
import sys
import urllib.error
import urllib.parse
import urllib.request

URL = os.environ["COUNTERSIGN_URL"]


def ask(path, headers, form=None):
    """What the server answers, as JSON."""
    body = urllib.parse.urlencode(form).encode() if form is not None else None
    request = urllib.request.Request(URL + path, data=body, headers=headers)
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        told = json.load(error)
        sys.exit(f"{error.code}: {told.get('error_description') or told.get('detail')}")


def access_token(scope):
    """A token that serves for ten minutes (RFC 6749 §4.4)."""
    client = ":".join(
        urllib.parse.quote_plus(os.environ[name]) for name in ("COUNTERSIGN_CLIENT_ID", "COUNTERSIGN_CLIENT_SECRET")
    )
    headers = {"Authorization": "Basic " + base64.b64encode(client.encode()).decode()}
    answer = ask("/api/v1/oauth/token", headers, {"grant_type": "client_credentials", "scope": scope})
    return answer["access_token"]


def main():
    if len(sys.argv) != 2:
        sys.exit("usage: token.py NAME")
    name = urllib.parse.quote(sys.argv[1], safe="")
    headers = {"Authorization": "Bearer " + access_token("token")}
    print(ask(f"/api/v1/credentials/name:{name}/token", headers)["token"])


main()
