"""A process that is forked learns, whatever another thread of its parent was doing."""

from __future__ import annotations

import os
import subprocess
import sys
from collections import Counter

import pytest

# In each round a thread is held at another of the places in the code at which it can be held.
FORKS = """
import os, signal, threading, traceback, warnings
import numpy as np
from sklearn.cluster import KMeans
from napari_quantize import fit
from napari_quantize.core.learning import colors

# Python 3.12 warns of any fork in a process with threads.
warnings.filterwarnings("ignore", ".*multi-threaded.*fork", DeprecationWarning)
coarsen = colors.coarsen

def ticking_coarsen(samples, dtype, limits, tick, **options):
    tick()  # a place within a property that is computed once
    return coarsen(samples, dtype, limits, tick, **options)

colors.coarsen = ticking_coarsen
COLORS = np.random.default_rng(0).integers(0, 256, (25, 25, 3), dtype=np.uint8)

def learn(method, tick):
    fit(COLORS, 4, mode="color", channel_axis=-1, method=method, tick=tick)

# Threads of OpenMP do not survive a fork, and scikit-learn waits for them for ever. Learning needs none of them.
KMeans(4, n_init=1).fit(COLORS.reshape(-1, 3))

def first_ticks(method):
    # The number of the first tick at each place in the code.
    places = []
    stack = lambda: tuple((frame.f_code, line) for frame, line in traceback.walk_stack(None))
    learn(method, lambda: places.append(stack()))
    return [places.index(place) for place in dict.fromkeys(places)]

for method, tick in [(method, tick) for method in ("minibatch", "lloyd") for tick in first_ticks(method)]:
    reached, go = threading.Event(), threading.Event()
    passed = []

    def hold():
        passed.append(1)
        if len(passed) == tick + 1:
            reached.set()
            go.wait()

    thread = threading.Thread(target=learn, args=(method, hold))
    thread.start()
    reached.wait()
    child = os.fork()
    if not child:
        signal.alarm(20)  # ends a process that waits for ever
        learn(method, lambda: None)
        os._exit(0)
    print(method, os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
    go.set()
    thread.join()
"""


@pytest.mark.slow
@pytest.mark.skipif(not hasattr(os, "fork"), reason="there is no fork")
def test_a_forked_process_learns_while_a_thread_of_its_parent_does() -> None:
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", FORKS],
        env=os.environ | {"OMP_NUM_THREADS": "2"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
    codes = Counter(done.stdout.splitlines())
    assert set(codes) == {"minibatch 0", "lloyd 0"}
    assert min(codes.values()) > 3
