"""Import of matplotlib, which takes a few tenths of a second, where several threads may need it first.

Modules of matplotlib import each other. If two threads import them at once, one of them can be given a module that is
not complete. So whatever may be the first to draw, in the window or in a thread, calls `load_matplotlib` before it
imports a module that needs it.
"""

from __future__ import annotations

import threading

_lock = threading.Lock()


def load_matplotlib() -> None:
    """Import matplotlib, or wait for the thread that does."""
    with _lock:
        import matplotlib.figure
        import matplotlib.offsetbox  # noqa: F401
