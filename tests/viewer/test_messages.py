"""Sentences and tooltips of the dock."""

import numpy as np
import pytest

from napari_quantize import sweep
from napari_quantize.viewer import messages
from napari_quantize.viewer.layers.provenance import Provenance


class Layer:
    """A stand-in for a layer, with the attributes that a provenance reads."""

    def __init__(self, unique_id="1"):
        self.unique_id = unique_id
        self.metadata = {}


def make_provenance(image, k, **options):
    [result] = sweep(image, (k,), **options)
    return Provenance.of(result, "source", "it", Layer())


def test_the_tooltip_names_the_figures():
    provenance = make_provenance(np.array([[0, 1, 100, 101]], np.uint8), 2)
    tooltip = messages.figures(provenance)
    for part in ("K = 2", "PSNR", "for a range of 255", "2 distinct values", "largest error"):
        assert part in tooltip
    lossless = messages.figures(make_provenance(np.array([[0, 1]], np.uint8), 2))
    assert "∞" in lossless


def test_notices_on_new_results():
    image = np.arange(4, dtype=np.uint8).reshape(2, 2)
    assert messages.fewer_values([make_provenance(image, 2)]) is None
    assert "4" in messages.fewer_values([make_provenance(image, 2), make_provenance(image, 16)])
    assert messages.fewer_values([make_provenance(np.full((2, 2), 7), 4)])
    assert messages.fewer_values([]) is None
    colours = make_provenance(np.arange(12, dtype=np.uint8).reshape(2, 2, 3), 16, mode="color", channel_axis=-1)
    assert messages.fewer_values([colours]).startswith("The image has 4 distinct colours, fewer than K=16")
    constant = make_provenance(np.full((2, 2, 3), 7, np.uint8), 4, mode="per_channel", channel_axis=-1)
    assert messages.combined_colours([constant]) is None
    assert messages.combined_colours([]) is None
    assert messages.combined_colours([make_provenance(image, 2)]) is None
    rgb = np.random.default_rng(0).integers(0, 255, (9, 9, 3), dtype=np.uint8)
    assert "colours" in messages.combined_colours([make_provenance(rgb, 4, channel_axis=-1)])


def test_errors_and_stopped_runs_become_sentences():
    assert messages.sentence("k=0 must be at least 1") == "K=0 must be at least 1."
    assert messages.sentence("Ends.") == "Ends."
    assert messages.stopped(0, 6) == "Stopped: nothing was ready yet."
    assert messages.stopped(2, 6) == "Stopped: 2 of 6 results are ready."


def test_tooltips_escape_html():
    assert "&lt;b&gt;cells" in messages.plain_tooltip("<b>cells")


@pytest.mark.parametrize("part", [{"ignore": [0]}, {"mask": np.array([[False, True], [True, False]])}])
def test_nothing_is_said_to_be_kept_where_only_a_part_is(part):
    image = np.array([[0, 255], [255, 3]], np.uint8)
    assert messages.fewer_values([make_provenance(image, 4)])
    assert messages.fewer_values([make_provenance(image, 4, **part)]) is None
