"""napari's canvas, a Qt widget with an OpenGL context, and how to remove what it has drawn."""

from __future__ import annotations

from collections.abc import Iterable
from functools import partial
from typing import TYPE_CHECKING, Any

from qtpy.compat import isalive
from qtpy.QtCore import QObject, QTimer
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QMainWindow, QWidget

from napari_quantize.viewer.layers.compat import batched_update

if TYPE_CHECKING:
    from napari.layers import Layer
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

    napari deletes the buffers and textures of a removed layer at once, in whatever context is current, which is
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


def remove_soon(viewer: Viewer, layers: Iterable[Layer]) -> None:
    """Hide layers, and remove them in the next turn of the event loop, unless the user has removed them by then.

    Not now: napari may be in the middle of removing layers by index, and the indices would shift.
    """
    layers = list(layers)
    for layer in layers:
        layer.visible = False
    QTimer.singleShot(0, partial(_remove, viewer, layers))


def _remove(viewer: Viewer, layers: list[Layer]) -> None:
    if not any(layer in viewer.layers for layer in layers):  # even an empty batch would make napari update its scene
        return
    with batched_update(viewer):
        for layer in layers:
            if layer in viewer.layers:  # asked each time: whoever listens may remove others
                viewer.layers.remove(layer)
