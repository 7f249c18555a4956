"""The question what happens to files that are there already."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QAbstractButton, QMessageBox, QWidget

from napari_quantize.viewer import export_words as say


class ExistingFiles(QMessageBox):
    """Asks once for all of them.

    Parameters
    ----------
    parent : QWidget
        Who asks.
    paths : sequence of Path
        The files and folders.
    """

    answered = Signal(bool)
    """Emitted with whether they are replaced; not at all if nothing is to be written."""

    def __init__(self, parent: QWidget, paths: Sequence[Path]) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(say.EXIST_TITLE)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(say.exist_already(paths))
        self.replace = self.addButton("Replace", QMessageBox.ButtonRole.DestructiveRole)
        self.replace.setToolTip("Write all files; what is there now is lost")
        self.keep = self.addButton("Keep", QMessageBox.ButtonRole.AcceptRole)
        self.keep.setToolTip("Write only the files that are not there yet")
        self.setEscapeButton(self.addButton("Cancel", QMessageBox.ButtonRole.RejectRole))
        self.setDefaultButton(self.keep)
        self.buttonClicked.connect(self._on_clicked)

    def _on_clicked(self, button: QAbstractButton) -> None:
        if button in (self.replace, self.keep):
            self.answered.emit(button is self.replace)
