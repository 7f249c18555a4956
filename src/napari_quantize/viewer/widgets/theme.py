"""napari's theme as colours of the plots, and the size of its letters for what its style sheet leaves out."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.settings import get_settings
from napari.utils.theme import get_theme
from qtpy.QtGui import QFont, QFontInfo

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


def text_style() -> str:
    """Return a style sheet that gives napari's size of letters to what napari's own one leaves out.

    A style sheet, since Qt passes no fonts on to the children of a widget that has one. As in napari, letters are a
    point larger in fields than in tables.
    """
    size = get_settings().appearance.font_size
    return (
        f"QTableView, QHeaderView, PaletteView, Plot {{ font-size: {size}pt; }} "
        f"QLineEdit, QProgressBar {{ font-size: {size + 1}pt; }}"
    )


def font_scale(font: QFont) -> float:
    """Return how many times larger a font is than the usual one."""
    return float(QFontInfo(font).pixelSize() / _USUAL_PIXELS)
