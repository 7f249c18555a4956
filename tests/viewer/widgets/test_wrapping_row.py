"""A row of buttons that becomes two where it is too narrow."""

from qtpy.QtWidgets import QPushButton, QWidget

from napari_quantize.viewer.widgets.wrapping_row import WrappingRow


def test_it_has_as_many_rows_as_the_width_needs(qtbot):
    parent = QWidget()
    qtbot.addWidget(parent)
    buttons = [QPushButton(text) for text in ("One", "Tile", "Swipe", "Difference", "Flip", "more")]
    row = WrappingRow(buttons)
    row.setParent(parent)
    parent.show()
    widths = [button.minimumSizeHint().width() for button in buttons]
    wide, narrow = sum(widths) + 20, row.minimumSizeHint().width()
    assert narrow < wide
    for width, n_rows in ((wide, 1), (wide - 1, 2), (narrow, 2), (wide + 200, 1)):
        row.resize(width, 100)
        row.layout().activate()
        assert len({button.y() for button in buttons}) == n_rows, width
        assert all(button.width() >= needed for button, needed in zip(buttons, widths, strict=True))
        rights = [button.geometry().right() for button in buttons]
        assert max(rights) < width
    positions = [(button.y(), button.x()) for button in buttons]
    assert positions == sorted(positions)
