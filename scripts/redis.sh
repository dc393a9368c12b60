#!/bin/sh
# Sees to a Redis for the tests of limits that several web processes share. With CI set, installs Debian's where there
# is none; on a user's machine says how to get one, and the tests leave that part out. Never fails: memory is the default.
set -u

command -v redis-server >/dev/null 2>&1 && exit 0

if [ -n "${CI:-}" ] && [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null 2>&1; then
    echo "Installing Redis for the tests (about 2 MB, a few seconds)." >&2
    log=$(mktemp)
    if { apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends redis-server; } \
        >"$log" 2>&1; then
        rm -f "$log"
        exit 0
    fi
    tail -n 20 "$log" >&2
    echo "Redis could not be installed; apt-get's last words are above. Its tests are left out." >&2
    exit 0
fi

echo "No Redis on this machine: limits are tested in memory alone. To have both:" >&2
case $(uname -s) in
Darwin) echo "    brew install redis" >&2 ;;
*) echo "    sudo apt-get install redis-server" >&2 ;;
esac
exit 0
