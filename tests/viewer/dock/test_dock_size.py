"""The width and height of the dock."""

import pytest
from driving import RGB, open_dock, press, settle
from qtpy.QtCore import QEvent, QObject
from qtpy.QtWidgets import QWidget

from napari_quantize.viewer.panels.classes.panel import ClassesPanel

ROOM = 300


class Watch(QObject):
    """Remembers the least sizes that a dock has had."""

    def __init__(self, dock):
        super().__init__(dock)
        self.widths = []
        dock.installEventFilter(self)

    def eventFilter(self, dock, event):
        if event.type() == QEvent.Type.LayoutRequest:
            self.widths.append(dock.minimumSize().width())
        return False


@pytest.fixture
def widget(window, qtbot):
    """A shown dock with results of a photo."""
    window.add_image(RGB, name="photo")
    widget = open_dock(window, "2, 4")
    press(qtbot, widget)
    settle(qtbot)
    return widget


def test_opening_panels_never_widens_the_dock(widget, qtbot):
    watch = Watch(widget.native.parentWidget())
    panels = widget._results_view.panels
    for panel in panels.panels:
        panels.open(panel.name)
        settle(qtbot)
    assert max(watch.widths) <= ROOM


def test_a_dock_shrinks_again(widget, qtbot):
    dock = widget.native.parentWidget()
    tall = QWidget()
    tall.setMinimumSize(400, 2000)
    widget.native.layout().addWidget(tall)
    qtbot.waitUntil(lambda: dock.minimumSize().height() > 2000)
    tall.hide()
    qtbot.waitUntil(lambda: dock.minimumSize().height() < 1000)
    assert dock.minimumSize().width() <= ROOM


def test_a_new_panel_of_classes_fits_the_dock(qtbot):
    panel = ClassesPanel()
    qtbot.addWidget(panel)
    assert panel.minimumSizeHint().width() <= ROOM
