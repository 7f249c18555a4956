"""What is told of an image is what numpy counts in it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from oracles import entropy

from napari_quantize.core.analysis.image_facts import image_facts

RNG = np.random.default_rng(0)
RGB = RNG.integers(0, 256, (9, 11, 3), dtype=np.uint8)


def saturated_share(image):
    """Return the share of the largest value if a dtype or a camera ends there, or values pile up."""
    if image.dtype.kind == "b":
        return 0
    values, counts = np.unique(image, return_counts=True)
    is_end = values[-1] in (255, 1023, 4095, 16383, 65535, np.iinfo(image.dtype).max)
    is_pile = image.dtype.itemsize <= 2 and len(values) > 16 and (4 * counts[-17:-1] < counts[-1]).all()
    return counts[-1] / image.size if is_end or is_pile else 0


IMAGES = hnp.arrays(
    st.sampled_from([np.uint8, np.int8, np.uint16, np.int32, np.bool_, np.dtype(">i2")]),
    hnp.array_shapes(min_dims=2, max_dims=3, max_side=7),
)


@given(IMAGES)
def test_integers_are_counted_as_by_numpy(image):
    facts = image_facts(image)
    assert facts.n_values == len(np.unique(image))
    assert (facts.low, facts.high) == (image.min(), image.max())
    assert facts.bits_per_pixel == pytest.approx(entropy(image), abs=1e-9)
    assert facts.saturated == pytest.approx(saturated_share(image))
    assert facts.counts.shape == (1, len(facts.edges) - 1)
    assert facts.counts.sum() == image.size
    assert len(facts.edges) <= 257
    assert facts.edges[0] < facts.low
    assert facts.edges[-1] > facts.high
    np.testing.assert_array_equal(facts.counts[0], np.histogram(image.ravel().astype(float), facts.edges)[0])


def test_small_integers_have_a_bin_each():
    image = RNG.integers(10, 60, (30, 30), dtype=np.uint16)
    facts = image_facts(image)
    assert np.diff(facts.edges).tolist() == [1.0] * (len(facts.edges) - 1)
    np.testing.assert_array_equal(facts.counts[0], np.bincount(image.ravel())[image.min() :])


@given(hnp.arrays(st.sampled_from([np.float32, np.float64]), (4, 6), elements=st.floats(-1e6, 1e6, width=32)))
def test_floats_are_counted_within_their_range(image):
    facts = image_facts(image)
    assert facts.saturated == 0
    assert (facts.low, facts.high) == (image.min(), image.max())
    assert facts.counts.sum() == image.size
    assert (np.diff(facts.edges) > 0).all()


def test_values_that_take_no_part_are_not_counted():
    image = np.array([[np.nan, np.inf, 1.0], [-np.inf, 2.0, 2.0]])
    facts = image_facts(image)
    assert (facts.n_values, facts.low, facts.high, facts.counts.sum()) == (2, 1.0, 2.0, 3)
    rgba = np.dstack([RGB, np.where(RGB[..., 0] > 99, 255, 0).astype(np.uint8)])
    facts = image_facts(rgba, channel_axis=-1, alpha=True)
    seen = RGB[rgba[..., 3] != 0]
    assert facts.n_values == len(np.unique(seen))
    assert facts.counts.sum(axis=1).tolist() == [len(seen)] * 3
    assert facts.saturated == pytest.approx((seen == 255).mean())


def test_channels_are_counted_one_by_one():
    facts = image_facts(RGB, channel_axis=-1)
    assert facts.counts.shape[0] == 3
    assert facts.bits_per_pixel == pytest.approx(sum(entropy(RGB[..., c]) for c in range(3)))
    assert facts.n_values == len(np.unique(RGB))
    np.testing.assert_array_equal(image_facts(np.moveaxis(RGB, -1, 0), channel_axis=0).counts, facts.counts)


def test_too_many_values_are_not_told_apart():
    image = RNG.normal(size=(300, 300))
    facts = image_facts(image)
    assert (facts.n_values, facts.bits_per_pixel) == (None, None)
    assert (facts.low, facts.high) == (image.min(), image.max())
    assert facts.counts.sum() == image.size
    assert len(facts.edges) == 257


def test_an_image_without_finite_values_is_an_error():
    with pytest.raises(ValueError, match="no finite"):
        image_facts(np.full((3, 4), np.nan))
