#!/bin/sh
# Makes the project's environment, then runs a command in it:
#
#     scripts/setup.sh [--dev] COMMAND [ARGUMENT...]
#
# Needs some Python 3 and a way to the package index. Gets uv and Python 3.10 where they are missing, installs what
# uv.lock names into .venv (with --dev, the tools for tests too), and does nothing of it again while it is current.
# Says what it does on standard error. Written for Debian and macOS; macOS is not run by us.
set -eu

UV_VERSION=0.13.9 # what is installed where there is no uv
UV_OLDEST_MINOR=5 # a uv on PATH older than 0.5 is left aside

cd "$(dirname "$0")/.."
root=$PWD
tools=$root/.tools
venv=${UV_PROJECT_ENVIRONMENT:-.venv}
case $venv in /*) ;; *) venv=$root/$venv ;; esac

say() { printf '%s\n' "$*" >&2; }

stop() {
    say ""
    say "Not ready: $*"
    exit 2
}

# Prints a Python that can make a virtual environment for uv. Each is tried: a pyenv shim may stand for nothing.
some_python() {
    for candidate in python3 python3.13 python3.12 python3.11 python3.10 python \
        /usr/bin/python3 /usr/local/bin/python3 /opt/homebrew/bin/python3; do
        if "$candidate" -c 'import sys; sys.exit(sys.version_info < (3, 8))' >/dev/null 2>&1; then
            command -v "$candidate"
            return 0
        fi
    done
    return 1
}

new_enough() {
    version=$("$1" --version 2>/dev/null) || return 1
    version=${version#uv }
    major=${version%%.*}
    rest=${version#*.}
    minor=${rest%%.*}
    case $major$minor in '' | *[!0-9]*) return 1 ;; esac
    [ "$major" -gt 0 ] || [ "$minor" -ge "$UV_OLDEST_MINOR" ]
}

install_uv() {
    mkdir -p "$tools"
    log=$tools/setup.log
    python=$(some_python) || stop "there is no Python 3 on this machine. Install one (Debian: apt-get install python3; macOS: xcode-select --install), then run the same command again."
    say "Getting uv $UV_VERSION, which installs the rest, into .tools/uv (about 25 MB, a few seconds)."
    rm -rf "$tools/uv"
    if ! "$python" -m venv "$tools/uv" >"$log" 2>&1; then
        rm -rf "$tools/uv"
        command -v apt-get >/dev/null 2>&1 ||
            stop "$python cannot make a virtual environment (see $log). Install uv by your package manager, then run the same command again."
        [ "$(id -u)" -eq 0 ] ||
            stop "this Python lacks its venv module. Run  sudo apt-get install python3-venv  and then the same command again."
        say "This Python lacks its venv module: installing Debian's python3-venv (about 10 MB)."
        {
            apt-get update && DEBIAN_FRONTEND=noninteractive apt-get install -y --no-install-recommends python3-venv
        } >"$log" 2>&1 || stop "apt-get could not install python3-venv. Its words are in $log."
        # Debian's package serves Debian's Python, whichever other was found first.
        python=/usr/bin/python3
        "$python" -m venv "$tools/uv" >"$log" 2>&1 ||
            stop "$python cannot make a virtual environment. Its words are in $log."
    fi
    "$tools/uv/bin/python" -m pip install --quiet --disable-pip-version-check "uv==$UV_VERSION" >"$log" 2>&1 || {
        tail -n 5 "$log" >&2
        stop "uv could not be downloaded. Is the Python package index reachable from here? All that pip said is in $log."
    }
}

find_uv() {
    uv=$(command -v uv || true)
    if [ -n "$uv" ] && new_enough "$uv"; then return; fi
    uv=$tools/uv/bin/uv
    if new_enough "$uv"; then return; fi
    install_uv
    new_enough "$uv" || stop "the uv in $tools/uv does not run on this machine. Remove that folder and try again."
}

is_310() {
    [ -x "$1" ] && "$1" -c 'import sys; sys.exit(sys.version_info[:2] != (3, 10))' >/dev/null 2>&1
}

# uv does not see through pyenv's shims, so pyenv's own folder is looked into: where pyenv says it is, where the
# account keeps it by default, and where its shims on PATH come from.
pyenv_310() {
    pyenv_root=$(pyenv root 2>/dev/null || true)
    account_home=$(eval echo "~$(id -un)" 2>/dev/null || true)
    shims=$(command -v python3 2>/dev/null || true)
    for folder in "$pyenv_root" "${PYENV_ROOT:-}" "${HOME:-}/.pyenv" "$account_home/.pyenv" "${shims%/shims/*}"; do
        [ -n "$folder" ] || continue
        for found in "$folder"/versions/3.10.*/bin/python; do
            if is_310 "$found"; then
                printf '%s\n' "$found"
                return 0
            fi
        done
    done
    return 1
}

find_python() {
    # --system: an environment that happens to be active is not what ours should stand on.
    found=$("$uv" python find --system --no-project 3.10 2>/dev/null || true)
    if [ -n "$found" ] && is_310 "$found"; then
        UV_PYTHON=$found
    elif found=$(pyenv_310); then
        UV_PYTHON=$found
    else
        say "Rasa needs Python 3.10 and there is none on this machine: downloading one (about 30 MB)."
        mkdir -p "$tools"
        "$uv" python install 3.10 >"$tools/setup.log" 2>&1 &&
            found=$("$uv" python find --system --no-project 3.10 2>/dev/null) ||
            stop "Python 3.10 could not be downloaded (uv's words are in $tools/setup.log). Install it another way, for example  pyenv install 3.10 , and run the same command again."
        UV_PYTHON=$found
    fi
    export UV_PYTHON
}

# Usage: install_packages [--no-dev --inexact]
install_packages() {
    if [ -x "$venv/bin/python" ] && "$uv" sync --locked "$@" --check --quiet >/dev/null 2>&1; then
        return
    fi
    if [ -x "$venv/bin/prp-guide" ]; then
        say "Bringing the packages up to date with uv.lock."
    else
        say "Installing the packages that uv.lock names into .venv, on $UV_PYTHON."
        say "The first time this downloads about 1 GB and takes 1 to 10 minutes; it needs 3 GB of disk."
    fi
    # uv's last words, one line for each of two hundred packages, are left out.
    status=$({ { "$uv" sync --locked "$@" 2>&1 || echo $? >&3; } | sed '/^ [+~-] /d' >&2; } 3>&1)
    [ -z "$status" ] || stop "the packages could not be installed; uv says why above."
}

groups="--no-dev --inexact" # inexact: starting does not throw out the tools for tests
if [ "${1:-}" = --dev ]; then
    groups=""
    shift
fi
[ $# -gt 0 ] || stop "scripts/setup.sh needs a command to run in the environment."

if [ "$(uname -s)" = Darwin ] && [ "$(uname -m)" = x86_64 ]; then
    stop "Macs with an Intel processor are not supported: the packages that Rasa needs are not made for them any more."
fi

# Trust what the machine trusts, a company's own authority included; uv has a list of its own for where there is none.
if [ -e /etc/ssl/certs/ca-certificates.crt ] || [ "$(uname -s)" = Darwin ]; then
    UV_SYSTEM_CERTS=${UV_SYSTEM_CERTS:-1} # its name today
    UV_NATIVE_TLS=${UV_NATIVE_TLS:-1}     # its name in older versions
    export UV_SYSTEM_CERTS UV_NATIVE_TLS
fi

find_uv
find_python
# shellcheck disable=SC2086 # the groups are words
install_packages $groups

# The command takes this shell's place, so that Ctrl-C and signals reach it with nothing in between.
PATH=$venv/bin:$(dirname "$uv"):$PATH
export PATH
exec "$@"
