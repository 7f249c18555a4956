"""A part of the dock that the user can fold."""

from __future__ import annotations

from qtpy.QtCore import QSize, Qt, Signal
from qtpy.QtGui import QResizeEvent
from qtpy.QtWidgets import QPushButton, QSizePolicy, QVBoxLayout, QWidget

from napari_quantize.viewer.widgets.wrapping_row import WrappingRow

_PADDING = 8
# Letters of a title that have room in any case: alone, and beside a corner, which else goes below the title.
_LETTERS_ALONE, _LETTERS_BESIDE_CORNER = 6, 20


class _Title(QPushButton):
    """Button whose text is elided if it is too long, so that it never widens the dock.

    Its width decides where its corner goes, not its text: nothing moves when the text changes.
    """

    def __init__(self, n_letters: int) -> None:
        super().__init__()
        self._full_text = ""
        self._n_letters = n_letters
        # A button's policy would make the text that is shown now the least width.
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHorizontalStretch(1)
        self.setSizePolicy(policy)

    def set_full_text(self, text: str) -> None:
        """Set the text; show as much of it as fits."""
        self._full_text = text
        self._elide()

    def minimumSizeHint(self) -> QSize:
        """Return the width of the letters that have room in any case."""
        return QSize(self.fontMetrics().averageCharWidth() * self._n_letters, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent | None) -> None:
        """Elide the text for the new width."""
        super().resizeEvent(event)
        self._elide()

    def _elide(self) -> None:
        room = self.width() - _PADDING
        # The end of a title names the result.
        text = self.fontMetrics().elidedText(self._full_text, Qt.TextElideMode.ElideMiddle, room)
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
        Shown at the right of the title, or below it in a narrow dock, while the content is shown.
    unfolded : bool
        Whether it is open at first.
    """

    toggled = Signal(bool)

    opening = Signal()
    """Emitted just before the content is shown."""

    def __init__(self, title: str, content: QWidget, *, corner: QWidget | None = None, unfolded: bool = False) -> None:
        super().__init__()
        self._tip = ""
        self._button = _Title(_LETTERS_ALONE if corner is None else _LETTERS_BESIDE_CORNER)
        self._button.setCheckable(True)
        self._button.setChecked(unfolded)
        self._button.setFlat(True)
        self._button.setCursor(Qt.CursorShape.PointingHandCursor)
        self._button.setStyleSheet("QPushButton { text-align: left; background: transparent; padding: 2px; }")
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        self._folded = [content]
        if corner is None:
            layout.addWidget(self._button)
        else:
            layout.addWidget(_heading(self._button, corner))
            self._folded.append(corner)
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


def _heading(title: QWidget, corner: QWidget) -> QWidget:
    """Lay a title and the controls in its corner out in one row, or in two in a narrow dock."""
    heading = WrappingRow([title, corner])
    heading.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
    return heading
