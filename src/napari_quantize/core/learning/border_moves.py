"""The move that leads partitions of 1-D values out of local minima: all borders at once, each between its neighbours.

``starts`` holds the index, among n ascending values, at which each cluster begins. The move finds the partition with
the least cost among all those whose i-th border lies from the (i-1)-th to the (i+1)-th border of the given one. Single
borders and pairs of neighbours move in this way; and two clusters can be merged and another one cut, while each border
in between takes the place of the next one. The cost is a sum over neighbouring borders, so dynamic programming finds
the best such partition.

A partition that the move does not improve is optimal. Let ``C(i, j)`` be the squared error of values i … j-1 around
their mean. For a ≤ b ≤ c ≤ d, ``C(a, c) + C(b, d) <= C(a, d) + C(b, c)`` [1]_. If a partition with starts q has a lower
cost than one with starts p, then the partitions ``min(p[i + 1], q[i])`` and ``max(p[i], q[i - 1])`` cost no more than p
and q together, so one of them has a lower cost than p. Both lie closer to p than q does: after enough of such steps, up
and down, the better partition lies within reach of the move.

References
----------
.. [1] X. Wu, "Optimal quantization by matrix searching", J. Algorithms 12(4), 663-673, 1991.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from napari_quantize.core.request.request import Tick

# A table of so many costs is searched faster than it is divided into parts.
_DENSE = 2**15
# Children of a node of the search tree: more take fewer turns of numpy, but more comparisons.
_FAN = 4


def move_borders(weight: np.ndarray, value: np.ndarray, starts: np.ndarray, tick: Tick) -> np.ndarray:
    """Move all borders at once to the best places between their neighbours.

    Parameters
    ----------
    weight, value : ndarray of float64, shape (n + 1,)
        Cumulative sums of the weights, and of weights times values, over the values before each.
    starts : ndarray of int, shape (k,)
        Ascending starts of the clusters; the first is 0.
    tick : callable
        Called between steps.

    Returns
    -------
    ndarray of int, shape (k,)
        Starts of the best partition within reach.
    """
    n, k = len(weight) - 1, len(starts)
    borders = [*starts.tolist(), n]
    # The cost of the first j values, in as many clusters as have been placed, less the sum of their squares. Each
    # cluster overwrites the entries that the next one reads.
    cost = np.zeros(n + 1)
    first = last = 0
    splits, firsts = [], []
    for cluster in range(1, k + 1):
        tick()
        # The end of this cluster, with room for one value in each of the clusters before and behind it.
        low, high = max(borders[cluster - 1], cluster), min(borders[min(cluster + 1, k)], n - k + cluster)
        low = n if cluster == k else low
        best, cost[low : high + 1] = _best_begins(weight, value, cost, (first, last), (low, high))
        splits.append(best)
        firsts.append(low)
        first, last = low, high
    moved = np.zeros(k, dtype=np.intp)
    end = n
    for cluster in range(k - 1, 0, -1):
        moved[cluster] = end = int(splits[cluster][end - firsts[cluster]])
    return moved


def _best_begins(
    weight: np.ndarray, value: np.ndarray, before: np.ndarray, begins: tuple[int, int], ends: tuple[int, int]
) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each end of a range, the best begin of another range for the run between them, and the cost.

    Parameters
    ----------
    weight, value
        As in `move_borders`.
    before : ndarray of float64, shape (n + 1,)
        Cost of all values before each begin.
    begins, ends : (int, int)
        First and last. The first end is larger than the first begin.

    Returns
    -------
    begins : ndarray of int
        The best begin for each end; the first one of equally good ones.
    cost : ndarray of float64
        Cost of all values before each end.
    """
    (low, high), (first, last) = begins, ends
    n_ends = last - first + 1
    if (high - low + 1) * n_ends <= _DENSE:
        apart = value[first : last + 1, np.newaxis] - value[low : high + 1]
        inside = weight[first : last + 1, np.newaxis] - weight[low : high + 1]
        # Each value has a count of at least 1. A smaller difference of cumulative sums belongs to no run, or is a
        # rounding error beyond 2**53.
        total = before[low : high + 1] - apart * apart / np.maximum(inside, 1.0)
        if high >= first:
            total[np.arange(low, high + 1) >= np.arange(first, last + 1)[:, np.newaxis]] = np.inf
        best = total.argmin(axis=1)
        return best + low, total[np.arange(n_ends), best]
    # The best begin never decreases from one end to the next. So the ends are solved in the order of a search tree:
    # each lies between two solved ones, and between their best begins.
    splits, cost = np.full(n_ends + 2, high), np.empty(n_ends + 1)
    splits[0] = low
    step = _FAN ** (n_ends.bit_length() // (_FAN.bit_length() - 1))
    while step:
        positions = np.arange(step, n_ends + 1, step)
        positions = positions[positions % (_FAN * step) > 0]
        if len(positions):
            left = positions // (_FAN * step) * (_FAN * step)
            at, least = positions + (first - 1), splits[left]
            most = np.minimum(splits[np.minimum(left + _FAN * step, n_ends + 1)], at - 1)
            # Rounding can put the best begins of two ends that are solved at once into the wrong order.
            most = np.maximum(most, least)
            splits[positions], cost[positions] = best_between(weight, value, before, at, least, most)
        step //= _FAN
    return splits[1:-1], cost[1:]


def best_between(
    weight: np.ndarray, value: np.ndarray, before: np.ndarray, ends: np.ndarray, low: np.ndarray, high: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return, for each end, the first of the best starts from `low` to `high`, and its cost."""
    # All ends of a level at once: their candidates stand one after the other, in segments of different lengths, and
    # `reduceat` finds the minimum of each segment.
    lengths = high - low + 1
    stops = np.cumsum(lengths)
    starts = stops - lengths
    begin = np.arange(stops[-1]) + np.repeat(low - starts, lengths)
    apart = np.repeat(value[ends], lengths) - value[begin]
    inside = np.repeat(weight[ends], lengths) - weight[begin]
    # Each value has a count of at least 1. A smaller difference of cumulative sums is a rounding error beyond 2**53.
    total = before[begin] - apart * apart / np.maximum(inside, 1.0)
    least = np.minimum.reduceat(total, starts)
    hits = np.flatnonzero(total == np.repeat(least, lengths))
    return begin[hits[np.searchsorted(hits, starts)]], least
