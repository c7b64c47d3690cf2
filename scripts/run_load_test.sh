#!/usr/bin/env bash
# Plays a load to its verdict. From a checkout nothing need be installed before: the first run makes .venv.
#
#   scripts/run_load_test.sh PROFILE [OPTIONS]
#   scripts/run_load_test.sh smoke
#   scripts/run_load_test.sh peak --bot bot.staging:9092 --environment staging
#
# PROFILE is a name ('audiosocket profiles') or a file; OPTIONS are those of 'audiosocket load --help'.
# Exit code: 0 passed, 1 a threshold was broken, 2 it could not be done as asked, 3 invalid, 4 interrupted.
set -euo pipefail

usage() { sed -n '2,/^set/{/^set/d;s/^# \{0,1\}//;p;}' "${BASH_SOURCE[0]}"; }

case "${1-}" in
    '') usage >&2; exit 2 ;;
    -h | --help) usage; exit 0 ;;
esac

checkout=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [ -f "$checkout/pyproject.toml" ]; then
    # Told on stderr: stdout is the load's.
    [ -e "$checkout/.venv/ready" ] || make -C "$checkout" .venv/ready >&2 || { echo "The set-up failed: see above" >&2; exit 2; }
    PATH="$checkout/.venv/bin:$checkout/.venv/Scripts:$PATH"
elif ! command -v audiosocket >/dev/null; then
    echo "There is no audiosocket here: pip install robotframework-audiosocketlibrary" >&2
    exit 2
fi
exec audiosocket load "$@"
