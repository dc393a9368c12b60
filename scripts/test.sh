#!/bin/sh
# All checks, the quick ones first: style, types, tests (browser tests included). Ends with pytest's summary.
# Run by `make test` inside the environment that scripts/setup.sh makes.
set -eu
cd "$(dirname "$0")/.."

PRP_CHROMIUM=$(sh scripts/browser.sh)
export PRP_CHROMIUM
sh scripts/postgresql.sh
sh scripts/redis.sh

ruff check .
ruff format --check .
mypy
python -m prp_guide train  # once, for all tests
# Two files at a time: most tests wait for processes that they have started.
exec pytest -n 2 --dist loadfile --no-loadscope-reorder "$@"
