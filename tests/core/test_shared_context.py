"""What threads share begins with the first of them, and ends with the last."""

from __future__ import annotations

import warnings
from contextlib import ExitStack
from threading import Event, Thread

import numpy as np
import pytest

from napari_quantize import fit
from napari_quantize.core.learning.convergence_warnings import no_convergence_warnings
from napari_quantize.core.shared_context import SharedContext

TIMEOUT = 60


def test_the_last_thread_undoes_what_the_first_has_done() -> None:
    shared, log = SharedContext(), list[str]()

    def change(undo: ExitStack) -> None:
        if not shared.in_use:
            log.append("done")
            undo.callback(log.append, "undone")

    entered, left = Event(), Event()

    def overlap() -> None:
        with shared.enter(change):
            entered.set()
            assert left.wait(TIMEOUT)
            log.append("alone")

    thread = Thread(target=overlap)
    with shared.enter(change), shared.enter(change):
        thread.start()
        assert entered.wait(TIMEOUT)
    left.set()
    thread.join(TIMEOUT)
    assert log == ["done", "alone", "undone"]
    assert not shared.in_use
    with shared.enter(change):
        assert log[3:] == ["done"]
    assert log[3:] == ["done", "undone"]


def test_a_change_that_fails_has_no_thread_in_it() -> None:
    shared = SharedContext()

    def fail(_undo: ExitStack) -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError), shared.enter(fail):
        pass
    assert not shared.in_use


def test_filters_of_warnings_survive_two_threads() -> None:
    before = list(warnings.filters)
    entered, left = Event(), Event()

    def overlap() -> None:
        with no_convergence_warnings():
            entered.set()
            assert left.wait(TIMEOUT)

    thread = Thread(target=overlap)
    with no_convergence_warnings():
        assert warnings.filters != before
        thread.start()
        assert entered.wait(TIMEOUT)
    assert warnings.filters != before
    left.set()
    thread.join(TIMEOUT)
    assert warnings.filters == before


def test_colours_that_scikit_learn_cannot_tell_apart_raise_no_warning() -> None:
    near = np.linspace(0, 1e-4, 12)
    image = np.stack([1e4 + near, 1e4 - near], axis=-1)[np.newaxis]
    image[0, 0] = 0
    codebook = fit(image, 8, mode="color", channel_axis=-1, method="lloyd")
    assert codebook.n_used == 8
