#!/bin/sh
# Installs the programs of tests/interop: usage tools/interop-packages.sh PYTHON
# Installs what is missing as root, and prints the command to run as anybody else. Silent when all is there.
set -eu
python=$1
missing=$("$python" tests/interop/programs.py)
[ -n "$missing" ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "Please install these programs (the names are those of Debian's packages): $missing" >&2
    exit 1
fi
# shellcheck disable=SC2086 # one line, a word a package
exec tools/install-packages.sh "Some programs are missing" $missing
