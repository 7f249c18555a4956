#!/bin/sh
# Installs Debian's packages as root, and prints the command to run as anybody else.
# usage: tools/install-packages.sh WHAT-IS-MISSING PACKAGE...
set -eu
missing=$1
shift

if [ "$(id -u)" -ne 0 ]; then
    echo "$missing; please run:" >&2
    echo "sudo apt-get update && sudo apt-get install -y --no-install-recommends $*" >&2
    exit 1
fi
export DEBIAN_FRONTEND=noninteractive
apt-get update
apt-get install -y --no-install-recommends "$@"
