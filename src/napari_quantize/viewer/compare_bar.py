"""The row of buttons that say in which way a family is seen."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QMenu, QPushButton, QWidget


class CompareBar(QWidget):
    """Tells how the user wants to compare; shows which way that is."""

    one = Signal()
    tile = Signal(bool)
    apply = Signal()
    remove = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.one_button = _toggle("One", "Show only the layer of the current row")
        self.tile_button = _toggle("Tile", "Show the image and all its results side by side; press again to go back")
        self.one_button.clicked.connect(self.one)
        self.tile_button.clicked.connect(self.tile)
        self.more = menu_button("⋯", "More", [("Apply these levels to…", self.apply), ("Remove results", self.remove)])
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.one_button)
        layout.addWidget(self.tile_button)
        layout.addStretch()
        layout.addWidget(self.more)

    def show_way(self, *, tiled: bool, one: bool) -> None:
        """Show in which way the results are seen."""
        self.tile_button.setChecked(tiled)
        self.one_button.setChecked(one and not tiled)


def _toggle(text: str, tip: str) -> QPushButton:
    button = QPushButton(text)
    button.setCheckable(True)
    button.setToolTip(tip)
    return button


def menu_button(text: str, tip: str, entries: list[tuple[str, Signal]]) -> QPushButton:
    """Make a button with a menu whose entries emit signals."""
    button = QPushButton(text)
    button.setToolTip(tip)
    menu = QMenu(button)
    for title, signal in entries:
        menu.addAction(title).triggered.connect(lambda _=False, signal=signal: signal.emit())
    button.setMenu(menu)
    return button
