"""The exactly nearest of all centers: estimated distances decide, and exact ones where the estimates are too close."""

from __future__ import annotations

import numpy as np

from napari_quantize.core.lookup.color_spaces import MIN_SCALE, Space

# Multiples of the longest center from which on a colour is far: |x - c|² is rounded by a share of |x|², which exceeds
# the error bound of estimates, a share of |c| (|c| + 2 |x|), from 4.4 on.
_FAR = 4

_REACH = 1e307 * MIN_SCALE  # divided by the smallest scale, colours up to here stay within float64

# Distances computed at a time: a block of them must stay in the processor's cache.
BLOCK = 2**17


class ScaledCenters:
    """Centers relative to their mean, divided by their largest deviation.

    Rounding errors grow with the size of the numbers, and a common offset would make them larger than the distances.

    Parameters
    ----------
    centers : ndarray of float64, shape (n, C)
        Coordinates of the centers.

    Attributes
    ----------
    middle : ndarray of float64, shape (C,)
        The mean of the centers.
    unit : float
        Their largest deviation from it.
    points : ndarray of float64, shape (n, C)
        The scaled coordinates.
    """

    def __init__(self, centers: np.ndarray) -> None:
        self.middle = centers.mean(axis=0)
        self.unit = float(np.abs(centers - self.middle).max()) or 1.0
        self.points = self.scale(centers)

    def scale(self, coordinates: np.ndarray) -> np.ndarray:
        """Return the scaled coordinates of colours: infinite for the farthest."""
        with np.errstate(over="ignore"):
            scaled: np.ndarray = (coordinates - self.middle) / self.unit
        return scaled


class DistanceEstimates:
    """Estimates of squared distances in scaled coordinates, with a bound on their rounding error.

    Parameters
    ----------
    centers : ScaledCenters
        The centers.
    dtype : type
        Float of the estimates.
    """

    def __init__(self, centers: ScaledCenters, dtype: type[np.float32 | np.float64]) -> None:
        self._dtype = dtype
        lengths = (centers.points**2).sum(axis=1)
        self.lengths, self.longest = lengths, float(np.sqrt(lengths.max()))
        self._products = np.column_stack((-2 * centers.points, lengths)).T.astype(dtype)

    def scores(self, points: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Return squared distances of points from centers, each less |x|², and the error bound of their differences.

        Parameters
        ----------
        points : ndarray of float64, shape (m, C)
            Scaled coordinates.

        Returns
        -------
        scores : ndarray, shape (m, n)
        error_bound : ndarray, shape (m,)
        """
        # |x - c|² = |x|² - 2 x·c + |c|². The first term is the same for all centers and is left out; the others are one
        # matrix product, with a column of ones for |c|².
        rows = np.ones((len(points), points.shape[1] + 1), dtype=self._dtype)
        rows[:, :-1] = points
        # Error bound: each product and each sum is off by at most half a unit in its last place, relative to the
        # largest terms |c|² and 2 |x| |c|. The factor 4 covers the difference of two such sums with room to spare.
        # Very far points have an infinite bound: no estimate is sure. BLAS can raise flags for what it pads rows with.
        with np.errstate(over="ignore", invalid="ignore"):
            reach = self.longest * (self.longest + 2 * np.sqrt(np.einsum("ij,ij->i", rows, rows)))
            scores = rows @ self._products
        return scores, 4 * (points.shape[1] + 3) * float(np.finfo(self._dtype).eps) * reach


class NearestCenter:
    """Search for the exactly nearest of all centers; on a tie, the first.

    Parameters
    ----------
    centers : ndarray of float64, shape (n, C)
        The centers.
    space : Space
        Space in which distances are measured.
    single : bool
        Whether float32 tells most distances apart, in half the memory.

    Attributes
    ----------
    centers : ndarray of float64, shape (n, C)
        Coordinates of the centers.
    scaled : ScaledCenters
        The same, scaled.
    """

    def __init__(self, centers: np.ndarray, space: Space, *, single: bool) -> None:
        self.space, self.single = space, single
        self.centers = space.coordinates(centers)
        self.scaled = ScaledCenters(self.centers)
        self._estimates = DistanceEstimates(self.scaled, np.float32 if single else np.float64)
        # Relative to a center, and divided by a power of two: what is rounded nowhere, such as integers, stays so.
        relative = self.centers - self.centers[0]
        self._exponent = int(np.frexp(np.abs(relative).max())[1])
        self._relative = np.ldexp(relative, -self._exponent)

    def nearest(self, rows: np.ndarray) -> np.ndarray:
        """Return the index of the nearest center for colours of shape (m, C); n where a channel is not finite."""
        if rows.dtype.kind == "f":
            finite = np.isfinite(rows).all(axis=1)
            if not finite.all():
                found = np.full(len(rows), len(self.centers), dtype=np.intp)
                found[finite] = self.nearest(rows[finite])
                return found
        step = max(1, BLOCK // len(self.centers))
        found = np.empty(len(rows), dtype=np.intp)
        for start in range(0, len(rows), step):
            part = rows[start : start + step].astype(np.float64)
            if not self.space.plain:
                part = self.space.coordinates(_within_reach(part))
            found[start : start + step] = self._nearest(part)
        return found

    def _nearest(self, coordinates: np.ndarray) -> np.ndarray:
        scaled = self.scaled.scale(coordinates)
        scores, error_bound = self._estimates.scores(scaled)
        rows = np.arange(len(scores))
        found: np.ndarray = scores.argmin(axis=1)
        least = scores[rows, found]
        scores[rows, found] = np.inf
        second = scores[rows, scores.argmin(axis=1)]  # several times as fast as `min`
        # Ties are doubtful too, so they are decided by the distances, of which argmin takes the first. So are scores
        # that overflowed, whose difference is not a number.
        with np.errstate(invalid="ignore"):
            doubtful = np.flatnonzero(~(second - least > error_bound))
        step = max(1, BLOCK // self.centers.size)
        for start in range(0, len(doubtful), step):
            part = doubtful[start : start + step]
            with np.errstate(over="ignore"):
                distances = ((coordinates[part, np.newaxis] - self.centers) ** 2).sum(axis=2)
                is_far = (scaled[part] ** 2).sum(axis=1) > (_FAR * self._estimates.longest) ** 2
            found[part] = distances.argmin(axis=1)
            far = part[is_far]
            if len(far):
                found[far] = self._scores_of_far(coordinates[far]).argmin(axis=1)
        return found

    def _scores_of_far(self, coordinates: np.ndarray) -> np.ndarray:
        """Return squared distances from the centers, each less |x|² and divided by a power of two near |x|.

        Beside |x|² what tells the centers apart would vanish, and squares overflow. The products are added up channel
        by channel: rounded the same way wherever a colour stands, unlike a matrix product.
        """
        relative = coordinates - self.centers[0]
        exponents = np.frexp(np.abs(relative).max(axis=1, keepdims=True))[1]
        scores: np.ndarray = np.ldexp(1.0, self._exponent - exponents) * (self._relative**2).sum(axis=1)
        for column, of_centers in zip(np.ldexp(relative, -exponents).T, self._relative.T, strict=True):
            scores -= 2 * np.multiply.outer(column, of_centers)
        return scores


def _within_reach(rows: np.ndarray) -> np.ndarray:
    """Return colours, those with channels beyond ±1e157 shortened to it in their direction."""
    sizes = np.abs(rows).max(axis=1, initial=0)
    beyond = np.flatnonzero(sizes > _REACH)
    if len(beyond):
        rows[beyond] = rows[beyond] / sizes[beyond, np.newaxis] * _REACH
    return rows
