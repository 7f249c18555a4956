"""The figures of loss: titles, units, explanations, values and formats, and which of them each table shows."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from napari_quantize.text.numbers import format_number
from napari_quantize.text.results import format_excess

if TYPE_CHECKING:
    from napari_quantize.core.record import Record

NONE = "–"
"""What stands in a cell where there is no figure."""


@dataclass(frozen=True, kw_only=True)
class Column:
    """A column of a table of results.

    Attributes
    ----------
    name : str
        Key in settings, CSV and JSON.
    title : str
        Title of the column.
    unit_title : str
        Title in copied and saved tables, with the unit of the numbers under it.
    tip : str
        Explanation in a user's words.
    widest : str
        A cell that is as wide as they usually get: while figures come, columns keep their widths.
    in_report : str
        Explanation in a report, where `tip` does not hold there; else empty.
    """

    name: str
    title: str
    unit_title: str
    tip: str
    widest: str = ""
    in_report: str = ""

    @property
    def definition(self) -> str:
        """Explanation in a report."""
        return self.in_report or self.tip


@dataclass(frozen=True, kw_only=True)
class LossFigure(Column):
    """A figure of loss.

    Attributes
    ----------
    write : callable
        Function that formats a value.
    value : callable or None
        Function that returns the value of a record, or None where there is none. None if the value is no part of
        records, because measuring it takes long.
    factor : int
        Factor from values to the unit of `unit_title`.
    applies : callable or None
        Function that returns whether a record can have this figure; None if all can.
    of_colors : bool
        Whether only colours that people see can have this figure: those of RGB images.
    """

    write: Callable[[float], str]
    value: Callable[[Record], float | None] | None = None
    factor: int = 1
    applies: Callable[[Record], bool] | None = None
    of_colors: bool = False

    @property
    def slow(self) -> bool:
        """Whether the figure is measured only when somebody asks for it."""
        return self.value is None

    def text(self, value: float | None) -> str:
        """Format a value; a dash where there is none."""
        return NONE if value is None else self.write(value)


def recorded(figures: tuple[LossFigure, ...], record: Record) -> dict[str, float | None]:
    """Return the values that a record holds, by names of figures; None where there is no such figure."""
    return {figure.name: figure.value(record) for figure in figures if figure.value is not None}


def _decibels(value: float) -> str:
    return f"{value:.1f}" if math.isfinite(value) else format_number(value)


def _percent(share: float) -> str:
    return f"{100 * share:.2f} %" if math.isfinite(share) else NONE


K = Column(
    name="k",
    title="K",
    unit_title="K",
    tip="How many values were to be kept → how many there are.\n"
    "Words behind it say what is not the default; “old”: the image has changed since.",
    widest="source",
    in_report="How many values or colours were kept; 32 → 16: the image has only 16, all were kept",
)
RMSE = LossFigure(
    name="rmse",
    title="error ±",
    unit_title="error (image units)",
    tip="By how much a value is off: root of the mean squared error, in the image's units",
    widest="0.000",
    write=format_number,
    value=lambda record: record.quality.rmse,
)
BITS = LossFigure(
    name="bits",
    title="bits/px",
    unit_title="bits per pixel",
    tip="Bits a pixel needs at least when each is coded on its own (entropy); not a file's size",
    widest="00.0",
    write="{:.1f}".format,
    value=lambda record: record.quality.bits_per_pixel,
)
EXCESS = LossFigure(
    name="excess",
    title="above best",
    unit_title="above best (%)",
    tip="How far the squared error of these levels lies above the least that so many levels can have.\n"
    "⚠: more than 1 %; “–”: nothing is lost, or the best is not known",
    widest="00.0 % ⚠",
    write=format_excess,
    value=lambda record: record.quality.excess,
    factor=100,
    applies=lambda record: record.codebook.mode != "color",  # nobody knows the best colours
)
COLOURS = LossFigure(
    name="colours",
    title="colours",
    unit_title="colours",
    tip="How many different colours are left",
    widest="00,000",
    in_report="Different colours in the result: 8 levels in each of three channels combine to up to 512",
    write="{:,.0f}".format,  # means of several images are no integers
    value=lambda record: record.quality.n_colors,
    applies=lambda record: record.quality.n_colors is not None,
)
DELTA_E = LossFigure(
    name="delta_e",
    title="ΔE",
    unit_title="mean dE00",
    tip="How far colours have moved as the eye sees it (CIEDE2000, mean over the pixels): 1 can just be seen",
    widest="00.00",
    write="{:.2f}".format,
    of_colors=True,
)
KB = LossFigure(
    name="kb",
    title="KB",
    unit_title="PNG (KB)",
    tip="Size of the PNG that Export… writes, with a palette where 256 colours are enough; of a stack, of the plane\n"
    "that is shown. “–”: PNG cannot hold such values",
    widest="0,000.0",
    in_report="Size as a file, of 1,024 bytes; of the original, that of the file that was opened",
    write="{:,.1f}".format,
)
PSNR = LossFigure(
    name="psnr",
    title="PSNR",
    unit_title="PSNR (dB)",
    tip="Peak signal-to-noise ratio in decibels: higher is better, ∞ is without loss",
    widest="00.0",
    write=_decibels,
    value=lambda record: record.quality.psnr,
)
SSIM = LossFigure(
    name="ssim",
    title="SSIM",
    unit_title="SSIM",
    tip="Structural similarity of the plane that is shown, seen through small windows: 1 is equal",
    widest="0.000",
    write="{:.3f}".format,
)
MAX_ERROR = LossFigure(
    name="max_error",
    title="largest error",
    unit_title="largest error (image units)",
    tip="The largest error of any value, in its units",
    write=format_number,
    value=lambda record: record.quality.max_error,
)
NOISE = LossFigure(
    name="noise",
    title="error/noise",
    unit_title="error / noise",
    tip="The error in units of the image's own noise: below 1, less is lost than the camera adds",
    widest="0.00",
    write="{:.2f}".format,
)
MSE = LossFigure(
    name="mse",
    title="MSE",
    unit_title="MSE (image units squared)",
    tip="Mean squared error of a value: the square of error ±",
    widest="0,000",
    write=format_number,
    value=lambda record: record.quality.mse,
)
EXPLAINED = LossFigure(
    name="explained",
    title="explained",
    unit_title="variance explained (%)",
    tip="Share of the image's variance that is kept: 100 % is without loss",
    widest="00.00 %",
    write=_percent,
    value=lambda record: record.quality.explained,
    factor=100,
)

DOCK = (RMSE, NOISE, BITS, EXCESS, COLOURS, DELTA_E, KB, PSNR, SSIM, MAX_ERROR, MSE, EXPLAINED)
"""Figures of the dock's table, those that matter most first."""
DOCK_OF_PHOTOS = (RMSE, COLOURS, DELTA_E, KB, BITS, EXCESS, PSNR, SSIM, MAX_ERROR, NOISE, MSE, EXPLAINED)
"""The same for colour photos."""
REPORT = (RMSE, BITS, EXCESS, COLOURS, DELTA_E, PSNR, KB)
"""Figures of a report's table."""
TERMINAL = (RMSE, DELTA_E, COLOURS, BITS, KB, EXCESS)
"""Figures of the table that the command line prints."""
PROGRAMS = (RMSE, MSE, PSNR, MAX_ERROR, EXPLAINED, BITS, COLOURS, EXCESS, DELTA_E, SSIM)
"""Figures that the command line writes as CSV and JSON."""
