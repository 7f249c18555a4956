"""The columns of the table of results, and the choice among them: plain data, without a window."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal, get_args

if TYPE_CHECKING:
    from napari_quantize.viewer.layers.provenance import Provenance

Kind = Literal["values", "photo"]
KINDS: tuple[Kind, ...] = get_args(Kind)

# So many are shown however narrow the table is.
_AT_LEAST = 4


@dataclass(frozen=True)
class Column:
    """One figure of every result.

    Attributes
    ----------
    name : str
        What it is remembered by.
    title : str
        Over the column.
    unit_title : str
        The title in copied and saved tables, with the unit of the numbers under it.
    tip : str
        What it means, in a user's words.
    widest : str
        A cell that is as wide as they usually get: while figures come, columns keep their widths.
    slow : bool
        Whether it is measured only when it is shown, in the background.
    """

    name: str
    title: str
    unit_title: str
    tip: str
    widest: str = ""
    slow: bool = False


_DESCRIBED = (
    Column(
        "k",
        "K",
        "K",
        "How many values were to be kept → how many there are.\n"
        "Words behind it say what is not the default; “old”: the image has changed since.",
        "source",
    ),
    Column(
        "rmse",
        "error ±",
        "error (image units)",
        "By how much a value is off: root of the mean squared error, in the image's units",
        "0.000",
    ),
    Column(
        "bits",
        "bits/px",
        "bits per pixel",
        "Bits a pixel needs at least when each is coded on its own (entropy); not a file's size",
        "00.0",
    ),
    Column(
        "excess",
        "above best",
        "above best (%)",
        "How far the squared error of these levels lies above the least that so many levels can have.\n"
        "⚠: more than 1 %; “–”: nothing is lost, or the best is not known",
        "0.0 %",
    ),
    Column("colours", "colours", "colours", "How many different colours are left", "00,000"),
    Column(
        "delta_e",
        "ΔE",
        "mean dE00",
        "How far colours have moved as the eye sees it (CIEDE2000, mean over the pixels): 1 can just be seen",
        "00.00",
        slow=True,
    ),
    Column(
        "kb",
        "KB",
        "PNG (KB)",
        "Size of the PNG that Export… writes, with a palette where 256 colours are enough; of a stack, of the plane\n"
        "that is shown. “–”: PNG cannot hold such values",
        "0,000.0",
        slow=True,
    ),
    Column(
        "psnr",
        "PSNR",
        "PSNR (dB)",
        "Peak signal-to-noise ratio in decibels: higher is better, ∞ is without loss",
        "00.0",
    ),
    Column(
        "ssim",
        "SSIM",
        "SSIM",
        "Structural similarity of the plane that is shown, seen through small windows: 1 is equal",
        "0.000",
        slow=True,
    ),
    Column("max_error", "largest error", "largest error (image units)", "The largest error of any value, in its units"),
    Column(
        "noise",
        "error/noise",
        "error / noise",
        "The error in units of the image's own noise: below 1, less is lost than the camera adds",
        "0.00",
        slow=True,
    ),
    Column("mse", "MSE", "MSE (image units squared)", "Mean squared error of a value: the square of error ±", "0,000"),
    Column(
        "explained",
        "explained",
        "variance explained (%)",
        "Share of the image's variance that is kept: 100 % is without loss",
        "00.00 %",
    ),
)
COLUMNS = {column.name: column for column in _DESCRIBED}
_ORDER: dict[Kind, tuple[str, ...]] = {
    "values": tuple(COLUMNS),
    "photo": tuple(dict.fromkeys(("k", "colours", "delta_e", "kb", *COLUMNS))),
}


def applicable(kind: Kind, results: Iterable[Provenance]) -> tuple[str, ...]:
    """Return the columns for which results can have figures, those that matter most first."""
    made = list(results)
    missing = set()
    if all(one.codebook.mode == "color" for one in made):
        missing.add("excess")  # nobody knows the best colours
    if all(one.quality.n_colors is None for one in made):
        missing.add("colours")
    if kind != "photo":
        missing.add("delta_e")
    return tuple(name for name in _ORDER[kind] if name not in missing)


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
