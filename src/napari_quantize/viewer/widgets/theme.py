"""napari's theme as colours of the plots."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.theme import get_theme

from napari_quantize.plots.theme import PlotTheme

if TYPE_CHECKING:
    from napari.viewer import Viewer


def plot_theme(viewer: Viewer) -> PlotTheme:
    """Return the colours of the viewer's theme."""
    theme = get_theme(viewer.theme)
    return PlotTheme(theme.background.as_hex(), theme.text.as_hex(), theme.secondary.as_hex())
