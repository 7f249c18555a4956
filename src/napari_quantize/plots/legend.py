"""Draw a legend for a small plot: names in their own colours, which take less room than a box with samples."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, cast

from matplotlib.font_manager import FontProperties
from matplotlib.offsetbox import AnchoredOffsetbox, HPacker, TextArea, VPacker

if TYPE_CHECKING:
    from collections.abc import Sequence

    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from matplotlib.text import Text

    from napari_quantize.plots.theme import PlotTheme

SIZE = 7  # of letters, in points
# In points: between names, between lines, from one line to the next, and around all.
_GAP, _LINE_GAP, _LINE, _PAD = 7, 1, 8.5, 2
_POINTS = 72  # of an inch


class Legend:
    """Several names side by side above the axes, in as many lines as they need, or one name at the upper right inside.

    Parameters
    ----------
    axes : matplotlib.axes.Axes
        Drawn into.
    side : {"left", "right"}
        Side of the axes at which the names above them begin or end.
    """

    def __init__(self, axes: Axes, side: Literal["left", "right"] = "left") -> None:
        self._axes, self._side = axes, side
        self._names: list[Text] = []
        self._artist: Artist | None = None
        self._areas: list[TextArea] = []
        self._starts = [0]  # indices of the names that begin a line

    @property
    def is_above(self) -> bool:
        """True if the legend takes room above the axes."""
        return len(self._names) > 1

    def show(self, names: Sequence[tuple[str, str]], theme: PlotTheme) -> None:
        """Show pairs of name and colour; an empty colour stands for the theme's text colour."""
        if len(names) != len(self._names):
            if self._artist is not None:
                self._artist.remove()
            self._starts = [0]
            self._areas = [TextArea("", textprops={"size": SIZE}) for _ in names] if len(names) > 1 else []
            self._names = [cast("Text", area.get_children()[0]) for area in self._areas]
            self._artist = self._add_above() if self._areas else self._add_inside() if names else None
        for label, (name, color) in zip(self._names, names, strict=True):
            label.set_text(name)
            label.set_color(color or theme.text)

    def wrap(self, room: float) -> float:
        """Break the names above the axes into lines, and return the height of all but the first, in inches.

        Parameters
        ----------
        room : float
            The width of a line in inches.
        """
        points = self._axes.figure.dpi / _POINTS
        most = room * _POINTS - 2 * _PAD
        starts, end = [0], 0.0
        for index, name in enumerate(self._names):
            width = name.get_window_extent().width / points
            if end + width > most and index > starts[-1]:
                starts.append(index)
                end = 0.0
            end += width + _GAP
        if isinstance(self._artist, AnchoredOffsetbox) and starts != self._starts:
            self._starts = starts
            self._artist.set_child(self._lines())
        return (len(starts) - 1) * _LINE / _POINTS

    def _lines(self) -> VPacker:
        """Return the names, packed into lines."""
        ends = [*self._starts[1:], len(self._areas)]
        lines = [
            HPacker(pad=0, sep=_GAP, children=[*self._areas[start:end]])
            for start, end in zip(self._starts, ends, strict=True)
        ]
        return VPacker(pad=0, sep=_LINE_GAP, align=self._side, children=[*lines])

    def _add_inside(self) -> Artist:
        """Add one empty name inside the axes."""
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
        self._names = [inside]
        return inside

    def _add_above(self) -> Artist:
        """Add a box for the names above the axes."""
        above = AnchoredOffsetbox(
            f"lower {self._side}",
            child=self._lines(),
            pad=0,
            borderpad=_PAD / SIZE,
            prop=FontProperties(size=SIZE),
            frameon=False,
            bbox_to_anchor=(float(self._side == "right"), 1),
            bbox_transform=self._axes.transAxes,
        )
        return self._axes.add_artist(above)
