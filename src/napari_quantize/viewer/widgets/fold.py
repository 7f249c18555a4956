"""A part of the dock that the user can fold."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QVBoxLayout, QWidget

_PADDING = 8


class _Title(QPushButton):
    """Button whose text is elided if it is too long, so that it never widens the dock."""

    def __init__(self) -> None:
        super().__init__()
        self._full_text = ""
        # A button's policy would make the text that is shown now the least width.
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def set_full_text(self, text: str) -> None:
        """Set the text; show as much of it as fits."""
        self._full_text = text
        self._elide()

    def minimumSizeHint(self) -> QSize:
        """Return a width of about six characters."""
        return QSize(self.fontMetrics().averageCharWidth() * 6, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Elide the text for the new width."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.width() - _PADDING
        text = self.fontMetrics().elidedText(self._full_text, Qt.TextElideMode.ElideRight, room)
        self.setText(text.replace("&", "&&"))  # Qt takes a single ampersand as a shortcut and hides it


class Fold(QWidget):
    """A title that shows or hides the content under it.

    Parameters
    ----------
    title : str
        Text beside the arrow.
    content : QWidget
        The folded part.
    corner : QWidget, optional
        Shown at the right of the title while the content is shown.
    unfolded : bool
        Whether it is open at first.
    """

    toggled = Signal(bool)

    opening = Signal()
    """Emitted just before the content is shown."""

    def __init__(self, title: str, content: QWidget, *, corner: QWidget | None = None, unfolded: bool = False) -> None:
        super().__init__()
        self._tip = ""
        self._button = _Title()
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
        self._update_tooltip()
        # An arrow of text takes the theme's colour; napari's style sheets do not reach icons.
        self._button.set_full_text(f"{'▾' if self._button.isChecked() else '▸'} {title}")

    def set_tooltip(self, text: str) -> None:
        """Set the tooltip of the title; the whole title stands above it."""
        self._tip = text
        self._update_tooltip()

    def _update_tooltip(self) -> None:
        self._button.setToolTip("\n".join(filter(None, [self._title, self._tip])))

    @property
    def is_unfolded(self) -> bool:
        """True if the content is shown."""
        return bool(self._button.isChecked())

    def unfold(self, unfolded: bool = True) -> None:
        """Show or hide the content."""
        self._button.setChecked(unfolded)

    def _on_toggled(self, checked: bool) -> None:
        if checked:
            self.opening.emit()
        for part in self._folded:
            part.setVisible(checked)
        self.set_title(self._title)
        self.toggled.emit(checked)
