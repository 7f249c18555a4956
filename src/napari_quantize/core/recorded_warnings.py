"""Warnings that are recorded instead of shown, in however many threads at the same time."""

from __future__ import annotations

import threading
import warnings
from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING

from napari_quantize.core.shared_context import SharedContext

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from contextlib import ExitStack
    from typing import TextIO

# Filters belong to the process, and each `catch_warnings` restores those it has found: two threads that leave it in
# another order than they entered it would keep its filters for ever. So only the first thread enters it.
_recording = SharedContext()


class _Recorders(threading.local):
    """Categories and lists that the current thread records, the innermost one last."""

    def __init__(self) -> None:
        self.stack: list[tuple[tuple[type[Warning], ...], list[warnings.WarningMessage]]] = []

    def of(self, category: type) -> list[warnings.WarningMessage] | None:
        """Return the list that records a category in this thread."""
        return next((found for categories, found in reversed(self.stack) if issubclass(category, categories)), None)


_recorders = _Recorders()


# A filter matches the subclasses of its category. What counts as one depends on the thread that asks here, so that the
# filter does not change what other threads meanwhile see.
class _RecordedHere(type):
    def __subclasscheck__(cls, category: type) -> bool:
        return _recorders.of(category) is not None


class _Recorded(Warning, metaclass=_RecordedHere):
    """Category of all warnings that the current thread records."""


@contextmanager
def recorded_warnings(*categories: type[Warning]) -> Iterator[list[warnings.WarningMessage]]:
    """Record the warnings of this thread, whatever the filters: none is shown, and none is raised as an error.

    Parameters
    ----------
    *categories : type
        Categories of the warnings. Others, and the warnings of other threads, are treated as before.

    Yields
    ------
    list of warnings.WarningMessage
        Filled while the ``with`` block runs.
    """
    found: list[warnings.WarningMessage] = []
    with _recording.enter(_change):
        _recorders.stack.append((categories, found))
        try:
            yield found
        finally:
            _recorders.stack.pop()


def _change(undo: ExitStack) -> None:
    if not _recording.in_use:
        undo.enter_context(warnings.catch_warnings())
        warnings.showwarning = partial(_show, warnings.showwarning)
    # Each time, because it also makes Python forget which warnings it has shown already.
    warnings.simplefilter("always", _Recorded)


def _show(
    show_others: Callable[..., None],
    message: Warning | str,
    category: type[Warning],
    filename: str,
    lineno: int,
    file: TextIO | None = None,
    line: str | None = None,
) -> None:
    found = _recorders.of(category)
    if found is None:
        show_others(message, category, filename, lineno, file, line)
    else:
        found.append(warnings.WarningMessage(message, category, filename, lineno, file, line))
