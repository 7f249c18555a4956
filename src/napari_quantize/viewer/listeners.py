"""Connections to what outlives the dock, to be cut when it closes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any


class Listeners:
    """Remembers connections, and cuts all of them at once."""

    def __init__(self) -> None:
        self._connections: list[tuple[Any, Callable[..., None]]] = []

    def connect(self, emitter: Any, callback: Callable[..., None]) -> None:
        """Connect a callback to an emitter."""
        emitter.connect(callback)
        self._connections.append((emitter, callback))

    def disconnect(self) -> None:
        """Cut all connections."""
        for emitter, callback in self._connections:
            emitter.disconnect(callback)
        self._connections.clear()
