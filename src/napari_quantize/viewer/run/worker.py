"""One run in the background: what is asked, the work, and how it is stopped."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterator
from functools import partial

import numpy as np
from napari.qt.threading import create_worker
from napari.utils import cancelable_progress
from qtpy.compat import isalive
from qtpy.QtCore import QTimer

from napari_quantize.core.analysis.image_facts import ImageFacts, image_facts
from napari_quantize.core.api import Result, sweep_request, transfer
from napari_quantize.viewer import messages
from napari_quantize.viewer.plan.plan import Plan

_POLL_MS = 50


Piece = ImageFacts | Result | Exception | None
"""Items from the thread; None is the end."""


class _StoppedError(Exception):
    """Raised within the work to leave it."""


class _Slot:
    """Where pieces from the thread arrive, until the run has ended.

    The window remembers its workers, and these what they call: that must not be the run, and with it the dock. Nor
    can the run disconnect: a piece that is on its way would find, in PySide6, an object that is gone.
    """

    def __init__(self, receive: Callable[[Piece], None]) -> None:
        self._receive: Callable[[Piece], None] | None = receive

    def put(self, piece: Piece) -> None:
        if self._receive is not None:
            self._receive(piece)

    def shut(self) -> None:
        self._receive = None


class Run:
    """A plan being carried out in a thread.

    Parameters
    ----------
    plan : Plan
        What to do.
    on_facts, on_result : callable
        Called in the GUI thread with the `ImageFacts`, and with each `Result` as soon as it is ready.
    on_added : callable
        Called in a later turn of the event loop than `on_result`: adding a layer and showing it both take long.
    on_progress : callable
        Called in the GUI thread with the k being worked on and how many are done.
    on_end : callable
        Called once, in the GUI thread, with the exception that ended the run or None.
    """

    def __init__(
        self,
        plan: Plan,
        *,
        on_facts: Callable[[ImageFacts], None],
        on_result: Callable[[Result], None],
        on_added: Callable[[], None],
        on_progress: Callable[[int, int], None],
        on_end: Callable[[Exception | None], None],
    ) -> None:
        self.plan = plan
        self._on_facts, self._on_result = on_facts, on_result
        self._on_added, self._on_progress, self._on_end = on_added, on_progress, on_end
        self._stop = threading.Event()
        self._ended = False
        self._done = 0
        self._mail: deque[Callable[[], None]] = deque()
        self._reading = False
        self._turn = QTimer()
        self._turn.setSingleShot(True)
        # Not 0: that would make it a posted event, and those go before everything else.
        self._turn.setInterval(1)
        self._turn.timeout.connect(self._take_turn)
        self._bar = cancelable_progress(total=len(plan.ks), desc="K-means Quantization")
        # The activity dock's cancel button only sets a flag.
        self._poll = QTimer()
        self._poll.timeout.connect(self._look_at_bar)
        self._worker = create_worker(_work, plan, self._stop, _start_thread=False)
        slot = self._slot = _Slot(self._on_piece)
        self._worker.yielded.connect(lambda piece: slot.put(piece))
        self._worker.returned.connect(lambda _: slot.put(None))

    def start(self, first: Callable[[], None]) -> None:
        """Begin; `first` is called in the GUI thread before anything else comes of it."""
        self._post(first)
        self._post(self._show_progress)
        self._poll.start(_POLL_MS)
        self._worker.start()

    def cancel(self) -> None:
        """End at once for the caller; the thread leaves at its next step, and nothing more comes from it."""
        self._stop.set()
        self._end(None)

    @property
    def is_cancelled(self) -> bool:
        """True if the run was cancelled."""
        return self._stop.is_set()

    def _look_at_bar(self) -> None:
        if self._bar.is_canceled:
            self.cancel()

    def _on_piece(self, piece: Piece) -> None:
        self._post(partial(self._receive, piece))

    def _post(self, letter: Callable[[], None]) -> None:
        # One step an event loop's turn, so that the window can paint and listen in between. napari's progress bars
        # process events while they are updated: a step that comes in the middle of another waits for its turn, too.
        if self._ended:
            return
        self._mail.append(letter)
        self._turn.start()

    def _take_turn(self) -> None:
        if self._reading or not self._mail:
            return
        self._reading = True
        try:
            self._mail.popleft()()
        finally:
            self._reading = False
            if self._mail:
                self._turn.start()

    def _receive(self, piece: Piece) -> None:
        if piece is None or isinstance(piece, Exception):
            self._end(piece)
            return
        if isinstance(piece, ImageFacts):
            self._on_facts(piece)
            return
        self._done += 1
        self._on_result(piece)
        self._mail.extendleft((self._show_progress, self._on_added))

    def _show_progress(self) -> None:
        ks, done = self.plan.ks, self._done
        if done >= len(ks):
            return
        self._on_progress(ks[done], done)
        self._bar.set_description(messages.progress(ks[done], done + 1, len(ks)))
        self._bar.update(done - self._bar.n)

    def _end(self, error: Exception | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._mail.clear()
        if isalive(self._poll):  # not so where the interpreter ends in the middle of a run
            self._poll.stop()
            self._turn.stop()
            self._bar.close()
        self._slot.shut()
        self._on_end(error)


def _work(plan: Plan, stop: threading.Event) -> Iterator[ImageFacts | Result | Exception]:
    def tick() -> None:
        if stop.is_set():
            raise _StoppedError

    try:
        image = np.asarray(plan.source.data)
        tick()
        if len(plan.parts) > 1:
            own = [part.layer_id for part, _ in plan.parts].index(plan.source.layer_id)
            yield image_facts(image[own], tick=tick)
        else:
            yield image_facts(image, channel_axis=plan.facts_axis, alpha=plan.request.alpha, tick=tick)
        if plan.given is not None:
            yield transfer(image, plan.given, tick=tick)
            return
        yield from sweep_request(image, plan.ks, plan.request, mask=plan.mask, tick=tick)
    except _StoppedError:
        return
    except Exception as error:  # noqa: BLE001
        # Handed over, not raised: superqt's workers never end after a RuntimeError, and report others twice.
        yield error
