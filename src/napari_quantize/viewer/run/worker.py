"""One run in the background: its thread, its progress, and how it is stopped."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from functools import partial

import numpy as np
from napari.utils import cancelable_progress
from qtpy.compat import isalive
from qtpy.QtCore import QObject, QTimer

from napari_quantize.core.analysis.image_facts import ImageFacts, image_facts
from napari_quantize.core.api import Result, sweep_request, transfer
from napari_quantize.core.request.request import Tick
from napari_quantize.viewer import messages
from napari_quantize.viewer.plan.plan import Plan
from napari_quantize.viewer.widgets.background import Background

_POLL_MS = 50


class Run:
    """A plan being carried out in a thread.

    To `Background`, where the latest job wins, it adds napari's progress bar, and it hands on the results one by one.
    It has a background of its own: the next run starts beside a call of a cancelled one that has not returned yet.

    Parameters
    ----------
    plan : Plan
        What to do.
    owner : QObject
        Owner of the work. When Qt deletes it, the thread stops.
    on_facts, on_result : callable
        Called in the GUI thread with the `ImageFacts`, and with each `Result` as soon as it is ready.
    on_added : callable
        Called in a later turn of the event loop than `on_result`: adding a layer and showing it both take long.
    on_progress : callable
        Called in the GUI thread with the k being worked on and how many are done.
    on_end : callable
        Called once, in the GUI thread, with the message of the exception that ended the run, or None.
    """

    def __init__(
        self,
        plan: Plan,
        owner: QObject,
        *,
        on_facts: Callable[[ImageFacts], None],
        on_result: Callable[[Result], None],
        on_added: Callable[[], None],
        on_progress: Callable[[int, int], None],
        on_end: Callable[[str | None], None],
    ) -> None:
        self.plan = plan
        self._on_facts, self._on_result = on_facts, on_result
        self._on_added, self._on_progress, self._on_end = on_added, on_progress, on_end
        self._background = Background(owner)
        self.is_cancelled = False
        """True if the run was cancelled."""
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

    def start(self, first: Callable[[], None]) -> None:
        """Begin; `first` is called in the GUI thread before anything else comes of it."""
        self._post(first)
        self._post(self._show_progress)
        self._poll.start(_POLL_MS)
        work = partial(_work, self.plan, self._background.tick, self._background.deliver)
        self._background.submit(work, self._on_done, self._on_failed, self._on_part)

    def cancel(self) -> None:
        """End at once for the caller; the thread leaves at its next step, and nothing more comes from it."""
        self.is_cancelled = True
        self._end(None)

    def _look_at_bar(self) -> None:
        if self._bar.is_canceled:
            self.cancel()

    def _on_part(self, part: ImageFacts | Result) -> None:
        self._post(partial(self._receive, part))

    def _on_done(self, _outcome: None) -> None:
        self._post(partial(self._end, None))

    def _on_failed(self, message: str) -> None:
        self._post(partial(self._end, message))

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

    def _receive(self, part: ImageFacts | Result) -> None:
        if isinstance(part, ImageFacts):
            self._on_facts(part)
            return
        self._done += 1
        self._on_result(part)
        self._mail.extendleft((self._show_progress, self._on_added))

    def _show_progress(self) -> None:
        ks, done = self.plan.ks, self._done
        if done >= len(ks):
            return
        self._on_progress(ks[done], done)
        self._bar.set_description(messages.progress(ks[done], done + 1, len(ks)))
        self._bar.update(done - self._bar.n)

    def _end(self, problem: str | None) -> None:
        if self._ended:
            return
        self._ended = True
        self._mail.clear()
        if isalive(self._poll):  # not so where the interpreter ends in the middle of a run
            self._poll.stop()
            self._turn.stop()
            self._bar.close()
        self._background.close()
        self._on_end(problem)


def _work(plan: Plan, tick: Tick, tell: Callable[[ImageFacts | Result], None]) -> None:
    image = np.asarray(plan.source.data)
    tick()
    if len(plan.parts) > 1:
        own = [part.layer_id for part, _ in plan.parts].index(plan.source.layer_id)
        tell(image_facts(image[own], tick=tick))
    else:
        tell(image_facts(image, channel_axis=plan.facts_axis, alpha=plan.request.alpha, tick=tick))
    tick()
    if plan.given is not None:
        tell(transfer(image, plan.given, tick=tick))
        return
    for result in sweep_request(image, plan.ks, plan.request, mask=plan.mask, tick=tick):
        tell(result)
        tick()
