"""Draw a legend for a small plot: names in their own colours, which take less room than a box with samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from matplotlib.font_manager import FontProperties
from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from napari_quantize.plots.theme import PlotTheme

SIZE = 7  # of letters, in points
_GAP = 7  # between names, in points


class Legend:
    """Several names side by side above the axes, or one inside them at the upper right.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Drawn into.
    side : {"left", "right"}
        Side of the axes at which the names above them begin or end. Where they are too long, those that end at the
        right have the room beside the numbers of the vertical axis, too.
    """

    def __init__(self, axes: Axes, side: Literal["left", "right"] = "left") -> None:
        self._axes, self._side = axes, side
        self._names: list[Text] = []
        self._artist: Artist | None = None

    @property
    def is_above(self) -> bool:
        """True if the legend takes room above the axes."""
        return len(self._names) > 1

    def show(self, names: Sequence[tuple[str, str]], theme: PlotTheme) -> None:
        """Show pairs of name and colour; an empty colour stands for the theme's text colour."""
        if len(names) != len(self._names):
            if self._artist is not None:
                self._artist.remove()
            self._names, self._artist = self._add(len(names))
        for label, (name, color) in zip(self._names, names, strict=True):
            label.set_text(name)
            label.set_color(color or theme.text)

    def _add(self, n_names: int) -> tuple[list[Text], Artist | None]:
        """Add empty names, and return them and the artist that holds them."""
        if n_names == 0:
            return [], None
        if n_names == 1:
            inside = self._axes.annotate(
                "",
                (1, 1),
                (-2, -1),
                xycoords="axes fraction",
                textcoords="offset points",
                ha="right",
                va="top",
                size=SIZE,
            )
            return [inside], inside
        areas = [TextArea("", textprops={"size": SIZE}) for _ in range(n_names)]
        above = AnchoredOffsetbox(
            f"lower {self._side}",
            child=HPacker(pad=0, sep=_GAP, children=[*areas]),
            pad=0,
            borderpad=2 / SIZE,
            prop=FontProperties(size=SIZE),
            frameon=False,
            bbox_to_anchor=(float(self._side == "right"), 1),
            bbox_transform=self._axes.transAxes,
        )
        self._axes.add_artist(above)
        return [cast("Text", area.get_children()[0]) for area in areas], above
