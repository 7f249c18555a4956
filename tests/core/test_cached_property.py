"""Properties that are computed once, and for which no thread waits for another."""

from __future__ import annotations

from threading import Event, Thread

from napari_quantize.core.cached_property import cached_property

TIMEOUT = 60


def test_a_cached_property_is_computed_once() -> None:
    class Squares:
        n_computed = 0

        @cached_property
        def values(self) -> list[int]:
            """Squares."""
            self.n_computed += 1
            return [0, 1, 4]

    squares = Squares()
    assert squares.values is squares.values
    assert (squares.n_computed, Squares().n_computed) == (1, 0)
    assert isinstance(Squares.values, cached_property)
    assert Squares.values.__doc__ == "Squares."


def test_threads_compute_a_property_without_waiting_for_each_other() -> None:
    inside, go = Event(), Event()

    class Slow:
        def __init__(self, *, waits: bool) -> None:
            self.waits = waits

        @cached_property
        def value(self) -> int:
            if self.waits:
                inside.set()
                assert go.wait(TIMEOUT)
            return 1

    slow = Slow(waits=True)
    thread = Thread(target=lambda: slow.value)
    thread.start()
    assert inside.wait(TIMEOUT)
    assert Slow(waits=False).value == 1  # functools of Python 3.11 waits for the other thread here
    go.set()
    thread.join(TIMEOUT)
    assert slow.value == 1
