"""napari's theme as colours of the plots, and the size of its letters for widgets that its style sheet leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.settings import get_settings
from napari.utils.theme import get_theme
from qtpy.QtGui import QFont, QFontInfo
from qtpy.QtWidgets import QHeaderView, QLineEdit, QTableView, QTreeView, QWidget

from napari_quantize.plots.theme import PlotTheme

if TYPE_CHECKING:
    from napari.viewer import Viewer

# Height of napari's usual letters, for which sizes in pixels and the letters of plots are meant: 9 points at 96 dots an
# inch, or 12 at the 72 of macOS.
_USUAL_PIXELS = 12


def plot_theme(viewer: Viewer) -> PlotTheme:
    """Return the colours of the viewer's theme."""
    theme = get_theme(viewer.theme)
    return PlotTheme(theme.background.as_hex(), theme.text.as_hex(), theme.secondary.as_hex())


class TextPainter(QWidget):
    """A widget that paints letters itself, in the size that `fit_text` gives to its font."""


def fit_text(root: QWidget) -> None:
    """Give napari's size of letters to those widgets within another that napari's style sheet leaves out.

    As in napari, letters are a point larger in fields than in tables. Fonts and no style sheet: Qt would style all
    widgets within `root` again, here and whenever they get another parent, which takes a third of the dock's opening.
    """
    size = get_settings().appearance.font_size
    # Children before parents: a table's rows are at least as high as the font of its header.
    for widget in reversed(root.findChildren(QWidget)):
        if isinstance(widget, QHeaderView | QTableView | QTreeView | TextPainter):
            _set_size(widget, size)
        elif isinstance(widget, QLineEdit):
            _set_size(widget, size + 1)


def _set_size(widget: QWidget, points: int) -> None:
    font = widget.font()
    font.setPointSize(points)
    widget.setFont(font)


def font_scale(font: QFont) -> float:
    """Return how many times larger a font is than the usual one."""
    return float(QFontInfo(font).pixelSize() / _USUAL_PIXELS)
