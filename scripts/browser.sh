#!/bin/sh
# Prints the path of a Chromium for the browser tests. With CI set, installs Debian's where there is none; on a
# user's machine says what to run instead, and fails.
set -eu

find_browser() {
    for candidate in "${PRP_CHROMIUM:-}" chromium chromium-browser google-chrome google-chrome-stable \
        "/Applications/Google Chrome.app/Contents/MacOS/Google Chrome" \
        "/Applications/Chromium.app/Contents/MacOS/Chromium"; do
        if [ -n "$candidate" ] && command -v "$candidate" 2>/dev/null; then return 0; fi
    done
    return 1
}

find_browser && exit 0

if [ -n "${CI:-}" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Chromium for the browser tests (about 120 MB, a minute or two)." >&2
    log=$(mktemp)
    if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends chromium; } \
        >"$log" 2>&1 && find_browser; then
        rm -f "$log"
        exit 0
    fi
    tail -n 20 "$log" >&2
    echo "Chromium could not be installed; apt-get's last words are above." >&2
    exit 1
fi

echo "The tests drive a browser, and there is no Chromium or Chrome on this machine. Install one:" >&2
case $(uname -s) in
Darwin) echo "    brew install --cask google-chrome" >&2 ;;
*) echo "    sudo apt-get install chromium" >&2 ;;
esac
echo "or name one:  PRP_CHROMIUM=/path/to/chromium make test" >&2
exit 1
