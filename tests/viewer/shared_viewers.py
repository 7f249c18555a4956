"""One viewer for many tests: opening and closing one takes longer than most tests do."""

from __future__ import annotations

import gc
import inspect
from collections.abc import Iterator
from contextlib import nullcontext

import napari
from app_model import Application
from napari._qt._qapp_model.qactions import init_qactions
from napari._qt.qt_viewer import QtViewer
from napari.layers import Layer
from napari.plugins import _initialize_plugins
from napari.settings import get_settings
from qtpy.compat import isalive
from qtpy.QtCore import QEvent
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtWidgets import QApplication, QWidget

from napari_quantize.viewer.layers.compat import camera_of, grid_of

# napari 0.6 has no such screen.
HAS_WELCOME = "show_welcome_screen" in inspect.signature(napari.Viewer).parameters
OPTIONS = {"show_welcome_screen": False} if HAS_WELCOME else {}


class SharedViewers:
    """Hands out the same viewer again as long as tests ask for the same kind, and each time as if it were new."""

    def __init__(self) -> None:
        self._viewer: napari.Viewer | None = None
        self._is_shown = False
        self._axis_labels: tuple[str, ...] = ()
        self._size = (0, 0)
        self._on_canvas: set[QWidget] = set()

    def open(self, *, show: bool) -> napari.Viewer:
        """Return a viewer without layers and docks."""
        if self._viewer is None or show != self._is_shown:
            self.close()
            forget_registered_actions()
            get_settings().reset()
            self._viewer, self._is_shown = napari.Viewer(show=show, **OPTIONS), show
            QApplication.processEvents()
            self._axis_labels = self._viewer.dims.axis_labels
            self._size = self._viewer.window.geometry()[2:]
            self._on_canvas = set(widgets_on_canvas(self._viewer))
        return self._viewer

    def clear(self) -> None:
        """Take from the viewer what a test has put there, and fail if the dock left something behind."""
        assert self._viewer is not None
        try:
            self._reset(self._viewer)
        except BaseException:
            self.discard()
            raise

    def _reset(self, viewer: napari.Viewer) -> None:
        viewer.window.remove_dock_widget("all")
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        called = [name for model in (viewer, *viewer.layers) for name in mouse_callbacks(model)]
        assert not called, f"left to be called by the mouse: {called}"
        if self._is_shown:
            # napari can crash if it removes what is painted, unless the canvas's context is current.
            grid_of(viewer).enabled = False
            for layer in viewer.layers:
                layer.visible = False
            QApplication.processEvents()
        viewer.layers.selection.clear()  # else napari shows the controls of the next layer with each one that goes
        with getattr(viewer.layers, "batched_update", nullcontext)():  # else the scene is updated after each layer
            viewer.layers.clear()
        for model in (viewer.dims, camera_of(viewer), viewer.cursor, grid_of(viewer)):
            model.reset()
        viewer.dims.ndisplay = 2
        viewer.dims.axis_labels = self._axis_labels
        get_settings().reset()
        viewer.theme = get_settings().appearance.theme
        if self._is_shown:
            viewer.window.resize(*self._size)
        QApplication.processEvents()
        left = list(listeners(viewer))
        assert not left, f"left listening: {left}"
        widgets = [widget for widget in widgets_on_canvas(viewer) if widget not in self._on_canvas]
        assert not widgets, f"left on the canvas: {widgets}"

    def close(self) -> None:
        """Close the viewer, and fail if something keeps it alive or its thread goes on."""
        if self._viewer is not None:
            thread = self._viewer.window._qt_window.status_thread
            self._close()
            n_alive = len(QtViewer._instances)
            QtViewer._instances.clear()  # else the next test that opens a viewer of its own would fail
            assert n_alive == 0, "the closed viewer is still alive"
            assert not isalive(thread) or thread.wait(5000), "napari's StatusChecker goes on"

    def discard(self) -> None:
        """Close the viewer after a failure, whose traceback may keep it alive."""
        if self._viewer is not None:
            self._close()
            QtViewer._instances.clear()

    def _close(self) -> None:
        assert self._viewer is not None
        self._viewer.close()
        self._viewer = None
        self._on_canvas = set()
        gc.unfreeze()
        gc.collect()


def forget_registered_actions() -> None:
    """Let napari register its actions and plugins anew, as its own fixture does: where both are used they clash."""
    Application.destroy("napari")
    _initialize_plugins.cache_clear()
    init_qactions.cache_clear()


def listeners(viewer: napari.Viewer) -> Iterator[str]:
    """Yield what of ours listens to the viewer."""
    for model in (viewer, viewer.layers, viewer.layers.selection, viewer.dims, camera_of(viewer), grid_of(viewer)):
        for emitter in (model.events, *model.events.emitters.values()):
            for callback in emitter.callbacks:
                # A method is kept as a weak reference to its object, and its name.
                owner, name = (callback[0](), callback[1]) if isinstance(callback, tuple) else (callback, "")
                # napari connects the first, and lets go of it with the widget; the second stays with the canvas.
                if is_ours(owner) and name not in ("reset_choices", "_on_deletion"):
                    yield f"{owner.__module__}.{type(owner).__name__}.{name} to {emitter.type}"


def mouse_callbacks(model: napari.Viewer | Layer) -> Iterator[str]:
    """Yield what of ours the mouse calls over a viewer or a layer."""
    for kind in ("move", "drag", "wheel", "double_click"):
        for callback in getattr(model, f"mouse_{kind}_callbacks"):
            if is_ours(getattr(callback, "__self__", callback)):
                yield f"{callback.__module__}.{callback.__qualname__}"


def is_ours(thing: object) -> bool:
    return (getattr(thing, "__module__", None) or "").startswith("napari_quantize")


def widgets_on_canvas(viewer: napari.Viewer) -> list[QWidget]:
    """Return the widgets that lie directly on the canvas."""
    canvas = viewer.window._qt_window.centralWidget().findChild(QOpenGLWidget)
    return [child for child in canvas.children() if isinstance(child, QWidget)]
