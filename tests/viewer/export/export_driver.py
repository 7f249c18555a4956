"""Helpers of the tests of *Export…*: open its dialog, choose, and wait for the files."""

from driving import RGB, button, open_dock, press, settle
from qtpy.QtCore import Qt

from napari_quantize.viewer.export.dialog import ExportDialog


def open_photo_dock(viewer, qtbot, name):
    """Return a dock with two results of a photo."""
    viewer.add_image(RGB, name=name, rgb=True, scale=(0.5, 0.25), units=("um", "um"))
    widget = open_dock(viewer, "2, 4")
    press(qtbot, widget)
    return widget


def shown_of(widget, kind):
    found = [dialog for dialog in widget.native.findChildren(kind) if dialog.isVisible()]
    return found[-1] if found else None


def open_export(widget, qtbot):
    """Press Export… and wait until the files of all results are predicted."""
    button(widget, "Export…").click()
    dialog = shown_of(widget, ExportDialog)
    qtbot.waitUntil(lambda: "…" not in texts(dialog, 2))
    return dialog


def texts(dialog, column):
    return [dialog.list.topLevelItem(row).text(column) for row in range(dialog.list.topLevelItemCount())]


def tick(dialog, row, ticked):
    state = Qt.CheckState.Checked if ticked else Qt.CheckState.Unchecked
    dialog.list.topLevelItem(row).setCheckState(0, state)


def choose(box, value):
    box.setCurrentIndex(box.findData(value))


def wait_until_closed(widget, qtbot):
    """Wait until all files are written and the dialog is closed; return the dock's message."""
    qtbot.waitUntil(lambda: shown_of(widget, ExportDialog) is None)
    settle(qtbot)
    return widget.message.value
