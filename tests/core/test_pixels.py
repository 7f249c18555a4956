"""Pixels: every value in exactly one block, in order, whatever the layout and the number of threads."""

import threading

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import StopError, images, small_blocks

from napari_quantize.core import pixels
from napari_quantize.core.pixels import Pixels, map_blocks

BLOCKS = [(slice(start, start + 1),) for start in range(40)]


@given(images(), st.data(), st.integers(1, 20))
def test_blocks_hold_every_pixel_once(image: np.ndarray, data: st.DataObject, block: int) -> None:
    axes = st.none() | st.integers(-image.ndim, image.ndim - 1) if image.ndim else st.none()
    view = Pixels.of(image, data.draw(axes))
    visits = np.zeros(view.array.shape, dtype=int)
    with small_blocks(1, block):
        for index in view.blocks():
            visits[index] += 1
            assert visits[index].size <= max(block, view.array.shape[-1])
    assert (visits == 1).all()


def test_pixels_are_a_view() -> None:
    image = np.zeros((3, 4, 5))
    assert np.shares_memory(Pixels.of(image, 0).array, image)
    assert Pixels.of(image, 0, alpha=True).n_channels == 2


def test_groups() -> None:
    rgba = Pixels.of(np.zeros((3, 4)), 1, alpha=True)
    assert rgba.groups("global") == [slice(0, 3)]
    assert rgba.groups("per_channel") == [slice(0, 1), slice(1, 2), slice(2, 3)]


def test_blocks_follow_the_memory() -> None:
    with small_blocks(1, 8):
        rows = Pixels.of(np.zeros((4, 8)), None).blocks()
        columns = Pixels.of(np.zeros((8, 4)).T, None).blocks()
    assert rows[0][:2] == (slice(0, 1), slice(None))
    assert columns[0][:2] == (slice(None), slice(0, 2))


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
    assert not running()


@pytest.mark.parametrize("n_threads", [1, 2, 5])
def test_what_work_raises_comes_out(n_threads: int) -> None:
    def work(index: tuple[slice, ...]) -> None:
        if index[0].start == 5:
            raise StopError

    ticks: list[int] = []
    with small_blocks(n_threads), pytest.raises(StopError):
        list(map_blocks(work, BLOCKS, lambda: ticks.append(1)))
    assert len(ticks) <= 6 + 2 * n_threads + 1
    assert not running()


def test_results_do_not_pile_up() -> None:
    done: list[int] = []
    with small_blocks(2):
        results = map_blocks(lambda index: done.append(index[0].start), BLOCKS, lambda: None)
        next(results)
        assert len(done) <= 5
        results.close()
    assert not running()


def test_at_least_one_thread_works() -> None:
    assert pixels.count_threads() >= 1


def test_processors_are_counted_where_the_process_cannot_be_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(pixels.os, "sched_getaffinity", raising=False)
    monkeypatch.setattr(pixels.os, "cpu_count", lambda: None)
    assert pixels.count_threads() == 1


def running() -> list[str]:
    return [thread.name for thread in threading.enumerate() if thread.name.startswith("napari-quantize")]
