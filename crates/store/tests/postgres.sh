#!/bin/sh
# A throw-away PostgreSQL for tests, shared by every test process of one checkout; the benches have one of their own.
#
#   postgres.sh up fleeting DIR   makes and starts it in DIR (socket in DIR/socket); call it while holding DIR.start
#                                 exclusively. It waits for no disk.
#   postgres.sh up durable DIR    the same with the settings of an ordinary installation
#   postgres.sh watch DIR         stops and removes it ten seconds after the last test process has let go of DIR.users
#
# A test process holds DIR.users shared for as long as it lives, and the system lets go for it however it ends; so nothing
# stays behind, whatever is killed.
set -eu

for dir; do :; done
bin=$(dirname "$(command -v initdb || ls -1 /usr/lib/postgresql/*/bin/initdb /opt/homebrew/opt/postgresql*/bin/initdb \
    2>/dev/null | sort -V | tail -n 1)")

# PostgreSQL refuses to run as root.
owner=$(id -un)
if [ "$(id -u)" = 0 ]; then
    owner=nobody
    id postgres >/dev/null 2>&1 && owner=postgres
fi
as_owner() {
    if [ "$(id -u)" = 0 ]; then runuser -u "$owner" -- "$@"; else "$@"; fi
}

up() {
    if [ ! -x "$bin/initdb" ]; then
        echo "these tests start a PostgreSQL of their own and found no initdb: install the PostgreSQL server" \
            "(Debian: apt-get install postgresql), or name a server in COUNTERSIGN_TEST_POSTGRES" >&2
        exit 1
    fi
    rm -rf "$dir"
    mkdir -m 700 "$dir"
    [ "$(id -u)" != 0 ] || chown "$owner" "$dir"
    cd "$dir"
    as_owner mkdir "$dir/socket"
    as_owner "$bin/initdb" -D "$dir/data" -U countersign -A trust -E UTF8 --locale=C --no-sync >"$dir.log" 2>&1 ||
        { cat "$dir.log" >&2; exit 1; }
    cat >>"$dir/data/postgresql.conf" <<CONF
listen_addresses = ''
unix_socket_directories = '$dir/socket'
max_connections = 200
CONF
    # What is lost in a crash was worth nothing: no waiting for the disk.
    [ "$1" = durable ] || cat >>"$dir/data/postgresql.conf" <<CONF
shared_buffers = 32MB
fsync = off
synchronous_commit = off
full_page_writes = off
wal_level = minimal
max_wal_senders = 0
max_wal_size = 256MB
jit = off
CONF
    as_owner "$bin/pg_ctl" start -D "$dir/data" -l "$dir/log" -w -t 60 >/dev/null || { cat "$dir/log" >&2; exit 1; }
    setsid "$0" watch "$dir" </dev/null >/dev/null 2>&1 &
}

watch() {
    cd /
    idle=0
    while [ "$idle" -lt 5 ]; do
        sleep 2
        if flock --exclusive --nonblock "$dir.users" true; then idle=$((idle + 1)); else idle=0; fi
        # Somebody else has stopped it: nothing to watch.
        [ -e "$dir/data/postmaster.pid" ] || return 0
    done
    # Nobody may start or join while it is being stopped.
    exec 8>>"$dir.start" 9>>"$dir.users"
    flock --exclusive 8
    if flock --exclusive --nonblock 9; then
        as_owner "$bin/pg_ctl" stop -D "$dir/data" -m immediate >/dev/null 2>&1 8>&- 9>&- || true
        rm -rf "$dir" "$dir.log"
        return 0
    fi
    exec 8>&- 9>&-
    watch
}

"$@"
