#!/bin/sh
# Prints the current token of a credential in a job of GitHub Actions or GitLab, which keeps no secret for it: ci-token.sh NAME
set -eu
: "${COUNTERSIGN_URL:?}" "${COUNTERSIGN_CLIENT_ID:?}"
name=${1:?which credential?}
audience=${COUNTERSIGN_AUDIENCE:-$COUNTERSIGN_URL}

# What curl reads from standard input does not stand in the list of processes.
ask() {
    curl --silent --show-error --fail-with-body --config - "$@"
}

# A text of an answer; our tokens need no more of JSON than this.
field() {
    sed -n 's/.*"'"$1"'": *"\([^"]*\)".*/\1/p'
}

# What was answered says which claim of the ID token is not trusted.
refused() {
    printf '%s\n' "$1" >&2
    exit 1
}

if [ -n "${COUNTERSIGN_ID_TOKEN:-}" ]; then
    # GitLab: a variable by `id_tokens`.
    id_token=$COUNTERSIGN_ID_TOKEN
else
    # GitHub Actions: with `permissions: id-token: write` the job asks for it. Each is good for one access token.
    : "${ACTIONS_ID_TOKEN_REQUEST_URL:?}" "${ACTIONS_ID_TOKEN_REQUEST_TOKEN:?}"
    answer=$(printf 'header = "Authorization: Bearer %s"\n' "$ACTIONS_ID_TOKEN_REQUEST_TOKEN" |
        ask --get --data-urlencode "audience=$audience" "$ACTIONS_ID_TOKEN_REQUEST_URL") || refused "$answer"
    id_token=$(printf '%s' "$answer" | field value)
fi

answer=$(printf 'data = "client_assertion=%s"\n' "$id_token" |
    ask --data grant_type=client_credentials --data scope=token --data "client_id=$COUNTERSIGN_CLIENT_ID" \
        --data-urlencode client_assertion_type=urn:ietf:params:oauth:client-assertion-type:jwt-bearer \
        "$COUNTERSIGN_URL/api/v1/oauth/token") || refused "$answer"
access=$(printf '%s' "$answer" | field access_token)

# The credential by its name, whatever characters are in it.
path=$(printf '%s' "$name" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g')
answer=$(printf 'header = "Authorization: Bearer %s"\n' "$access" |
    ask "$COUNTERSIGN_URL/api/v1/credentials/name:$path/token") || refused "$answer"
printf '%s' "$answer" | field token
