#!/bin/sh
# Sees to a PostgreSQL for the tests of the second database. With CI set, installs Debian's where there is none; on a
# user's machine says how to get one, and the tests leave that part out. Never fails: SQLite is the default.
set -u

for found in "$(command -v postgres || true)" /usr/lib/postgresql/*/bin/postgres \
    /opt/homebrew/opt/postgresql*/bin/postgres; do
    if [ -x "$found" ]; then exit 0; fi
done

if [ -n "${CI:-}" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing PostgreSQL for the tests (about 50 MB, a minute)." >&2
    log=$(mktemp)
    if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends postgresql; } \
        >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 20 "$log" >&2
    echo "PostgreSQL could not be installed; apt-get's last words are above. Its tests are left out." >&2
    exit 0
fi

echo "No PostgreSQL on this machine: the tests run on SQLite alone. To have both:" >&2
case $(uname -s) in
Darwin) echo "    brew install postgresql" >&2 ;;
*) echo "    sudo apt-get install postgresql" >&2 ;;
esac
exit 0
