"""Whether each operation has done what it is there for at least once: reached.py OPENAPI ANSWERS…"""

import json
import sys

# Without a browser, and without what only an authenticator or a mail tells, these can be refused alone.
NEVER = {
    "GET /api/v1/changes/{id}/pictures/{seq}": "no change takes a picture",
    "GET /api/v1/sessions/{id}/downloads/{file}": "no session is live",
    "GET /api/v1/sessions/{id}/live": "a socket is not asked for",
    "GET /api/v1/sessions/{id}/recording/webm": "nothing was shown",
    "POST /api/v1/changes/{id}/cancel": "every change has failed already",
    "POST /api/v1/changes/{id}/retry": "nor is any to be tried again",
    "POST /api/v1/changes/{id}/session": "nor does any wait for somebody",
    "POST /api/v1/changes/{id}/settle": "nor is any in doubt",
    "POST /api/v1/sessions/{id}/end": "every session has ended already",
    "POST /api/v1/sessions/{id}/links": "every session has ended already",
    "POST /api/v1/sessions/{id}/links/use": "so there is no link",
    "DELETE /api/v1/sessions/{id}/links/{person}": "so there is no link",
    "POST /api/v1/sessions/{id}/uploads": "no session is live",
    "POST /api/v1/choose-password": "it takes a link",
    "POST /api/v1/me/confirm": "it takes a code",
    "POST /api/v1/me/confirm/passkey": "it takes an authenticator",
    "POST /api/v1/me/confirm/passkey/options": "so there is no passkey to ask for",
    "POST /api/v1/me/passkeys": "it takes an authenticator",
    "DELETE /api/v1/me/passkeys/{id}": "so there is no passkey",
    "POST /api/v1/me/password": "it takes the password",
    "POST /api/v1/me/second-factor/confirm": "it takes a code",
    "POST /api/v1/devices": "it takes a code and a key",
    "POST /api/v1/me/device-logins": "it takes the code that a command line shows",
    "POST /api/v1/me/device-logins/{id}/approve": "so none is theirs to decide about",
    "POST /api/v1/me/device-logins/{id}/deny": "so none is theirs to decide about",
    "GET /api/v1/fill": "it takes the key of a browser extension",
    "POST /api/v1/fill/{id}": "it takes the key of a browser extension",
    "DELETE /api/v1/devices/self": "it takes the key of a browser extension",
    "DELETE /api/v1/me/devices/{id}": "so there is no browser extension",
    "DELETE /api/v1/users/{id}/devices/{device}": "so there is no browser extension",
    "POST /api/v1/export/requests": "exports need no approval here, so that they can be made",
    "GET /api/v1/export/requests/{id}": "so there is no request",
    "POST /api/v1/export/requests/{id}/approve": "so there is no request",
    "POST /api/v1/export/requests/{id}/reject": "so there is no request",
    "POST /api/v1/export/requests/{id}/cancel": "so there is no request",
    "POST /api/v1/setup": "it takes a link",
    "POST /api/v1/provider/test": "no provider runs here",
    "POST /api/v1/sign-in/oidc": "nor can anybody be sent there",
    "POST /api/v1/sign-in/oidc/finish": "so nobody comes back",
    "POST /api/v1/me/provider": "nor can anybody be sent there",
    "POST /api/v1/me/provider/finish": "so nobody comes back",
    "DELETE /api/v1/me/provider": "and nobody is connected",
    "DELETE /api/v1/users/{id}/provider": "and nobody is connected",
    "POST /api/v1/sign-in": "it takes a password",
    "POST /api/v1/sign-in/passkey": "it takes an authenticator",
    "POST /api/v1/sign-out": "it is not asked for",
    "DELETE /api/v1/me/sessions/{id}": "the one browser is asked with",
    "DELETE /api/v1/users/{id}/api-tokens/{token}": "nobody else has a token",
    "DELETE /api/v1/users/{id}/sessions/{session}": "nobody else is signed in",
}


def load(path):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def main():
    operations = {
        f"{method.upper()} {path}" for path, item in load(sys.argv[1])["paths"].items() for method in item
    }
    done = {
        operation
        for path in sys.argv[2:]
        for operation, answers in load(path).items()
        if any(status < "400" for status in answers)
    }
    missed = sorted(operations - done - set(NEVER))
    gone = sorted(set(NEVER) - operations)
    for operation in missed:
        print(f"{operation} was refused each time: give it what it takes in tools/api_check/", file=sys.stderr)
    for operation in gone:
        print(f"{operation} is no more: take it out of tools/api_check/reached.py", file=sys.stderr)
    sys.exit(1 if missed or gone else 0)


if __name__ == "__main__":
    main()
