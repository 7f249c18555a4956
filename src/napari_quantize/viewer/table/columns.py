"""The columns of the table of results, and the choice among them: plain data, without a window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

from napari_quantize.text.figures import DOCK, DOCK_OF_PHOTOS, Column, K, LossFigure

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.provenance import Provenance

Kind = Literal["values", "photo"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# So many are shown however narrow the table is.
_AT_LEAST = 4


COLUMNS: dict[str, Column] = {column.name: column for column in (K, *DOCK)}
_FIGURES: dict[Kind, tuple[LossFigure, ...]] = {"values": DOCK, "photo": DOCK_OF_PHOTOS}


def applicable(kind: Kind, results: Iterable[Provenance]) -> tuple[str, ...]:
    """Return the columns for which results can have figures, those that matter most first."""
    made = list(results)
    can_be = [
        figure.name
        for figure in _FIGURES[kind]
        if (kind == "photo" or not figure.of_colors) and (figure.applies is None or any(map(figure.applies, made)))
    ]
    return (K.name, *can_be)


@dataclass
class Columns:
    """The columns that the user has chosen; as many as fit if none were chosen.

    Attributes
    ----------
    chosen : dict
        Names of the columns beside K, for colour photos and for all other images; a kind of image that is not there
        has as many columns as there is room for.
    """

    chosen: dict[Kind, frozenset[str]] = field(default_factory=dict)

    def choose(self, kind: Kind, names: Collection[str] | None) -> None:
        """Show these columns whatever the room, K always among them; None: as many as there is room for.

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

    def shown(self, kind: Kind, names: Iterable[str], room: int, width_of: Callable[[str], int]) -> tuple[str, ...]:
        """Return which columns are shown.

        Parameters
        ----------
        kind : {"values", "photo"}
            Of which images the results are.
        names : iterable of str
            The columns there are figures for, those that matter most first.
        room, width_of : int, callable
            Width of the table, and what a column of this name needs of it.
        """
        if kind in self.chosen:
            return tuple(name for name in names if name == "k" or name in self.chosen[kind])
        shown: list[str] = []
        for name in names:
            room -= width_of(name)
            if room < 0 and len(shown) >= _AT_LEAST:
                break
            shown.append(name)
        return tuple(shown)
