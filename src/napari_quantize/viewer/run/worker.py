"""One run in a background thread, with its progress bar and its cancellation."""

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
    """Run a plan in a thread, and deliver its results one by one in the GUI thread.

    Each run has a `Background` of its own: the next run can start while a call of a cancelled one has not returned yet.

    Parameters
    ----------
    plan : Plan
        The plan.
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
        self._steps: deque[Callable[[], None]] = deque()
        self._in_step = False
        self._step_timer = QTimer()
        self._step_timer.setSingleShot(True)
        # Not 0: Qt may deliver a timer of 0 ms as a posted event, and posted events go before input and painting.
        self._step_timer.setInterval(1)
        self._step_timer.timeout.connect(self._run_next_step)
        self._bar = cancelable_progress(total=len(plan.ks), desc="K-means Quantization")
        # The cancel button of napari's activity dock only sets a flag, so poll it.
        self._poll = QTimer()
        self._poll.timeout.connect(self._check_cancel_button)

    def start(self, first: Callable[[], None]) -> None:
        """Start the thread; call `first` in the GUI thread before all other callbacks."""
        self._queue_step(first)
        self._queue_step(self._show_progress)
        self._poll.start(_POLL_MS)
        work = partial(_work, self.plan, self._background.tick, self._background.deliver)
        self._background.submit(work, self._on_done, self._on_failed, self._on_part)

    def cancel(self) -> None:
        """End the run at once: nothing more is delivered, and the thread stops at its next tick."""
        self.is_cancelled = True
        self._end(None)

    def _check_cancel_button(self) -> None:
        if self._bar.is_canceled:
            self.cancel()

    def _on_part(self, part: ImageFacts | Result) -> None:
        self._queue_step(partial(self._receive, part))

    def _on_done(self, _outcome: None) -> None:
        self._queue_step(partial(self._end, None))

    def _on_failed(self, message: str) -> None:
        self._queue_step(partial(self._end, message))

    def _queue_step(self, step: Callable[[], None]) -> None:
        # One step in each turn of the event loop, so that the window can paint and handle input in between. Updating
        # napari's progress bar processes events, so a step may arrive while another is still running: it waits, too.
        if self._ended:
            return
        self._steps.append(step)
        self._step_timer.start()

    def _run_next_step(self) -> None:
        if self._in_step or not self._steps:
            return
        self._in_step = True
        try:
            self._steps.popleft()()
        finally:
            self._in_step = False
            if self._steps:
                self._step_timer.start()

    def _receive(self, part: ImageFacts | Result) -> None:
        if isinstance(part, ImageFacts):
            self._on_facts(part)
            return
        self._done += 1
        self._on_result(part)
        # Before all queued steps; `extendleft` reverses the order, so the layer is shown before the progress.
        self._steps.extendleft((self._show_progress, self._on_added))

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
        self._steps.clear()
        if isalive(self._poll):  # Qt may have deleted it if the interpreter exits during a run
            self._poll.stop()
            self._step_timer.stop()
            self._bar.close()
        self._background.close()
        self._on_end(problem)


def _work(plan: Plan, tick: Tick, deliver: Callable[[ImageFacts | Result], None]) -> None:
    image = np.asarray(plan.source.data)
    tick()
    # Facts describe one layer: if several are the channels of one image, those of the chosen layer.
    if len(plan.parts) > 1:
        own = [part.layer_id for part, _ in plan.parts].index(plan.source.layer_id)
        deliver(image_facts(image[own], tick=tick))
    else:
        deliver(image_facts(image, channel_axis=plan.facts_axis, alpha=plan.request.alpha, tick=tick))
    tick()
    if plan.given is not None:
        deliver(transfer(image, plan.given, mask=plan.mask, tick=tick))
        return
    for result in sweep_request(image, plan.ks, plan.request, mask=plan.mask, tick=tick):
        deliver(result)
        tick()
