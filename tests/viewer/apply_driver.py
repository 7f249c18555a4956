"""Helpers of the tests of *Apply these levels to…*: open the dialog, and choose layers."""

from driving import menu_action
from qtpy.QtCore import Qt

from napari_quantize.viewer.run.apply_dialog import TargetDialog


def open_apply_dialog(widget):
    menu_action(widget, "Apply these levels to…").trigger()
    dialogs = [dialog for dialog in widget.native.findChildren(TargetDialog) if dialog.isVisible()]
    return dialogs[-1] if dialogs else None


def apply_to(widget, qtbot, *layer_names):
    """Tick layers in the dialog, and wait until they have got their results."""
    dialog = open_apply_dialog(widget)
    for row in range(dialog.list.count()):
        item = dialog.list.item(row)
        if item.text() in layer_names:
            item.setCheckState(Qt.CheckState.Checked)
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: "applied to" in widget.message.value)
