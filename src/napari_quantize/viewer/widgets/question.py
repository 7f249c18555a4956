"""The question before something is lost that the user may want."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QAbstractButton, QMessageBox, QWidget


class Question(QMessageBox):
    """Ask whether an action includes the things that the question names: for all, only for the others, or cancel.

    Parameters
    ----------
    parent : QWidget
        A widget of the dock.
    title, text : str
        Title of the window, and the question; the text is not read as HTML.
    all_text, others_text : str
        Texts of the buttons.
    has_others : bool
        False if the question names all of them.
    """

    answered = Signal(bool)
    """Emitted with True for all, False for the others; not emitted if the user cancels."""

    def __init__(
        self, parent: QWidget, title: str, text: str, all_text: str, others_text: str, *, has_others: bool = True
    ) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.all = self.addButton(all_text, QMessageBox.ButtonRole.DestructiveRole)
        self.others = self.addButton(others_text, QMessageBox.ButtonRole.AcceptRole)
        self.others.setEnabled(has_others)
        cancel = self.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        self.setEscapeButton(cancel)
        self.setDefaultButton(self.others if has_others else cancel)
        self.buttonClicked.connect(self._on_clicked)

    def _on_clicked(self, button: QAbstractButton) -> None:
        if button in (self.all, self.others):
            self.answered.emit(button is self.all)
