#!/bin/sh
# Runs a command that notices nothing of this machine: no program, setting, display, locale or file of the user's.
# usage: tools/hermetic.sh COMMAND [ARGUMENT]...
set -eu

home=$(mktemp -d)
trap 'rm -rf "$home"' EXIT
trap 'exit 130' INT TERM
umask 022
mkdir -p "$home/bin" "$home/tmp"
mkdir -m 700 "$home/run"
# The one program that tests need beside Python: it makes the display that windows are opened on.
if [ "$(uname)" = Linux ]; then
    display=$(command -v Xvfb) || { echo "Xvfb, which makes a display for the tests, is not installed." >&2; exit 1; }
    ln -s "$display" "$home/bin/Xvfb"
    # napari draws with OpenGL, which Qt's "offscreen" platform does not have.
    platform=xcb
fi

# One thread for each numeric library: as many tests as there are processors run at a time. Only the plugins that the
# command names are loaded: pytest would rewrite the assertions in all of napari, because that brings a plugin.
env -i PATH="$home/bin" HOME="$home" TMPDIR="$home/tmp" XDG_RUNTIME_DIR="$home/run" LANG=C.UTF-8 TZ=UTC \
    QT_API="$QT_API" PYTEST_QT_API="$PYTEST_QT_API" ${platform:+QT_QPA_PLATFORM=$platform} \
    LIBGL_ALWAYS_SOFTWARE=1 OMP_NUM_THREADS=1 OPENBLAS_NUM_THREADS=1 PYTEST_DISABLE_PLUGIN_AUTOLOAD=1 "$@" < /dev/null
