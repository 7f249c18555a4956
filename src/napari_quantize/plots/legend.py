"""Draw a legend for a small plot: names in their own colours, which take less room than a box with samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.axes import Axes
    from matplotlib.text import Annotation

    from napari_quantize.plots.theme import PlotTheme

SIZE = 7  # of letters, in points
# Width of a letter in points, estimated: matplotlib measures text only by drawing it.
_LETTER = 3.7


class Legend:
    """Several names side by side above the axes, or one inside them at the upper right."""

    def __init__(self, axes: Axes) -> None:
        self._axes = axes
        self._names: list[Annotation] = []

    @property
    def is_above(self) -> bool:
        """True if the legend takes room above the axes."""
        return len(self._names) > 1

    def show(self, names: Sequence[tuple[str, str]], theme: PlotTheme) -> None:
        """Show pairs of name and colour; an empty colour stands for the theme's text colour."""
        above = len(names) > 1
        if len(names) != len(self._names):
            for old in self._names:
                old.remove()
            self._names = [self._annotate(above) for _ in names]
        across = 0.0
        for label, (name, color) in zip(self._names, names, strict=True):
            label.set_text(name)
            label.set_color(color or theme.text)
            if above:
                label.xyann = (across, 2)
                across += _LETTER * (len(name) + 2)

    def _annotate(self, above: bool) -> Annotation:
        options: dict[str, Any] = {"xycoords": "axes fraction", "textcoords": "offset points", "size": SIZE}
        if above:
            return self._axes.annotate("", (0, 1), (0, 2), ha="left", va="bottom", **options)
        return self._axes.annotate("", (1, 1), (-2, -1), ha="right", va="top", **options)
