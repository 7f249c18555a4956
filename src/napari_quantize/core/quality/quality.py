"""Figures of what a result has lost, and of what is left."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np

from napari_quantize.core.request.request import MAX_CHANNELS


@dataclass(frozen=True)
class Quality:
    """Figures of one result, over all values that take part (finite, alpha not 0, within the mask, not ignored).

    Attributes
    ----------
    mse : float
        Mean squared error per value, ``mean((source − result)²)``, on the rounded result; data units squared.
    mse_per_pixel : float
        The same summed over the channels: mean squared distance between the colours of source and result.
    rmse : float
        Square root of `mse`, in data units.
    psnr : float
        Peak signal-to-noise ratio, ``10 log10(data_range² / mse)``, in dB; infinite for a lossless result, minus
        infinity where `data_range` is 0 and values have changed: a constant image in given levels.
    data_range : float
        The range used for it: 255 for uint8, else maximum − minimum of the values that take part.
    explained : float
        Share of the source's variance that the result keeps, ``1 − mse / var``, where var is
        ``mean((source − mean(source))²)``, all channels together in all modes (where levels are learnt from bins, var
        lacks what varies within bins, some 1e-9 of it). 1 for a lossless result, also of a constant image, and minus
        infinity where given levels change one. From 0 up where the result holds the means of its classes, a little less
        where rounding them to the dtype costs more than one unrounded mean would.
    max_error : float
        Largest ``|source − result|``, in data units.
    n_values : int
        Distinct numbers among the levels, rounded to the image's dtype, all channels together; also those that no pixel
        has.
    n_colors : int or None
        Distinct combinations of the channels' values in the result; None where there is one channel, or more than
        the 16 that colours can have, and for more than 4,194,304 combinations of levels that can make more than
        16,777,216.
    bits_per_value : float
        Entropy of the indices, ``−Σ p log2 p``, in bits per value: the mean over the channels, of which each has its
        own shares p, also where all channels share their levels.
    bits_per_pixel : float
        The same summed over the channels; the entropy of the colours' indices where centers are colours. A lower bound
        for coding each value (or colour) on its own, not a file's size.
    excess : float or None
        Cost over optimal cost, less 1: by how much the sum of squared distances of the counted samples from their
        unrounded centers lies above the least that is possible. None for colours, for what was not learnt from this
        image, where the least is 0, since nothing is lost, where finding it would take long (k times distinct samples
        over 2**21), and where rounding hides it, as beside an extreme outlier.
    white : float or None
        Value of a full channel of the whole image, which tells how bright its colours are: 1 for floats, for uint16 the
        full value of the fewest bits of 8, 10, 12, 14 and 16 that hold the image, and for other integers and bool the
        largest value of the dtype. None for images without three channels of colour, and in records that do not
        hold it.
    """

    mse: float
    mse_per_pixel: float
    rmse: float
    psnr: float
    data_range: float
    explained: float
    max_error: float
    n_values: int
    n_colors: int | None
    bits_per_value: float
    bits_per_pixel: float
    excess: float | None
    white: float | None = None

    @property
    def has_colors(self) -> bool:
        """True if the channels make colours, also where there are too many to count."""
        if self.n_colors is not None or not self.bits_per_value:
            return self.n_colors is not None
        # The one is summed over the channels, the other their mean.
        return 1 < round(self.bits_per_pixel / self.bits_per_value) <= MAX_CHANNELS


def peak_range(dtype: np.dtype, low: float, high: float) -> float:
    """Return the range that PSNR and SSIM relate errors to: 255 for uint8, else from lowest to highest value."""
    return 255.0 if dtype == np.uint8 else high - low


def unit_for(data_range: float) -> float:
    """Return a power of two above a range: division by it rounds nothing, and squares neither overflow nor vanish."""
    return math.ldexp(1.0, math.frexp(data_range)[1])
