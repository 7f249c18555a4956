"""The menu in which the table's columns are chosen: of the header's right click, and of ⋯."""

from __future__ import annotations

from collections.abc import Iterable

from qtpy.QtCore import Signal
from qtpy.QtGui import QAction
from qtpy.QtWidgets import QMenu, QWidget

from napari_quantize.viewer.columns import COLUMNS


class ColumnsMenu(QMenu):
    """Shows what can be chosen; a tick takes a column away, or adds it.

    Parameters
    ----------
    parent : QWidget
        Whose columns they are.
    """

    chosen = Signal(object)
    """Emitted with the names of the columns that the user wants, or with None for as many as fit."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__("Columns", parent)
        self.setToolTipsVisible(True)
        self.triggered.connect(self._on_triggered)

    def fill(self, names: Iterable[str], shown: Iterable[str], *, automatic: bool) -> None:
        """Offer these columns beside K, with a tick at those that are shown."""
        self.clear()
        seen = set(shown)
        for name in names:
            if name != "k":
                self._add(COLUMNS[name].title, name, COLUMNS[name].tip, ticked=name in seen)
        self.addSeparator()
        self._add("As many as fit", None, "More columns where the dock is wide", ticked=automatic)

    def _add(self, title: str, name: str | None, tip: str, *, ticked: bool) -> None:
        action = self.addAction(title)
        action.setCheckable(True)
        action.setChecked(ticked)
        action.setData(name)
        action.setToolTip(tip)

    def _on_triggered(self, action: QAction) -> None:
        if action.data() is None:
            self.chosen.emit(None)
        else:
            ticked = [other.data() for other in self.actions() if other.isChecked() and other.data() is not None]
            self.chosen.emit(frozenset(ticked))
