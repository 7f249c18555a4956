"""A queue of measurements that run one after the other in the background."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_quantize.core.request.request import Tick
from napari_quantize.viewer.widgets.background import Background


class Task(Protocol):
    """A measurement that a queue can run."""

    @property
    def identity(self) -> Hashable:
        """Key that is equal for tasks with equal results."""

    def take(self, tick: Tick) -> Any:
        """Return the result; called in the thread."""

    def remember(self, outcome: Any) -> None:
        """Store the result; called in the GUI thread."""


class Measuring(QObject):
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
        self._wanted: list[Task] = []
        self._now: Task | None = None
        self._failed: list[Hashable] = []  # not run again while they stay in the queue

    def set_tasks(self, tasks: Sequence[Task]) -> None:
        """Replace the queue by `tasks`. Cancel the running task unless it is among them."""
        if self._now is not None and self._now.identity not in [task.identity for task in tasks]:
            self._background.cancel()
            self._now = None
        self._failed = [failed for failed in self._failed if failed in [task.identity for task in tasks]]
        done = [*self._failed, *([] if self._now is None else [self._now.identity])]
        self._wanted = [task for task in tasks if task.identity not in done]
        if self._now is None:
            self._next()

    def close(self) -> None:
        """Cancel all tasks and end the thread."""
        self._wanted, self._now, self._failed = [], None, []
        self._background.close()

    def _next(self) -> None:
        if not self._wanted:
            return
        task = self._now = self._wanted.pop(0)
        tick = self._background.tick
        self._background.do(lambda: (task, task.take(tick)), self._on_taken, self._on_failed)

    def _on_taken(self, taken: tuple[Task, Any]) -> None:
        task, outcome = taken
        task.remember(outcome)
        if not isalive(self):
            return
        self._now = None
        self.changed.emit()
        if self._now is None:
            self._next()

    def _on_failed(self, _message: str) -> None:
        """Run the next task. Tasks return expected errors as results, and napari shows the others."""
        if self._now is not None and isalive(self):
            self._failed.append(self._now.identity)
            self._now = None
            self._next()
