"""Takes one measure after the other in the background, as long as they are wanted."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

from qtpy.compat import isalive
from qtpy.QtCore import QObject, Signal

from napari_quantize.core.request.request import Tick
from napari_quantize.viewer.widgets.background import Background


class Task(Protocol):
    """What can be taken."""

    @property
    def identity(self) -> Hashable:
        """Equal for tasks of which the same comes."""

    def take(self, tick: Tick) -> Any:
        """Do it; called in the thread."""

    def remember(self, outcome: Any) -> None:
        """Keep what came of it; called in the GUI thread."""


class Measuring(QObject):
    """Takes measures, and keeps them.

    Parameters
    ----------
    parent : QObject
        With whom it goes.
    """

    changed = Signal()
    """Emitted when one more is known."""

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._background = Background(self)
        self._wanted: list[Task] = []
        self._now: Task | None = None
        self._failed: list[Hashable] = []  # not taken again as long as they are wanted

    def want(self, tasks: Sequence[Task]) -> None:
        """Take these in their order, and no others any more: what is going on is left unless it is one of them."""
        if self._now is not None and self._now.identity not in [task.identity for task in tasks]:
            self._background.cancel()
            self._now = None
        self._failed = [failed for failed in self._failed if failed in [task.identity for task in tasks]]
        done = [*self._failed, *([] if self._now is None else [self._now.identity])]
        self._wanted = [task for task in tasks if task.identity not in done]
        if self._now is None:
            self._next()

    def close(self) -> None:
        """Stop, and end the thread."""
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
        """Go on with the next one: tasks say themselves why nothing came of them, and the rest napari tells."""
        if self._now is not None and isalive(self):
            self._failed.append(self._now.identity)
            self._now = None
            self._next()
