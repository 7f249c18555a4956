"""The question before something is lost that the user may want."""

from __future__ import annotations

from qtpy.QtCore import Qt, QTimer, Signal
from qtpy.QtWidgets import QMessageBox, QWidget

# Until a closed window is gone from the screen, and what was behind it is painted.
_CLOSING_MS = 60


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
    """Emitted with True for all, False for the others; not emitted if the user cancels.

    It is emitted when the question is gone from the screen: an action that takes long would keep it there.
    """

    def __init__(
        self, parent: QWidget, title: str, text: str, all_text: str, others_text: str, *, has_others: bool = True
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setText(text)
        self.all = self.addButton(all_text, QMessageBox.ButtonRole.DestructiveRole)
        self.others = self.addButton(others_text, QMessageBox.ButtonRole.AcceptRole)
        self.others.setEnabled(has_others)
        cancel = self.addButton("Cancel", QMessageBox.ButtonRole.RejectRole)
        self.setEscapeButton(cancel)
        self.setDefaultButton(self.others if has_others else cancel)
        self._answer_timer = QTimer(self)
        self._answer_timer.setSingleShot(True)
        self._answer_timer.setInterval(_CLOSING_MS)
        self._answer_timer.timeout.connect(self._answer)
        self.finished.connect(self._on_finished)

    def _on_finished(self, _result: int) -> None:
        self._answer_timer.start()

    def _answer(self) -> None:
        self.deleteLater()
        if self.clickedButton() in (self.all, self.others):
            self.answered.emit(self.clickedButton() is self.all)
