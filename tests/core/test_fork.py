"""A process that is forked learns, whatever another thread of its parent was doing."""

from __future__ import annotations

import os
import subprocess
import sys

import pytest

# In each round a thread is held at its next tick: each place at which it can be held has its turn.
FORKS = """
import os, signal, threading, warnings
import numpy as np
from napari_quantize import fit
from napari_quantize.core.learning import colors

# Python 3.12 warns of any fork in a process with threads.
warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
coarsen = colors.coarsen

def ticking_coarsen(samples, dtype, limits, tick, **options):
    tick()  # a place within a property that is computed once
    return coarsen(samples, dtype, limits, tick, **options)

colors.coarsen = ticking_coarsen
COLORS = np.random.default_rng(0).integers(0, 256, (90, 90, 3), dtype=np.uint8)

def learn(tick):
    fit(COLORS, 4, mode="color", channel_axis=-1, method=METHOD, tick=tick)

ticks = []
learn(lambda: ticks.append(1))
for place in range(len(ticks)):
    reached, go = threading.Event(), threading.Event()
    passed = []

    def hold():
        passed.append(1)
        if len(passed) == place + 1:
            reached.set()
            go.wait()

    thread = threading.Thread(target=learn, args=(hold,))
    thread.start()
    reached.wait()
    child = os.fork()
    if not child:
        signal.alarm(20)  # ends a process that waits for ever
        learn(lambda: None)
        os._exit(0)
    print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    go.set()
    thread.join()
"""


@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
@pytest.mark.parametrize("method", ["minibatch", "lloyd"])
def test_a_forked_process_learns_while_a_thread_of_its_parent_does(method: str) -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", f"METHOD = {method!r}\n{FORKS}"],
        # Threads of OpenMP do not survive a fork.
        env={**os.environ, "OMP_NUM_THREADS": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    codes = done.stdout.split()
    assert len(codes) > 3
    assert set(codes) == {"0"}
