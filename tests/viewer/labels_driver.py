"""Helpers of the tests of *Make labels*: set the fields of its form, and press the button."""

from napari_quantize.viewer.labels import messages as labels_messages
from napari_quantize.viewer.labels.button import LabelsButton


def make_labels(viewer, qtbot, widget, **options):
    """Press *Make labels*, and return the layer that was added or filled."""
    form = widget.native.findChild(LabelsButton).form
    for name, value in options.items():
        field = getattr(form, name)
        (field.setChecked if isinstance(value, bool) else field.setValue)(value)
    button_of(widget).click()
    qtbot.waitUntil(lambda: button_of(widget).text() == labels_messages.MAKE)
    return viewer.layers.selection.active


def button_of(widget):
    return widget.native.findChild(LabelsButton).button


def open_options(widget):
    """Open the options as the button ▾ does, and return the form."""
    labels_button = widget.native.findChild(LabelsButton)
    labels_button.menu_opened.emit()
    return labels_button.form
