"""napari's canvas, a Qt widget with an OpenGL context."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from qtpy.compat import isalive
from qtpy.QtCore import QObject
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QMainWindow, QWidget

if TYPE_CHECKING:
    from napari.viewer import Viewer


def find_window(widget: QWidget) -> QMainWindow | None:
    """Return the main window that a widget is in; None if it is in none, as a dock that was closed."""
    parent: QWidget | None = widget
    while parent is not None and not isinstance(parent, QMainWindow):
        parent = parent.parentWidget()
    return parent


def find_canvas(widget: QWidget) -> QOpenGLWidget | None:
    """Return the OpenGL widget in the main window of `widget`; None if there is none."""
    window = find_window(widget)
    if window is None or window.centralWidget() is None:
        return None
    canvas: QOpenGLWidget | None = window.centralWidget().findChild(QOpenGLWidget)
    return canvas


class ContextGuard(QObject):
    """Make the canvas's OpenGL context current whenever a layer is removed, whoever removes it.

    napari 0.9 deletes the buffers and textures of a removed layer at once, in whatever context is current, which is
    mostly that of the window. Then the canvas's next picture is drawn from what is gone, and software drivers crash.

    The guard belongs to the canvas and not to the dock: the user may remove results after the dock was closed.

    Parameters
    ----------
    canvas : QOpenGLWidget
        napari's canvas.
    viewer : napari.viewer.Viewer
        Viewer with the layers that the canvas shows.
    """

    def __init__(self, canvas: QOpenGLWidget, viewer: Viewer) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        # napari calls its own callbacks before those of plugins, and deletes in one of `removed`, so `removing` is the
        # last event before that. It deletes the layers of a batch after the last `removed`.
        for emitter in (viewer.layers.events.removing, viewer.layers.events.removed):
            emitter.connect(self._on_deletion)

    def _on_deletion(self, _event: Any = None) -> None:
        if isalive(self._canvas):
            self._canvas.makeCurrent()


def guard_context(viewer: Viewer, widget: QWidget) -> None:
    """Let a `ContextGuard` watch the canvas in the window of `widget`, if none does yet."""
    canvas = find_canvas(widget)
    if canvas is not None and canvas.findChild(ContextGuard) is None:
        ContextGuard(canvas, viewer)
