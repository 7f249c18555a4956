"""napari's canvas, a Qt widget with an OpenGL context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.compat import isalive
from qtpy.QtWidgets import QMainWindow, QWidget

if TYPE_CHECKING:
    from napari.viewer import Viewer


def find_window(widget: QWidget) -> QMainWindow | None:
    """Return the main window that a widget is in; None if it is in none, as a dock that was closed."""
    parent: QWidget | None = widget
    while parent is not None and not isinstance(parent, QMainWindow):
        parent = parent.parentWidget()
    return parent


def find_canvas(widget: QWidget) -> QWidget | None:
    """Return the OpenGL widget in the main window of `widget`; None if there is none."""
    window = find_window(widget)
    if window is None or window.centralWidget() is None:
        return None
    from qtpy.QtOpenGLWidgets import QOpenGLWidget

    canvas: QWidget | None = window.centralWidget().findChild(QOpenGLWidget)
    return canvas


def make_context_current(canvas: QWidget | None) -> None:
    """Make the canvas's OpenGL context the current one.

    napari 0.9 deletes the buffers and textures of a removed layer at once, in whatever context is current, which is
    mostly that of the window. Then the canvas's next picture is drawn from what is gone, and software drivers crash.
    """
    if canvas is not None and isalive(canvas):
        canvas.makeCurrent()


def removal_emitters(viewer: Viewer) -> tuple[Any, Any]:
    """Return the emitters at whose events to call `make_context_current`.

    napari calls its own callbacks before those of plugins, and deletes in one of ``removed``, so ``removing`` is the
    last event before that. It deletes the layers of a batch after the last ``removed``.
    """
    return viewer.layers.events.removing, viewer.layers.events.removed
