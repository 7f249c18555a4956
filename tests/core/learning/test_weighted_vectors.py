"""Partitions of weighted vectors: what is fast gives the same as what is plain."""

import numpy as np
import pytest

from napari_quantize.core.learning import weighted_vectors
from napari_quantize.core.learning.weighted_vectors import WeightedVectors
from napari_quantize.core.lookup.color_spaces import Space
from napari_quantize.core.request.request import no_tick
from napari_quantize.core.samples.samples import CountedSamples


def vectors_of(values: np.ndarray, counts: np.ndarray, *, single: bool) -> WeightedVectors:
    samples = CountedSamples(values, counts, True, float(values.min()), float(values.max()))
    return WeightedVectors(samples, Space(), np.empty((0, values.shape[1])), single=single, tick=no_tick)


def plainly_settled(vectors: WeightedVectors, centers: np.ndarray, steps: int) -> np.ndarray:
    """Lloyd's steps that assign all vectors in each step, also in the last one, which only looks for empty clusters."""
    for step in range(steps + len(centers)):
        labels = vectors.labels(centers)
        means, weights = vectors.means(labels, len(centers))
        empty = weights == 0
        if empty.any():
            costs = vectors.weights * ((vectors.points - centers[labels]) ** 2).sum(axis=1)
            means[empty] = vectors.points[np.argsort(-costs, kind="stable")[: empty.sum()]]
        elif step >= steps or np.array_equal(means, centers):
            break
        centers = means
    return centers


@pytest.mark.parametrize("k", [1, 2, 5, 16, 32])
@pytest.mark.parametrize("block", [64, 1000, 2**17])
def test_minima_of_columns_are_those_of_rows(k: int, block: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(weighted_vectors, "_BLOCK", block)
    rng = np.random.default_rng(0)
    for rows, table in (
        (rng.integers(-2, 3, (700, 4)), rng.integers(-2, 3, (4, k))),  # many distances are equal, so the first counts
        (rng.normal(size=(700, 3)), rng.normal(size=(3, k))),
    ):
        rows, table = rows.astype(np.float32), table.astype(np.float32)
        found = weighted_vectors._argmin_of_columns(rows, table)
        np.testing.assert_array_equal(found, weighted_vectors._argmin_of_rows(rows, table))
        np.testing.assert_array_equal(found, (rows @ table).argmin(axis=1))


@pytest.mark.parametrize("single", [True, False])
@pytest.mark.parametrize("steps", [1, 2, 8])
@pytest.mark.parametrize("k", [2, 12, 80])
def test_the_last_step_finds_centers_without_vectors(k: int, steps: int, single: bool) -> None:
    rng = np.random.default_rng(k)
    for spread in (0.1, 3.0):
        values = np.unique(rng.normal(0, 50, (900, 3)).round(), axis=0)
        vectors = vectors_of(values, rng.integers(1, 1000, len(values)), single=single)
        # Far away, and close together: many have no vector at first.
        centers = rng.normal(0.5, spread, (k, 3))
        found = vectors.settle(centers, steps)
        np.testing.assert_array_equal(found, plainly_settled(vectors, centers, steps))
        assert np.bincount(vectors.labels(found), minlength=k).all()


def test_centers_that_have_vectors_are_recognized() -> None:
    rng = np.random.default_rng(0)
    values = rng.integers(0, 256, (2000, 3)).astype(np.float64)
    vectors = vectors_of(np.unique(values, axis=0), np.ones(len(np.unique(values, axis=0)), np.int64), single=True)
    centers = vectors.points[::100]
    labels = vectors.labels(centers)
    assert vectors._have_vectors(centers, labels)
    assert not vectors._have_vectors(np.concatenate((centers, [[9.0, 9, 9]])), labels)
    moved = centers.copy()
    moved[3] = 9.0
    assert not vectors._have_vectors(moved, labels)
