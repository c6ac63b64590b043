#!/bin/sh
# What neither pip nor npm carries, from the system's packages: scripts/system.sh [stack]
# Chromium and its driver for the tests of the page; Postgres and Redis for a house on many machines ("stack": these alone).
set -eu
missing=""
if [ "${1:-}" != stack ]; then
    command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
    command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"
fi
# Debian keeps the server's programs in a folder of their own.
PATH="$PATH:$(echo /usr/lib/postgresql/*/bin | tr ' ' ':')"
command -v postgres >/dev/null 2>&1 && command -v initdb >/dev/null 2>&1 || missing="$missing postgresql"
command -v redis-server >/dev/null 2>&1 || missing="$missing redis-server"
[ -z "$missing" ] && exit 0
line="apt-get update && apt-get install -y --no-install-recommends$missing"
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        sudo=""
    elif sudo -n true 2>/dev/null; then
        sudo="sudo"
    else
        echo "Walras needs$missing here. Type:  sudo sh -c '$line'" >&2
        exit 1
    fi
    echo "installing$missing"
    $sudo sh -c "export DEBIAN_FRONTEND=noninteractive; $line" >/dev/null
    exit 0
fi
echo "Walras needs these on PATH:$missing (on Debian or Ubuntu: sudo sh -c '$line')." >&2
exit 1
