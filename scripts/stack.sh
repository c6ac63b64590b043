#!/bin/sh
# Postgres and Redis for a house on many machines, on ports of their own, with their data in one folder:
#     scripts/stack.sh [start | stop]
# Prints WALRAS_POSTGRES and WALRAS_REDIS and writes them to .stack/env. Starting twice is starting once; what was stopped
# or killed comes back, Postgres with its data and Redis empty, which it may always be. Both listen on the loopback address only and ask for a password drawn at the first start.
#   WALRAS_STACK                another folder than .stack
#   WALRAS_STACK_POSTGRES_PORT, WALRAS_STACK_REDIS_PORT   instead of 55432 and 56379, or the next that is free
PATH="$PATH:/usr/sbin:/sbin"  # runuser is there, which is on few PATHs
set -eu
cd "$(dirname "$0")/.."
scripts="$PWD/scripts"
folder=${WALRAS_STACK:-$PWD/.stack}
PATH="$(ls -d /usr/lib/postgresql/*/bin 2>/dev/null | sort -t/ -k5 -rn | head -n 1):$PATH"
umask 077

fail() {
    echo "stack: $*" >&2
    exit 1
}

# Postgres refuses to run as root; then everything runs as the user that its package made.
if [ "$(id -u)" = 0 ]; then
    as() { runuser -u postgres -- env PATH="$PATH" "$@"; }
else
    as() { "$@"; }
fi

redis() { # its answers, without the password among the arguments
    REDISCLI_AUTH=$password redis-cli -h 127.0.0.1 -p "$redis_port" "$@" 2>/dev/null
}
postgres_runs() { as pg_ctl -D "$folder/postgres" status >/dev/null 2>&1; }
redis_runs() { [ "$(redis ping)" = PONG ]; }

port_is_free() { # nobody takes a connection there
    ! "$python" -c 'import socket, sys; socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1)' "$1" 2>/dev/null
}
spare_port() {
    port=$1
    while ! port_is_free "$port"; do port=$((port + 1)); done
    echo "$port"
}

prepare() {
    sh "$scripts/system.sh" stack
    mkdir -p "$folder"
    if [ "$(id -u)" = 0 ]; then
        chown postgres "$folder"
        as test -x "$folder" || fail "the user postgres can not enter $folder; name another folder in WALRAS_STACK"
    fi
    if ! [ -s "$folder/settings" ]; then
        password=$("$python" -c 'import secrets; print(secrets.token_hex(16))')
        postgres_port=$(spare_port "${WALRAS_STACK_POSTGRES_PORT:-55432}")
        redis_port=$(spare_port "${WALRAS_STACK_REDIS_PORT:-56379}")
        printf 'password=%s\npostgres_port=%s\nredis_port=%s\n' "$password" "$postgres_port" "$redis_port" >"$folder/settings.new"
        mv "$folder/settings.new" "$folder/settings"
    fi
    . "$folder/settings"
}

start_postgres() {
    postgres_runs && return 0
    if ! [ -s "$folder/postgres/PG_VERSION" ]; then
        rm -rf "$folder/postgres" "$folder/postgres.new"
        printf '%s\n' "$password" >"$folder/password"
        [ "$(id -u)" != 0 ] || chown postgres "$folder/password"
        as initdb -D "$folder/postgres.new" -U walras --pwfile="$folder/password" -A scram-sha-256 -E UTF8 --locale=C.UTF-8 \
            >"$folder/initdb.log" 2>&1 || fail "initdb failed, see $folder/initdb.log"
        rm -f "$folder/password"
        mv "$folder/postgres.new" "$folder/postgres"
    fi
    port_is_free "$postgres_port" || fail "port $postgres_port is taken; free it, or change it in $folder/settings"
    as pg_ctl -D "$folder/postgres" -w -t 60 -l "$folder/postgres.log" \
        -o "-p $postgres_port -c listen_addresses=127.0.0.1 -c unix_socket_directories=''" start >/dev/null 2>&1 ||
        fail "Postgres did not start, see $folder/postgres.log"
}

create_database() { # psql is part of the client package that the server's depends on
    printf '%s\n' "SELECT 'CREATE DATABASE walras' WHERE NOT EXISTS (SELECT FROM pg_database WHERE datname = 'walras') \\gexec" |
        PGPASSWORD=$password psql -h 127.0.0.1 -p "$postgres_port" -U walras -d postgres -qAtX -v ON_ERROR_STOP=1 \
            >/dev/null || fail "the database walras could not be created"
}

start_redis() {
    redis_runs && return 0
    port_is_free "$redis_port" || fail "port $redis_port is taken; free it, or change it in $folder/settings"
    # Nothing is saved: the bus carries only what the record has. The settings come by standard input for the password's sake.
    printf '%s\n' "bind 127.0.0.1" "port $redis_port" "requirepass $password" 'save ""' "appendonly no" "daemonize yes" \
        "dir $folder" "pidfile $folder/redis.pid" "logfile $folder/redis.log" | as redis-server - >/dev/null
    tries=100
    until redis_runs; do
        tries=$((tries - 1))
        [ "$tries" -gt 0 ] || fail "Redis did not start, see $folder/redis.log"
        sleep 0.1
    done
}

start() {
    prepare
    start_postgres
    create_database
    start_redis
    cat >"$folder/env.new" <<END
WALRAS_POSTGRES=postgresql://walras:$password@127.0.0.1:$postgres_port/walras
WALRAS_REDIS=redis://default:$password@127.0.0.1:$redis_port/0
END
    mv "$folder/env.new" "$folder/env"
    cat "$folder/env"
}

stop() {
    [ -s "$folder/settings" ] || return 0
    . "$folder/settings"
    ! redis_runs || redis shutdown nosave || true
    ! postgres_runs || as pg_ctl -D "$folder/postgres" -w -m fast stop >/dev/null || fail "Postgres did not stop"
}

python=$(command -v "$PWD/.venv/bin/python" || command -v python3) || fail "python3 is needed to find spare ports"
case "${1:-start}" in
start) start ;;
stop) stop ;;
*) fail "start or stop, not $1" ;;
esac
