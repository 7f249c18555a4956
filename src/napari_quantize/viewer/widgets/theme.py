"""napari's theme, as the plots need it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from napari.utils.theme import get_theme

from napari_quantize.plots.colors import Ink

if TYPE_CHECKING:
    from napari.viewer import Viewer


def ink_of(viewer: Viewer) -> Ink:
    """Return the colours of the viewer's theme."""
    theme = get_theme(viewer.theme)
    return Ink(theme.background.as_hex(), theme.text.as_hex(), theme.secondary.as_hex())
