"""The move of all borders at once, compared with all partitions within its reach, and what it leads to."""

from collections.abc import Iterator
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import cost_of, counted, learnt, optimal_cost

from napari_quantize.core.learning import border_moves
from napari_quantize.core.learning.border_moves import move_borders
from napari_quantize.core.learning.weighted_values import WeightedValues
from napari_quantize.core.request.request import no_tick
from napari_quantize.core.samples.samples import CountedSamples

RNG = np.random.default_rng(0)


class Partition(NamedTuple):
    samples: CountedSamples
    starts: np.ndarray


@st.composite
def partitions(draw: st.DrawFn, most: int = 9) -> Partition:
    values = draw(st.lists(st.integers(0, 60), min_size=2, max_size=most, unique=True).map(sorted))
    counts = draw(st.lists(st.integers(1, 9) | st.just(1000), min_size=len(values), max_size=len(values)))
    borders = draw(st.sets(st.integers(1, len(values) - 1)))
    return Partition(counted(values, counts), np.array([0, *sorted(borders)]))


def cost(samples: CountedSamples, starts: np.ndarray) -> float:
    """The weighted squared error, by the definition."""
    ends = [*starts[1:], len(samples.values)]
    total = 0.0
    for start, end in zip(starts, ends, strict=True):
        own, weights = samples.values[start:end], samples.counts[start:end]
        total += float(weights @ (own - np.average(own, weights=weights)) ** 2)
    return total


def all_partitions(n: int, k: int) -> Iterator[np.ndarray]:
    return (np.array([0, *borders]) for borders in combinations(range(1, n), k - 1))


@pytest.mark.parametrize("dense", [2**15, 0])
@given(partitions())
def test_the_move_finds_the_best_partition_within_reach(dense: int, partition: Partition) -> None:
    samples, starts = partition
    weighted, ends = WeightedValues(samples, no_tick), np.append(starts, len(samples.values))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(border_moves, "_DENSE", dense)
        moved = move_borders(weighted.weight_sums, weighted.value_sums, starts, no_tick)
    within_reach = [
        cost(samples, other)
        for other in all_partitions(len(samples.values), len(starts))
        if (starts[:-1] <= other[1:]).all() and (other[1:] <= ends[2:]).all()
    ]
    assert cost(samples, moved) == pytest.approx(min(within_reach), rel=1e-9, abs=1e-6)


@pytest.mark.parametrize("dense", [2**15, 0])
@given(partitions(14))
def test_the_moves_lead_from_any_partition_to_the_optimum(dense: int, partition: Partition) -> None:
    samples, starts = partition
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(border_moves, "_DENSE", dense)
        found = WeightedValues(samples, no_tick).improve(starts)
    assert len(found) == len(starts)
    best = float(optimal_cost(samples, len(starts)))
    assert cost(samples, found) == pytest.approx(best, rel=1e-9, abs=1e-6)


@given(partitions(11), st.integers(2, 6))
def test_no_move_of_one_or_two_borders_improves_what_is_learnt(partition: Partition, k: int) -> None:
    samples, n = partition.samples, len(partition.samples.values)
    k = min(k, n)
    centers = learnt(samples, k)
    starts = np.searchsorted(samples.values, np.append(-np.inf, (centers[:-1] + centers[1:]) / 2))
    reached = cost(samples, starts)
    for other in all_partitions(n, k):
        moved = np.flatnonzero(other != starts)
        if len(moved) == 1 or (len(moved) == 2 and moved[1] == moved[0] + 1):
            assert cost(samples, other) >= reached * (1 - 1e-9) - 1e-6


def test_many_values_are_searched_in_the_order_of_a_tree() -> None:
    rng = np.random.default_rng(0)
    values = np.unique(rng.integers(0, 2**20, 3000)).astype(np.float64)
    samples = CountedSamples.from_counts(values, rng.integers(1, 1000, len(values)))
    weighted = WeightedValues(samples, no_tick)
    starts = np.array([0, *range(2000, len(values), 150)])
    moved = move_borders(weighted.weight_sums, weighted.value_sums, starts, no_tick)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(border_moves, "_DENSE", len(values) ** 2)
        np.testing.assert_array_equal(moved, move_borders(weighted.weight_sums, weighted.value_sums, starts, no_tick))


@pytest.mark.parametrize("outlier", [1e4, 1e9, 1e12])
def test_an_outlier_does_not_spoil_the_levels_of_the_others(outlier: float) -> None:
    values, counts = RNG.normal(100, 20, 900), RNG.integers(1, 50, 900)
    bulk = CountedSamples.from_counts(values, counts)
    both = CountedSamples.from_counts(np.append(values, outlier), np.append(counts, 1))
    for k in (3, 8, 30):
        *others, last = learnt(both, k + 1)
        assert last == outlier
        best = cost_of(bulk, learnt(bulk, k, method="exact"))
        assert cost_of(bulk, np.array(others)) == pytest.approx(best, rel=2e-3 if outlier > 1e10 else 1e-9)
