#!/bin/sh
# Sees to it that Python, and the libraries that Qt draws with, are there: usage tools/system-packages.sh PYTHON [tests]
# Installs what is missing as root, and prints the command to run as anybody else. Silent when all is there.
set -eu
python=${1:-}

if [ -z "$python" ] || ! "$python" -c 'import sys; sys.exit(sys.version_info < (3, 11))'; then
    echo "Python 3.11 or newer is needed, found: $("${python:-python3}" --version 2>&1 || true)" >&2
    exit 1
fi

# Elsewhere than on Debian and its kin the libraries come with the desktop (macOS, Windows) or by other names.
command -v dpkg-query >/dev/null && command -v apt-get >/dev/null || exit 0

wanted="libdbus-1-3 libegl1 libfontconfig1 libgl1 libgl1-mesa-dri libglib2.0-0 libopengl0
    libxcb-cursor0 libxcb-icccm4 libxcb-image0 libxcb-keysyms1 libxcb-randr0 libxcb-render-util0
    libxcb-shape0 libxcb-xinerama0 libxkbcommon-x11-0"
# Tests open their windows on a display of their own, whoever sits at the machine.
if [ "${2:-}" = tests ] || [ -z "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    wanted="$wanted xauth xvfb"
fi
if ! "$python" -c 'import ensurepip, venv' 2>/dev/null; then
    wanted="$wanted $("$python" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
fi

# Newer releases renamed some (libglib2.0-0t64) and say so under Provides.
installed=$(dpkg-query --show --showformat '${db:Status-Status}, ${Package}, ${Provides}\n' |
    sed -n 's/^installed, //p' | tr ',' '\n' | awk '{ print $1 }')
missing=$(for name in $wanted; do
    echo "$installed" | grep -qxF "$name" || echo "$name"
done)
[ -n "$missing" ] || exit 0

# shellcheck disable=SC2086 # a line a package
exec tools/install-packages.sh "Some system packages are missing" $missing
