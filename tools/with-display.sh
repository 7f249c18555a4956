#!/bin/sh
# Runs a command where it can open windows: on the user's display, else on a virtual one.
# usage: tools/with-display.sh COMMAND [ARGUMENT]...
set -eu

if [ "$(uname)" != Linux ] || [ -n "${DISPLAY:-}${WAYLAND_DISPLAY:-}" ]; then
    exec "$@"
fi
if ! command -v xvfb-run >/dev/null; then
    echo "There is no display, and xvfb-run, which would make one, is not installed." >&2
    exit 1
fi
# napari draws with OpenGL, which Qt's "offscreen" platform, often set on machines without display, does not have.
export QT_QPA_PLATFORM=xcb
# Nobody watches a virtual display: programs that would wait for a person may ask for this.
export VIRTUAL_DISPLAY=1
exec xvfb-run -a -s "-screen 0 1600x1000x24" "$@"
