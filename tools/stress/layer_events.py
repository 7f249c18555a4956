"""What happens to the layers of a viewer, written down line by line, so that plain napari can be made to do the same.

Each line is a JSON object. Its `wait` is the time in ms that napari had to paint since the operation before; 0 if that
was in the same turn of the event loop. Lines are written before the operation is painted: a crash is after the last.
"""

from __future__ import annotations

import json
from functools import partial
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from qtpy.QtCore import QTimer

from napari_quantize.viewer.layers.compat import grid_of

if TYPE_CHECKING:
    import napari
    from napari.layers import Layer

GRID = ("enabled", "shape", "stride")
DIMS = ("ndisplay", "order", "current_step")


class LayerEventRecorder:
    """Write each operation on the layers, the grid and the dims of a viewer to a file.

    Parameters
    ----------
    viewer : napari.Viewer
        Viewer without layers.
    path : Path
        The file.
    """

    def __init__(self, viewer: napari.Viewer, path: Path) -> None:
        self.path = path
        path.write_text("", "utf-8")
        self._layers = viewer.layers
        self._numbers: dict[str, int] = {}
        self._then, self._is_same_turn = monotonic(), False
        events = viewer.layers.events
        events.inserted.connect(self._on_inserted)
        events.removing.connect(self._on_removing)
        events.moving.connect(self._on_moving)
        events.connect(self._on_any_layer_event)
        for name in {"begin_batch", "end_batch"} & set(events.emitters):  # since napari 0.9
            events[name].connect(self._on_batch)
        self._follow(grid_of(viewer), "grid", GRID)
        self._follow(viewer.dims, "dims", DIMS)

    def _follow(self, model: Any, of: str, names: tuple[str, ...]) -> None:
        for name in names:
            model.events[name].connect(partial(self._on_set, model, of, name))

    def _on_set(self, model: Any, of: str, name: str, _event: Any) -> None:
        self._write("set", of=of, name=name, to=getattr(model, name))

    def _number(self, layer: Layer) -> int:
        """Return a number that a layer keeps when it is removed and put back."""
        return self._numbers.setdefault(str(layer.unique_id), len(self._numbers))

    def _on_inserted(self, event: Any) -> None:
        layer = event.value
        self._write(
            "insert",
            layer=self._number(layer),
            index=event.index,
            kind=layer.as_layer_data_tuple()[2],
            shape=layer.data.shape,
            dtype=str(layer.data.dtype),
            rgb=getattr(layer, "rgb", False),
            visible=layer.visible,
        )

    def _on_removing(self, event: Any) -> None:
        self._write("remove", index=event.index)

    def _on_moving(self, event: Any) -> None:
        self._write("move", index=event.index, to=event.new_index)

    def _on_batch(self, event: Any) -> None:
        self._write(event.type)

    def _on_any_layer_event(self, event: Any) -> None:
        layer = event.sources[0]
        if layer is self._layers or event.type not in ("visible", "data"):
            return
        to = layer.visible if event.type == "visible" else layer.data.shape
        self._write(event.type, layer=self._number(layer), to=to)

    def _write(self, operation: str, **details: Any) -> None:
        now = monotonic()
        wait = 0 if self._is_same_turn else round(1000 * (now - self._then))
        self._then = now
        if not self._is_same_turn:
            self._is_same_turn = True
            QTimer.singleShot(0, self._end_turn)
        with self.path.open("a", encoding="utf-8") as file:  # each line at once: the next may never come
            file.write(json.dumps({"wait": wait, "do": operation, **details}, default=int) + "\n")

    def _end_turn(self) -> None:
        self._is_same_turn = False
