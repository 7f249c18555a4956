"""The commands of the table of results: its rows, their boxes, and the menu of its columns."""

from __future__ import annotations

from qtpy.QtCore import Qt
from qtpy.QtTest import QTest

from napari_quantize.viewer.demo import wait
from napari_quantize.viewer.table.widget import ResultsTable
from tools.stress.session import OPEN_MS, Command, Session


class TableCommands:
    """The commands of the table.

    Parameters
    ----------
    session : Session
        The window.
    """

    def __init__(self, session: Session) -> None:
        self._session, self._random = session, session.random

    def by_name(self) -> dict[str, Command]:
        """Return the commands by their names in the table of the stress test."""
        return {
            "Go through the rows": self._go_through,
            "Tick a row": self.tick,
            "Choose a column": self.choose_column,
        }

    @property
    def _table(self) -> ResultsTable:
        return self._session.part(ResultsTable)

    def _go_through(self) -> bool:
        """Go up and down by the arrow keys."""
        table = self._table
        for key in self._random.choices((Qt.Key.Key_Up, Qt.Key.Key_Down), k=4):
            QTest.keyClick(table, key)
            wait(20)
        return bool(table.rowCount() > 1)

    def tick(self) -> bool:
        """Tick a row to stay among the tiles, or take its tick away."""
        items = [self._table.item(row, 0) for row in range(self._table.rowCount())]
        boxes = [item for item in items if item.data(Qt.ItemDataRole.CheckStateRole) is not None]
        if not boxes:
            return False
        box = self._random.choice(boxes)
        is_ticked = box.checkState() == Qt.CheckState.Checked
        box.setCheckState(Qt.CheckState.Unchecked if is_ticked else Qt.CheckState.Checked)
        wait(OPEN_MS)
        return True

    def choose_column(self) -> bool:
        """Add a column, or take it away."""
        menu = self._table.columns_menu
        self._session.pop_up(menu)
        menu.close()
        if not menu.actions():
            return False
        self._random.choice([action for action in menu.actions() if not action.isSeparator()]).trigger()
        wait(20)
        return True
