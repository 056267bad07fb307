#!/bin/sh
# Prints the current token of a credential: token.sh NAME
set -eu
: "${COUNTERSIGN_URL:?}" "${COUNTERSIGN_CLIENT_ID:?}" "${COUNTERSIGN_CLIENT_SECRET:?}"
name=${1:?which credential?}

# What curl reads from standard input does not stand in the list of processes.
ask() {
    curl --silent --show-error --fail-with-body --config - "$@"
}

# A text of an answer; our tokens need no more of JSON than this.
field() {
    sed -n 's/.*"'"$1"'":"\([^"]*\)".*/\1/p'
}

answer=$(printf 'user = "%s:%s"\n' "$COUNTERSIGN_CLIENT_ID" "$COUNTERSIGN_CLIENT_SECRET" |
    ask --data grant_type=client_credentials --data scope=token "$COUNTERSIGN_URL/api/v1/oauth/token")
access=$(printf '%s' "$answer" | field access_token)

# The credential by its name, whatever characters are in it.
path=$(printf '%s' "$name" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g')
answer=$(printf 'header = "Authorization: Bearer %s"\n' "$access" |
    ask "$COUNTERSIGN_URL/api/v1/credentials/name:$path/token")
printf '%s' "$answer" | field token
