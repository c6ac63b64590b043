#!/bin/sh
# Make .audit-venv with slither, halmos and its solvers, pinned: scripts/audit-venv.sh [lock]
# `lock` installs what requirements.in names and writes what came with it into requirements.txt.
# Does nothing when that was done already for this requirements.txt.
set -eu
cd "$(dirname "$0")/.."
pins=contracts/audit/requirements
venv=${AUDIT_VENV:-.audit-venv}
ok='import sys, venv, ensurepip; sys.exit(not (3, 11) <= sys.version_info[:2] <= (3, 13))'

find_python() {
    for name in ${PYTHON:-} .venv/bin/python python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c "$ok" >/dev/null 2>&1; then
            echo "$name"
            return 0
        fi
    done
    return 1
}

install() {
    if ! python=$(find_python); then
        echo "The audit tools need Python 3.11, 3.12 or 3.13 with venv; name one: PYTHON=/path/to/python3.12" >&2
        exit 1
    fi
    rm -rf "$venv"
    "$python" -m venv "$venv"
    "$venv/bin/python" -m pip install --quiet --disable-pip-version-check --require-virtualenv -r "$1"
}

if [ "${1:-}" = lock ]; then
    install "$pins.in"
    {
        echo "# Written by scripts/audit-venv.sh lock"
        "$venv/bin/python" -m pip freeze --disable-pip-version-check
    } >"$pins.txt"
fi

stamp="$venv/installed"
wanted=$(cksum <"$pins.txt")
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    echo "installing the audit tools into $venv (half a minute the first time)"
    install "$pins.txt"
    echo "$wanted" >"$stamp"
fi
