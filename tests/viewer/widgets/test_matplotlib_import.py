"""Import of matplotlib: by one thread at a time; asked of fresh interpreters, since this one has loaded it."""

import subprocess
import sys

import pytest

# Each needs matplotlib first, in the window's thread or in another one.
FIRST = {
    "colours of classes": "class_colors(result.codebook, 0, rgb=False, white=255)",
    "steps of a run": "LloydRunner(lambda: None).run(StepsRequest(samples, facts, 2, 0, None, 255, None, False))",
    "a plot": "Plot(lambda *_: None, '').figure",
}
PROGRAM = """
import sys
import numpy as np
from qtpy.QtWidgets import QApplication
from napari_quantize import image_facts, sweep
from napari_quantize.plots import loading
from napari_quantize.plots.class_colors import class_colors
from napari_quantize.viewer.panels.lloyd_steps.model import LloydRunner, StepsRequest
from napari_quantize.viewer.widgets.plot import Plot

seen = []

class Finder:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "matplotlib" and "matplotlib.offsetbox" not in sys.modules:
            seen.append(loading._lock.locked())

app = QApplication([])
image = np.arange(12, dtype=np.uint8).reshape(3, 4)
(result,) = sweep(image, [3])
(samples,), facts = result.samples, image_facts(image)
sys.meta_path.insert(0, Finder())
{first}
print(len(seen) > 50, all(seen))
"""


@pytest.mark.slow
@pytest.mark.parametrize("name", FIRST)
def test_what_may_be_the_first_to_draw_loads_matplotlib_in_one_thread(name: str) -> None:
    program = PROGRAM.replace("{first}", FIRST[name])
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["True", "True"]
