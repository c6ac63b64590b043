#!/bin/sh
# Make .venv with a CPython 3.11-3.13 and install the project into it: scripts/venv.sh [dev]
# Does nothing when that was done already for this pyproject.toml.
set -eu
cd "$(dirname "$0")/.."
extra=${1:-}
ok='import sys, venv, ensurepip; sys.exit(not ((3, 11) <= sys.version_info[:2] <= (3, 13) and sys.implementation.name == "cpython"))'

find_python() {
    for name in ${PYTHON:-} python3.13 python3.12 python3.11 python3 python; do
        if "$name" -c "$ok" >/dev/null 2>&1; then
            command -v "$name"
            return 0
        fi
    done
    return 1
}

if ! [ -x .venv/bin/python ] || ! .venv/bin/python -c "$ok" >/dev/null 2>&1; then
    if ! python=$(find_python); then
        echo "Walras needs CPython 3.11, 3.12 or 3.13 with venv. On Debian or Ubuntu type:" >&2
        echo "    sudo apt-get install python3 python3-venv" >&2
        echo "or name one: make PYTHON=/path/to/python3.12 ..." >&2
        exit 1
    fi
    echo "making .venv with $("$python" --version)"
    rm -rf .venv
    "$python" -m venv .venv
fi

stamp=".venv/installed${extra:+-$extra}"
wanted=$(cksum <pyproject.toml)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    echo "installing Walras and what it needs (a minute or two the first time)"
    .venv/bin/python -m pip install --quiet --disable-pip-version-check -e ".${extra:+[$extra]}"
    echo "$wanted" >"$stamp"
fi
