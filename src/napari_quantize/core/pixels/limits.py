"""Smallest and largest values of an image's colours, which tell whether it is a photograph, and what is white."""

from __future__ import annotations

import math
from dataclasses import replace

from napari_quantize.core.lookup.color_spaces import has_fixed_white, white_of
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.request import Tick, no_tick


class _Limits:
    """Tally of the smallest and the largest value of the colours that are learnt from."""

    low, high = math.inf, -math.inf

    def add(self, pixels: Pixels) -> None:
        colors = pixels.learnt_colors()
        if colors.size:
            self._widen(colors.min().item(), colors.max().item())

    def merge(self, other: _Limits) -> None:
        self._widen(other.low, other.high)

    def _widen(self, low: float, high: float) -> None:
        self.low, self.high = min(self.low, low), max(self.high, high)


def check_photo(pixels: Pixels, tick: Tick = no_tick) -> None:
    """Raise a ValueError if float pixels that take part lie outside of 0 … 1, where Lab is undefined."""
    if pixels.array.dtype.kind != "f":
        return
    limits = pixels.tally(_Limits, tick)
    if limits.low < 0 or limits.high > 1:
        raise ValueError(
            f"color_space='lab' takes floats from 0 to 1, but the image holds {limits.low:.16g} to {limits.high:.16g}"
        )


def find_white(pixels: Pixels, tick: Tick = no_tick) -> float:
    """Return the value of a full channel, from all visible pixels, also those not learnt from: see `white_of`."""
    dtype = pixels.array.dtype
    if has_fixed_white(dtype):
        return white_of(dtype)
    return white_of(dtype, max(0, replace(pixels, mask=None, ignored=None).tally(_Limits, tick).high))
