"""A queue of measurements that run one after the other in the background."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_quantize.core.request.request import Tick
from napari_quantize.viewer.widgets.background import Background


class Task(Protocol):
    """Measurement that a queue can run."""

    @property
    def identity(self) -> Hashable:
        """Key that is equal for tasks with equal results."""

    def run(self, tick: Tick) -> Any:
        """Return the result; called in the thread."""

    def remember(self, outcome: Any) -> None:
        """Store the result; called in the GUI thread."""


class MeasurementQueue(QObject):
    """Run tasks one after the other in a thread, and store their results.

    Parameters
    ----------
    parent : QObject
        Qt parent.
    """

    changed = Signal()
    """Emitted when a task has stored its result."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._pending: list[Task] = []
        self._current: Task | None = None
        # The table sets its tasks again after each result: without this list, a failing task would run forever.
        self._failed: list[Hashable] = []

    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Replace the queue by `tasks`. Cancel the running task unless it is among them."""
        if self._current is not None and self._current.identity not in [task.identity for task in tasks]:
            self._background.cancel()
            self._current = None
        self._failed = [failed for failed in self._failed if failed in [task.identity for task in tasks]]
        done = [*self._failed, *([] if self._current is None else [self._current.identity])]
        self._pending = [task for task in tasks if task.identity not in done]
        if self._current is None:
            self._start_next()

    def close(self) -> None:
        """Cancel all tasks and end the thread."""
        self._pending, self._current, self._failed = [], None, []
        self._background.close()

    def _start_next(self) -> None:
        if not self._pending:
            return
        task = self._current = self._pending.pop(0)
        tick = self._background.tick
        self._background.submit(lambda: (task, task.run(tick)), self._on_done, self._on_failed)

    def _on_done(self, result: tuple[Task, Any]) -> None:
        task, outcome = result
        task.remember(outcome)
        if not isalive(self):  # Qt has deleted the queue with its window
            return
        self._current = None
        self.changed.emit()
        if self._current is None:  # a listener may have set tasks, which has started the next one
            self._start_next()

    def _on_failed(self, _message: str) -> None:
        """Run the next task. Tasks return expected errors as results, and napari shows the others."""
        if self._current is not None and isalive(self):
            self._failed.append(self._current.identity)
            self._current = None
            self._start_next()
