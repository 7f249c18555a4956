"""A row of widgets that becomes two where it is too narrow."""

from __future__ import annotations

from collections.abc import Sequence

from qtpy.QtCore import QEvent, QSize
from qtpy.QtWidgets import QGridLayout, QWidget

_SPACING = 4


class WrappingRow(QWidget):
    """Lay widgets out in one row, or in two where one is too narrow for them.

    Parameters
    ----------
    parts : sequence of QWidget
        The widgets from left to right.
    """

    def __init__(self, parts: Sequence[QWidget]) -> None:
        super().__init__()
        self._parts = list(parts)
        self._n_columns = 0
        self._layout = QGridLayout(self)
        self._layout.setContentsMargins(0, 0, 0, 0)
        self._layout.setSpacing(_SPACING)
        self._lay_out(len(parts))

    def minimumSizeHint(self) -> QSize:
        """Return the size of two rows if that of one is wider than the present width."""
        return QSize(self._width_of(self._half), super().minimumSizeHint().height())

    def event(self, event: QEvent | None) -> bool:
        """Take as many rows as are needed in another width, or with other texts or another font."""
        if event is not None and event.type() in (QEvent.Type.Resize, QEvent.Type.LayoutRequest):
            n_parts = len(self._parts)
            self._lay_out(n_parts if self._width_of(n_parts) <= self.width() else self._half)
        return bool(super().event(event))

    @property
    def _half(self) -> int:
        return -(-len(self._parts) // 2)

    def _width_of(self, n_columns: int) -> int:
        """Return the width of all rows together if they have so many columns."""
        widths = [part.minimumSizeHint().width() for part in self._parts]
        rows = [widths[first : first + n_columns] for first in range(0, len(widths), n_columns)]
        columns = [max(row[index] for row in rows if index < len(row)) for index in range(n_columns)]
        return int(sum(columns)) + _SPACING * (n_columns - 1)

    def _lay_out(self, n_columns: int) -> None:
        if n_columns == self._n_columns:
            return
        self._n_columns = n_columns
        for index, part in enumerate(self._parts):
            self._layout.addWidget(part, *divmod(index, n_columns))
        self.updateGeometry()
