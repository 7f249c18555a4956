"""What tests of *Apply these levels to…* share: opening its dialog, and choosing layers."""

from driving import menu_action
from qtpy.QtCore import Qt

from napari_quantize.viewer.run.apply_dialog import TargetDialog


def ask(widget):
    menu_action(widget, "Apply these levels to…").trigger()
    dialogs = [dialog for dialog in widget.native.findChildren(TargetDialog) if dialog.isVisible()]
    return dialogs[-1] if dialogs else None


def apply_to(widget, qtbot, *wanted):
    """Tick layers in the dialog, and wait until they have got their results."""
    dialog = ask(widget)
    for row in range(dialog.list.count()):
        item = dialog.list.item(row)
        if item.text() in wanted:
            item.setCheckState(Qt.CheckState.Checked)
    dialog.apply_button.click()
    qtbot.waitUntil(lambda: "applied to" in widget.message.value, timeout=60_000)
