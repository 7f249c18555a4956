"""The text of a combo box that is too narrow for it."""

from qtpy.QtWidgets import QComboBox

from napari_quantize.viewer.widgets.forms import ElidedText


def test_a_text_that_does_not_fit_ends_with_an_ellipsis(qtbot):
    box = QComboBox()
    qtbot.addWidget(box)
    box.addItem("Levels, own for each channel")
    elided = ElidedText(box)
    pictures = []
    for width, is_cut in ((400, False), (100, True), (101, True), (400, False)):
        box.resize(width, 24)
        shown = elided.shown_text()
        assert shown.endswith("…") == is_cut
        assert shown.removesuffix("…") in box.currentText()
        pictures.append(box.grab().toImage())
    assert pictures[0] == pictures[3]
    assert box.currentText() == "Levels, own for each channel"
