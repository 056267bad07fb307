#!/bin/sh
# Prints the current token of a credential: token.sh NAME
set -eu
: "${COUNTERSIGN_URL:?}" "${COUNTERSIGN_CLIENT_ID:?}" "${COUNTERSIGN_CLIENT_SECRET:?}"
name=${1:?which credential?}

# What curl reads from standard input does not stand in the list of processes.
access=$(printf 'user = "%s:%s"\n' "$COUNTERSIGN_CLIENT_ID" "$COUNTERSIGN_CLIENT_SECRET" |
    curl --silent --show-error --fail-with-body --config - \
        --data grant_type=client_credentials --data scope=token \
        "$COUNTERSIGN_URL/api/v1/oauth/token" |
    sed -n 's/.*"access_token":"\([^"]*\)".*/\1/p')
test -n "$access"

# The credential by its name, whatever characters are in it.
path=$(printf '%s' "$name" | od -An -v -tx1 | tr -d '\n' | sed 's/ /%/g')
printf 'header = "Authorization: Bearer %s"\n' "$access" |
    curl --silent --show-error --fail-with-body --config - "$COUNTERSIGN_URL/api/v1/credentials/name:$path/token" |
    sed -n 's/.*"token":"\([^"]*\)".*/\1/p'
