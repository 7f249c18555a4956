"""The columns of the table of results, and the choice among them: plain data, without a window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from napari_quantize.text.figures import COLOURS, DOCK, DOCK_OF_PHOTOS, Column, K, LossFigure

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.provenance import Provenance

Kind = Literal["values", "photo"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# So many are shown however narrow the table is, and as long as its width is not known.
_MIN_COLUMNS, _USUAL_COLUMNS = 3, 4

COLUMNS: dict[str, Column] = {column.name: column for column in (K, *DOCK)}
_FIGURES: dict[Kind, tuple[LossFigure, ...]] = {"values": DOCK, "photo": DOCK_OF_PHOTOS}


def applicable(kind: Kind, results: Iterable[Provenance]) -> tuple[str, ...]:
    """Return the names of columns for which results can have figures, those that matter most first.

    The number of colours is last if it only repeats K, as for results in colours.
    """
    provenances = list(results)
    names = [
        figure.name
        for figure in _FIGURES[kind]
        if (kind == "photo" or not figure.of_colors)
        and (figure.applies is None or any(map(figure.applies, provenances)))
    ]
    repeats_k = all(provenance.quality.n_colors == provenance.n_used for provenance in provenances)
    return (K.name, *sorted(names, key=lambda name: repeats_k and name == COLOURS.name))


@dataclass
class Columns:
    """The columns that the user has chosen; as many as fit if none were chosen.

    Attributes
    ----------
    chosen : dict
        Names of the columns beside K, for colour photos and for all other images. A kind of image without an entry
        has as many columns as fit.
    """

    chosen: dict[Kind, frozenset[str]] = field(default_factory=dict)

    def choose(self, kind: Kind, names: Collection[str] | None) -> None:
        """Choose columns, which are then shown whatever the width of the table.

        Parameters
        ----------
        kind : {"values", "photo"}
            The kind of images whose results have these columns.
        names : collection of str or None
            Names of the columns; K is always shown. None for as many as fit.

        Raises
        ------
        ValueError
            If there is no such column.
        """
        if names is None:
            self.chosen.pop(kind, None)
            return
        for name in names:
            if name not in COLUMNS:
                raise ValueError(f"there is no column {name!r}: the columns are {', '.join(COLUMNS)}")
        self.chosen[kind] = frozenset(names) - {"k"}

    def shown(
        self, kind: Kind, names: Iterable[str], width: int | None, width_of: Callable[[str], int]
    ) -> tuple[str, ...]:
        """Return the names of the columns that are shown.

        Parameters
        ----------
        kind : {"values", "photo"}
            The kind of image that the results are of.
        names : iterable of str
            Names of the columns that have figures, those that matter most first.
        width : int or None
            Width of the table; None if it is not known yet.
        width_of : callable
            Function of a column's name that returns the width it needs.
        """
        if kind in self.chosen:
            return tuple(name for name in names if name == "k" or name in self.chosen[kind])
        if width is None:
            return tuple(names)[:_USUAL_COLUMNS]
        shown: list[str] = []
        for name in names:
            width -= width_of(name)
            if width < 0 and len(shown) >= _MIN_COLUMNS:
                break
            shown.append(name)
        return tuple(shown)
