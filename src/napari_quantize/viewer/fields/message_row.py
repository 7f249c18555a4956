"""The line under *Quantize*: the message, or a sentence on removed results, and the button that puts them back."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QWidget

from napari_quantize.viewer import messages
from napari_quantize.viewer.widgets.notices import ReservedLines

MESSAGE_LINES = 2


class MessageRow(QWidget):
    """Show the message, else the sentence on removed results, in room that is reserved for either.

    Parameters
    ----------
    message : QLabel
        Label of the message.
    """

    undo = Signal()
    """Emitted when the user presses *Undo*."""

    def __init__(self, message: QLabel) -> None:
        super().__init__()
        self._message, self._removed = message, QLabel()
        self._button = QPushButton("Undo")
        self._button.clicked.connect(self.undo)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        for label in (self._message, self._removed):
            ReservedLines(label, MESSAGE_LINES)
            layout.addWidget(label, 1)
        layout.addWidget(self._button)
        self.show_message("")
        self.offer_undo("")

    def show_message(self, text: str) -> None:
        """Show a message; if it is empty, the sentence on removed results."""
        self._message.setText(text)
        shown, hidden = (self._message, self._removed) if text else (self._removed, self._message)
        hidden.hide()  # first: the two have room for one
        shown.show()

    def offer_undo(self, text: str) -> None:
        """Show *Undo*, and the sentence on removed results unless there is a message; hide both if it is empty."""
        self._removed.setText(text)
        self._button.setVisible(bool(text))
        self._button.setToolTip(f"{text}\n{messages.UNDO_TIP}")
