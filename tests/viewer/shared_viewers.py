"""One viewer for many tests: opening and closing one takes longer than most tests do."""

import gc
import inspect
from collections.abc import Iterator

import napari
from app_model import Application
from driving import remove_all
from napari._qt._qapp_model.qactions import init_qactions
from napari.plugins import _initialize_plugins
from napari.settings import get_settings
from qtpy.QtCore import QEvent
from qtpy.QtWidgets import QApplication

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
        return self._viewer

    def clear(self) -> None:
        """Take from the viewer what a test has put there, and fail if the dock left a listener behind."""
        viewer = self._viewer
        assert viewer is not None
        viewer.window.remove_dock_widget("all")
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        if self._is_shown:
            # napari can crash if it removes what is painted, unless the canvas's context is current.
            grid_of(viewer).enabled = False
            for layer in viewer.layers:
                layer.visible = False
            QApplication.processEvents()
        remove_all(viewer)
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

    def close(self) -> None:
        """Close the viewer and let it go."""
        if self._viewer is not None:
            self._viewer.close()
            self._viewer = None
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
                module = getattr(owner, "__module__", None) or ""
                # napari connects the first, and lets go of it with the widget; the second stays with the canvas.
                if module.startswith("napari_quantize") and name not in ("reset_choices", "_on_deletion"):
                    yield f"{module}.{type(owner).__name__}.{name} to {emitter.type}"
