"""A part of the dock that can be folded away."""

from __future__ import annotations

from qtpy.QtCore import Qt, Signal
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QVBoxLayout, QWidget


class Fold(QWidget):
    """A title that shows or hides what is under it.

    Parameters
    ----------
    title : str
        Stands beside the arrow.
    content : QWidget
        What is folded.
    corner : QWidget, optional
        Stands at the right of the title while the content is shown.
    unfolded : bool
        Whether it is open at first.
    """

    toggled = Signal(bool)

    def __init__(self, title: str, content: QWidget, *, corner: QWidget | None = None, unfolded: bool = False) -> None:
        super().__init__()
        self._button = QPushButton()
        self._button.setCheckable(True)
        self._button.setChecked(unfolded)
        self._button.setFlat(True)
        self._button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._button.setStyleSheet("QPushButton { text-align: left; background: transparent; padding: 2px; }")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        heading = QHBoxLayout()
        heading.addWidget(self._button, 1)
        self._folded = [content]
        if corner is not None:
            heading.addWidget(corner)
            self._folded.append(corner)
        layout.addLayout(heading)
        layout.addWidget(content)
        self.set_title(title)
        self._button.toggled.connect(self._on_toggled)
        self._on_toggled(unfolded)

    def set_title(self, title: str) -> None:
        """Change the title."""
        self._title = title
        # An arrow of text takes the theme's colour; napari's style sheets do not reach icons.
        # A single ampersand would mark a key and vanish.
        self._button.setText(f"{'▾' if self._button.isChecked() else '▸'} {title.replace('&', '&&')}")

    def set_tooltip(self, text: str) -> None:
        """Change the tooltip of the title."""
        self._button.setToolTip(text)

    @property
    def is_unfolded(self) -> bool:
        """Whether the content is shown."""
        return bool(self._button.isChecked())

    def unfold(self, unfolded: bool = True) -> None:
        """Show or hide the content."""
        self._button.setChecked(unfolded)

    def _on_toggled(self, checked: bool) -> None:
        for part in self._folded:
            part.setVisible(checked)
        self.set_title(self._title)
        self.toggled.emit(checked)
