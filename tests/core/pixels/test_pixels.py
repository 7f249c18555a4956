"""Pixels: every value in exactly one block, in order, whatever the layout and the number of threads."""

import itertools
import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import StopError, images, small_blocks, working_threads

from napari_quantize.core.pixels import pixels
from napari_quantize.core.pixels.pixels import Pixels, map_blocks, pixel_views

BLOCKS = [(slice(start, start + 1),) for start in range(40)]


@given(images(), st.data(), st.integers(1, 100))
def test_blocks_hold_every_pixel_once(image: np.ndarray, data: st.DataObject, block: int) -> None:
    axes = st.none() | st.integers(-image.ndim, image.ndim - 1) if image.ndim else st.none()
    view = Pixels.of(image, data.draw(axes))
    visits = np.zeros(view.array.shape, dtype=int)
    with small_blocks(1, block):
        for index in view.blocks():
            visits[index] += 1
            assert visits[index].size <= max(block // image.itemsize, view.array.shape[-1])
    assert (visits == 1).all()


def test_pixels_are_a_view() -> None:
    image = np.zeros((3, 4, 5))
    assert np.shares_memory(Pixels.of(image, 0).array, image)
    assert Pixels.of(image, 0, alpha=True).n_channels == 2


@given(images(), st.data())
def test_arrays_of_one_layout_are_arranged_alike(image: np.ndarray, data: st.DataObject) -> None:
    axis = data.draw(st.none() | st.integers(-image.ndim, image.ndim - 1)) if image.ndim else None
    other = np.empty_like(image, dtype=np.int64)
    other[...] = np.arange(image.size).reshape(image.shape)
    copy = other.astype(np.int16, order="C")
    one, two, three = pixel_views((other, image, copy), axis)
    assert one.shape == two.shape == three.shape
    np.testing.assert_array_equal(one, three)
    assert all(np.shares_memory(*pair) for pair in [(one, other), (two, image), (three, copy)])
    assert one.shape[-1] == (1 if axis is None else image.shape[axis])


@pytest.mark.parametrize("order", list(itertools.permutations(range(3))))
@pytest.mark.parametrize("axis", [None, 0, 1, 2])
def test_gapless_arrays_become_one_row_of_pixels(order: tuple[int, ...], axis: int | None) -> None:
    image = np.arange(105).reshape(3, 5, 7).transpose(order)
    flat = Pixels.of(image, axis).array
    if axis is None:
        assert flat.ravel().tolist() == list(range(105))
    if axis is None or order[axis] != 1:  # else the channels lie between the other axes
        assert flat.shape == (105 // flat.shape[1], flat.shape[1])


def test_channels_that_share_everything_are_pooled() -> None:
    pixels = Pixels.of(np.zeros((4, 5, 3)), -1, n_jobs=2)
    pooled = pixels.pooled("global")
    assert (pooled.array.shape, pooled.n_jobs) == ((60, 1), 2)
    assert pixels.pooled("per_channel") is pixels
    rgba = Pixels.of(np.zeros((4, 5, 4)), -1, alpha=True)
    assert rgba.pooled("global") is rgba


def test_channels_are_grouped_by_mode_without_alpha() -> None:
    rgba = Pixels.of(np.zeros((3, 4)), 1, alpha=True)
    assert rgba.groups("global") == [slice(0, 3)]
    assert rgba.groups("per_channel") == [slice(0, 1), slice(1, 2), slice(2, 3)]


def test_blocks_follow_the_memory() -> None:
    with small_blocks(1, 64):
        numbers = np.arange(64).reshape(4, 16)
        for image in (numbers, numbers.T, numbers[:, ::2], numbers[:, ::2].T, numbers[::-1]):
            pixels = Pixels.of(image, None)
            first = pixels.array[pixels.blocks()[0]]
            assert first.shape[0] == 8 or first.shape[:2] == (1, 8)
            assert len(set((first.ravel() // 16).tolist())) == 1


def test_blocks_of_bytes_begin_at_even_places() -> None:
    with small_blocks(1, 500):
        starts = [index[0].start for index in Pixels.of(np.zeros((1000, 1001, 3), "u1"), -1).blocks()]
    assert not any(start % 2 for start in starts)


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_batches_hold_the_blocks_in_order(n_threads: int) -> None:
    pixels = Pixels.of(np.zeros((40, 9)), None, n_jobs=n_threads)
    with small_blocks(1):
        batches = list(pixels.map_batches(list, lambda: None))
        assert [index for batch in batches for index in batch] == pixels.blocks()
    assert len(batches) > 1


def test_as_many_threads_as_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pixels, "count_threads", lambda: 2)
    for n_jobs, expected in [(None, 2), (1, 1), (2, 2), (5, 5)]:
        names = set()
        barrier = threading.Barrier(expected)

        def work(_: object, names: set[str] = names, barrier: threading.Barrier = barrier) -> None:
            names.add(threading.current_thread().name)
            barrier.wait(10)  # passes only if as many work at a time

        list(map_blocks(work, BLOCKS, lambda: None, n_jobs))
        assert len(names) == expected


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_results_come_in_order(n_threads: int) -> None:
    with small_blocks(n_threads):
        assert list(map_blocks(lambda index: index[0].start, BLOCKS, lambda: None)) == list(range(40))


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_tick_comes_before_each_block_in_the_callers_thread(n_threads: int) -> None:
    threads = []
    with small_blocks(n_threads):
        list(map_blocks(lambda _: None, BLOCKS, lambda: threads.append(threading.current_thread())))
    assert threads == [threading.current_thread()] * 40


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_what_tick_raises_ends_the_work(n_threads: int) -> None:
    ticks, worked = [], []

    def tick() -> None:
        ticks.append(1)
        if len(ticks) == 3:
            raise StopError

    with small_blocks(n_threads), pytest.raises(StopError):
        list(map_blocks(lambda index: worked.append(index), BLOCKS, tick))
    assert len(ticks) == 3
    assert len(worked) <= 2
    assert not working_threads()


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_what_work_raises_comes_out(n_threads: int) -> None:
    def work(index: tuple[slice, ...]) -> None:
        if index[0].start == 5:
            raise StopError

    ticks: list[int] = []
    with small_blocks(n_threads), pytest.raises(StopError):
        list(map_blocks(work, BLOCKS, lambda: ticks.append(1)))
    assert len(ticks) <= 6 + 2 * n_threads + 1
    assert not working_threads()


def test_results_do_not_pile_up() -> None:
    done: list[int] = []
    with small_blocks(2):
        results = map_blocks(lambda index: done.append(index[0].start), BLOCKS, lambda: None)
        next(results)
        assert len(done) <= 5
        results.close()
    assert not working_threads()


def test_at_least_one_thread_works() -> None:
    assert pixels.count_threads() >= 1


def test_processors_are_counted_where_the_process_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pixels.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(pixels.os, "cpu_count", lambda: None)
    assert pixels.count_threads() == 1
