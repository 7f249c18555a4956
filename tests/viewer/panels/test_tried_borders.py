"""The histogram shows the levels that are tried with their own borders, and these are the ones that can be dragged."""

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize import sweep
from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.viewer.family.snapshot import FamilySnapshot
from napari_quantize.viewer.layers.cache import cache_samples
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.panels.histogram.model import HistogramModel

GREY = np.random.default_rng(0).integers(0, 200, (30, 40), dtype=np.uint8)
STACK = np.random.default_rng(2).integers(0, 4000, (3, 12, 16), dtype=np.uint16)


def opened(image, **options):
    """Return a model with a result of K=3, while K=5 is tried, and the codebook that is tried."""
    source = Image(image)
    current, tried = sweep(image, (3, 5), **options)
    layer = Image(current.image)
    provenance = Provenance.of(current, str(source.unique_id), "it", layer)
    cache_samples(source, provenance.request, current.samples)
    facts = image_facts(image, channel_axis=options.get("channel_axis"))
    model = HistogramModel()
    model.show(FamilySnapshot(source, facts, ((layer, provenance),), (layer, provenance)))
    model.count()
    assert model.show(FamilySnapshot(source, facts, ((layer, provenance),), (layer, provenance), None, tried.codebook))
    model.count()
    return model, tried.codebook


@pytest.mark.parametrize(
    ("image", "options"), [(GREY, {}), (STACK, {"mode": "per_channel", "channel_axis": 0})], ids=["grey", "channels"]
)
def test_tried_levels_have_their_own_borders_to_drag(image, options):
    model, tried = opened(image, **options)
    for row, bars in enumerate(model.rows):
        np.testing.assert_array_equal(bars.borders, tried.borders_of(row))
        index = model.border_near(row, tried.borders_of(row)[3], 1)
        assert index == 3
        model.grab(row, index)
        edited = model.edited(float(tried.borders_of(row)[3]) + 5)
        assert (edited.k, edited.method) == (5, "given")
        assert tried.borders_of(row)[3] < edited.borders_of(row)[3] < tried.borders_of(row)[3] + 7
        np.testing.assert_array_equal(edited.borders_of(row)[:3], tried.borders_of(row)[:3])


def test_a_border_is_let_go_when_other_levels_are_shown():
    model, _ = opened(GREY)
    model.grab(0, 3)
    shown = model.shown
    model.show(FamilySnapshot(shown.source, shown.facts, shown.results, shown.current))
    assert model.grabbed is None
    assert model.pulled_to(90) is None
