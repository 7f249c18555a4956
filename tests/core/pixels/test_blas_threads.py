"""BLAS works in one thread while anyone asks for that, and then in as many as before."""

from __future__ import annotations

from collections.abc import Iterator
from threading import Event, Thread

import numpy as np
import pytest
from sklearn.cluster import KMeans
from threadpoolctl import ThreadpoolController

from napari_quantize import fit
from napari_quantize.core.pixels import blas_threads
from napari_quantize.core.pixels.blas_threads import one_thread

TIMEOUT = 60


def set_numbers(pools: ThreadpoolController, numbers: list[int]) -> None:
    for pool, number in zip(pools.info(), numbers, strict=True):
        pools.select(filepath=pool["filepath"]).limit(limits=number)
    with pools.limit():  # else no other thread could change them
        pass


def numbers_of(pools: ThreadpoolController) -> list[int]:
    return [pool["num_threads"] for pool in pools.info()]


@pytest.fixture
def blas() -> Iterator[ThreadpoolController]:
    """The loaded libraries of linear algebra, which work in three threads."""
    KMeans()
    blas_threads._threadpools.cache_clear()  # others may have looked before scikit-learn was loaded
    pools = ThreadpoolController().select(user_api="blas")
    before = numbers_of(pools)
    set_numbers(pools, [3] * len(before))
    assert set(numbers_of(pools)) == {3}
    yield pools
    set_numbers(pools, before)


@pytest.mark.parametrize("first", [None, "blas"])
@pytest.mark.parametrize("second", [None, "blas"])
def test_two_threads_that_overlap(blas: ThreadpoolController, first: str | None, second: str | None) -> None:
    entered, left = Event(), Event()
    seen: list[list[int]] = []

    def overlap() -> None:
        with one_thread(second):
            entered.set()
            assert left.wait(TIMEOUT)
            seen.append(numbers_of(blas))

    thread = Thread(target=overlap)
    with one_thread(first):
        thread.start()
        assert entered.wait(TIMEOUT)
        seen.append(numbers_of(blas))
    left.set()
    thread.join(TIMEOUT)
    assert [set(numbers) for numbers in seen] == [{1}, {1}]
    assert set(numbers_of(blas)) == {3}


def test_an_exception_ends_it_too(blas: ThreadpoolController) -> None:
    with pytest.raises(ZeroDivisionError), one_thread(), one_thread("blas"):
        raise ZeroDivisionError
    assert set(numbers_of(blas)) == {3}


def test_two_threads_that_learn(blas: ThreadpoolController) -> None:
    image = np.random.default_rng(0).integers(0, 256, (40, 40, 3), dtype=np.uint8)
    expected = fit(image, 6, mode="color", channel_axis=-1)
    found = []

    def learn() -> None:
        found.extend(fit(image, 6, mode="color", channel_axis=-1) for _ in range(5))

    threads = [Thread(target=learn) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(TIMEOUT)
    assert found == [expected] * 10
    assert set(numbers_of(blas)) == {3}
