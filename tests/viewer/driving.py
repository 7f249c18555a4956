"""Helpers of the tests of the dock: open it, press buttons, wait, and read what is shown."""

import threading

import numpy as np
from pytestqt.qtbot import QtBot
from qtpy.QtCore import QEvent, QPoint, Qt
from qtpy.QtOpenGLWidgets import QOpenGLWidget
from qtpy.QtTest import QTest
from qtpy.QtWidgets import QApplication, QCheckBox, QLabel, QPushButton, QTableWidget

from napari_quantize.core.api import sweep_request
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.provenance import METADATA_KEY
from napari_quantize.viewer.layers.sources import data_of

PLUGIN = "napari-quantize"
WIDGET = "K-means Quantization"
_TIMEOUT_MS = 60_000  # napari 0.6.6 takes most of a second for each layer

GREY = np.random.default_rng(0).integers(0, 200, (12, 16), dtype=np.uint8)
RGB = np.random.default_rng(1).integers(0, 200, (12, 16, 3), dtype=np.uint8)


class PatientBot(QtBot):
    """Waits longer than the five seconds of pytest-qt: busy machines and napari 0.6.6 need them."""

    def waitUntil(self, callback, *, timeout=_TIMEOUT_MS):
        super().waitUntil(callback, timeout=timeout)

    def waitSignal(self, signal, *, timeout=_TIMEOUT_MS, **options):
        return super().waitSignal(signal, timeout=timeout, **options)


class Gate:
    """Hold each result of a run back until the test lets it through."""

    def __init__(self):
        self._passes = threading.Semaphore(0)
        self._is_open = False
        self.deaf = False
        """If True, the work does not call `tick` while it waits, as in a long call."""
        self.waiting = threading.Event()
        self.left = threading.Event()

    def sweep_request(self, image, ks, request, **options):
        try:
            for result in sweep_request(image, ks, request, **options):
                self.waiting.set()
                while not (self._is_open or self._passes.acquire(timeout=0.005)):
                    if not self.deaf:
                        options["tick"]()
                yield result
        finally:
            self.left.set()

    def let(self, n):
        """Let `n` results through."""
        self._passes.release(n)

    def open(self):
        """Let all further results through."""
        self._is_open = True

    def close(self):
        """Hold further results back."""
        self._is_open = False
        self.waiting.clear()


def open_dock_and_widget(viewer):
    """Open the dock as a script does; return napari's dock and our widget in it."""
    return viewer.window.add_plugin_dock_widget(PLUGIN, WIDGET)


def open_dock(viewer, ks="2, 4", *, tile=False):
    """Open the dock with these K, and return our widget."""
    _, widget = open_dock_and_widget(viewer)
    widget.k_values.value = ks
    widget.tile.value = tile
    return widget


def compare_of(widget):
    """Return the controller of the view modes."""
    return widget._family_controller._compare_controller


def accordion_of(widget):
    """Return the folds of the dock's lower half."""
    return widget._results_view.panels


def find_panel(widget, title):
    """Return the panel in the fold of this title."""
    [found] = [panel for panel in accordion_of(widget).panels if panel.name == title]
    return found


def press(qtbot, widget):
    """Press Quantize, wait for the end of the run, and return its layers."""
    with qtbot.waitSignal(widget.finished) as ended:
        widget.run.native.click()
    return ended.args[0]


def settle(qtbot):
    """Process all pending events and deletions."""
    for _ in range(3):
        QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
        qtbot.wait(5)


def wait_for_threads(qtbot):
    """Wait until no thread of the plugin is left."""
    qtbot.waitUntil(lambda: not any(thread.name.startswith("napari-quantize") for thread in threading.enumerate()))
    settle(qtbot)


def results_of(viewer):
    """Return the results, in the order of the layer list."""
    return [layer for layer in viewer.layers if METADATA_KEY in layer.metadata]


def names(layers):
    return [layer.name for layer in layers]


def shown(viewer):
    """Return the names of the visible layers."""
    return [layer.name for layer in viewer.layers if layer.visible]


def shown_plane(dims, layer):
    """Return the displayed plane at full resolution, oriented as it is displayed."""
    return Plane.displayed(dims, layer).extract(data_of(layer))


def button(widget, text):
    """Return the push button or check box with this text."""
    kinds = (QPushButton, QCheckBox)
    [found] = [b for kind in kinds for b in widget.native.findChildren(kind) if b.text() == text]
    return found


def menu_action(widget, title):
    """Return the entry of one of the dock's menus."""
    menus = [b.menu() for b in widget.native.findChildren(QPushButton) if b.menu() is not None]
    [found] = [action for menu in menus for action in menu.actions() if action.text() == title]
    return found


def is_shown(part, widget):
    """Return whether a part of the dock would be visible if the window were shown."""
    return part.isVisibleTo(widget.native)


def labels(widget):
    """Return the texts of all labels that can be seen in the dock."""
    seen = [label for label in widget.native.findChildren(QLabel) if is_shown(label, widget)]
    return [label.text().replace("\N{NO-BREAK SPACE}", " ") for label in seen if label.text()]


def table(widget):
    return widget.native.findChild(QTableWidget)


def column(widget, number):
    """Return the texts of a column of the table."""
    rows = table(widget)
    return [rows.item(row, number).text() for row in range(rows.rowCount())]


def titles(widget):
    """Return the titles of the table's columns."""
    rows = table(widget)
    return [rows.horizontalHeaderItem(index).text() for index in range(rows.columnCount())]


def current_row(widget):
    return table(widget).currentRow()


def key(widget, which, modifier=Qt.KeyboardModifier.NoModifier):
    """Press a key in the table."""
    QTest.keyClick(table(widget), which, modifier)


def click_box(view, item):
    """Click the box of an item in a table or list, which is at the left of its cell."""
    view.scrollToItem(item)
    cell = view.visualItemRect(item)
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(cell.left() + 9, cell.center().y()))


def captions():
    """Return the captions over the canvas in reading order."""
    found = [w for w in QApplication.allWidgets() if isinstance(w, QLabel) and isinstance(w.parent(), QOpenGLWidget)]
    seen = [label for label in found if not label.isHidden()]
    texts = [label.text() for label in sorted(seen, key=lambda label: (label.y(), label.x()))]
    return [text.replace("\n", " · ") for text in texts]  # broken in narrow cells


def same_camera(before, now):
    return before.keys() == now.keys() and all(np.allclose(before[name], now[name]) for name in before)
