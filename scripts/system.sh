#!/bin/sh
# What neither pip nor npm carries: Chromium and its driver, for the tests of the page.
set -eu
missing=""
command -v chromium >/dev/null 2>&1 || command -v google-chrome >/dev/null 2>&1 || missing="$missing chromium"
command -v chromedriver >/dev/null 2>&1 || missing="$missing chromium-driver"
[ -z "$missing" ] && exit 0
line="apt-get update && apt-get install -y --no-install-recommends$missing"
if command -v apt-get >/dev/null 2>&1; then
    if [ "$(id -u)" = 0 ]; then
        sudo=""
    elif sudo -n true 2>/dev/null; then
        sudo="sudo"
    else
        echo "The tests of the page need$missing. Type:  sudo sh -c '$line'" >&2
        exit 1
    fi
    echo "installing$missing"
    $sudo sh -c "export DEBIAN_FRONTEND=noninteractive; $line" >/dev/null
    exit 0
fi
echo "The tests of the page need Chromium and ChromeDriver on PATH (on Debian or Ubuntu: sudo sh -c '$line')." >&2
exit 1
