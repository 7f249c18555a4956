"""The window with the classes of several images side by side."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.notifications import show_error
from qtpy.QtCore import Qt
from qtpy.QtGui import QGuiApplication, QKeyEvent, QKeySequence, QShowEvent
from qtpy.QtWidgets import (
    QDialog,
    QDialogButtonBox,
    QHeaderView,
    QLabel,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from napari_quantize.text.spreadsheet import write_csv
from napari_quantize.viewer.panels.classes import messages as classes_messages
from napari_quantize.viewer.panels.classes.cells import cell_text
from napari_quantize.viewer.widgets.file_notices import write_with_notice
from napari_quantize.viewer.widgets.forms import set_up_row_list, wrap_text
from napari_quantize.viewer.widgets.plot import ask_path
from napari_quantize.viewer.widgets.theme import fit_text

if TYPE_CHECKING:
    from pathlib import Path

    from napari_quantize.viewer.panels.classes.comparison import Comparison

_MOST_OF_SCREEN = 0.8


class ComparisonDialog(QDialog):
    """Show a table of classes by image, which can be copied and saved.

    Parameters
    ----------
    parent : QWidget
        The dock.
    comparison : Comparison
        The table.
    """

    def __init__(self, parent: QWidget, comparison: Comparison) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(classes_messages.COMPARISON)
        self._comparison = comparison
        self.table = QTableWidget(len(comparison.rows), len(comparison.titles))
        self.table.setHorizontalHeaderLabels(list(comparison.titles))
        set_up_row_list(self.table)
        for row, cells in enumerate(comparison.rows):
            for column, cell in enumerate(cells):
                self.table.setItem(row, column, _item(cell))
        self.table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        self.table.horizontalHeader().setStretchLastSection(True)
        self.table.setSizeAdjustPolicy(QTableWidget.SizeAdjustPolicy.AdjustToContents)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Close)
        self.copy_button, self.save_button = QPushButton("Copy"), QPushButton("Save…")
        self.copy_button.setToolTip(classes_messages.COMPARISON_COPY_TIP)
        self.save_button.setToolTip(classes_messages.COMPARISON_SAVE_TIP)
        for button in (self.copy_button, self.save_button):
            buttons.addButton(button, QDialogButtonBox.ButtonRole.ActionRole)
        self.copy_button.clicked.connect(self.copy)
        self.save_button.clicked.connect(self._ask_and_save)
        buttons.rejected.connect(self.close)
        layout = QVBoxLayout(self)
        for part in (wrap_text(QLabel(classes_messages.COMPARISON_HINT)), self.table, buttons):
            layout.addWidget(part)
        fit_text(self)

    def showEvent(self, event: QShowEvent | None) -> None:
        """Take the size of the table, as far as the screen has room."""
        if event is not None and not event.spontaneous():  # else a minimized window is shown again, in the user's size
            self.resize(self.sizeHint().boundedTo(self.screen().availableSize() * _MOST_OF_SCREEN))
        super().showEvent(event)

    def keyPressEvent(self, event: QKeyEvent | None) -> None:
        """Copy the table with Ctrl+C."""
        if event is not None and event.matches(QKeySequence.StandardKey.Copy):
            self.copy()
        else:
            super().keyPressEvent(event)

    def copy(self) -> None:
        """Copy the whole table."""
        QGuiApplication.clipboard().setText(self._comparison.text())

    def save(self, path: Path) -> None:
        """Write the table as CSV."""
        write_csv(path, self._comparison.csv(), overwrite=True)

    def _ask_and_save(self) -> None:
        path = ask_path(self, classes_messages.COMPARISON, "shares and areas", "CSV (*.csv)", (".csv",))
        if path is not None and (problem := write_with_notice(path, self.save)):
            show_error(problem)


def _item(cell: object) -> QTableWidgetItem:
    item = QTableWidgetItem(cell_text(cell))
    side = Qt.AlignmentFlag.AlignLeft if isinstance(cell, str) else Qt.AlignmentFlag.AlignRight
    item.setTextAlignment(side | Qt.AlignmentFlag.AlignVCenter)
    return item
