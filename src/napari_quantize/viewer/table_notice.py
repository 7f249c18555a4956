"""The line under the table: what is to be said of the current row, and what can be done about it."""

from __future__ import annotations

from qtpy.QtCore import Signal
from qtpy.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QWidget

from napari_quantize.viewer import table_words


class TableNotice(QWidget):
    """Shows a sentence, and the button *Use best* where that would help."""

    use_best = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._label = QLabel()
        self._label.setWordWrap(True)
        self._label.setToolTip(table_words.NOTICE_TIP)
        self._label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._button = QPushButton("Use best")
        self._button.setToolTip(table_words.USE_BEST)
        self._button.clicked.connect(self.use_best)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(2, 0, 0, 0)
        layout.addWidget(self._label, 1)
        layout.addWidget(self._button)
        # The same height with and without the button: else all below would jump with each row.
        self.setMinimumHeight(self._button.sizeHint().height())
        self.say("", can_use_best=False)

    def say(self, text: str, *, can_use_best: bool) -> None:
        """Show a sentence; nothing is shown if it is empty."""
        self._label.setText(text)
        self._button.setVisible(can_use_best)
        self.setVisible(bool(text))
