"""Saturated values lie where a dtype or a camera ends, or where the values of an image pile up."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from napari_quantize.core.analysis.image_facts import image_facts
from napari_quantize.core.analysis.saturation import Saturation, find_saturation
from napari_quantize.core.pixels.pixels import Pixels

RNG = np.random.default_rng(0)


def clipped(top: int, dtype: str = "u2") -> np.ndarray:
    """A bell of values around 2,000, of which some hundred exceed `top`."""
    values = np.sort(RNG.normal(2000, 400, 20_000))
    values += top - values[-500]
    return RNG.permutation(np.clip(values, 0, top).astype(dtype).reshape(100, 200))


@pytest.mark.parametrize("top", [4095, 3950, 2800])
def test_values_that_pile_up_at_the_maximum(top: int) -> None:
    image = clipped(top)
    count = np.count_nonzero(image == top)
    assert count > 400
    assert find_saturation([image]) == Saturation(top, count, image.size)
    assert image_facts(image).saturated == count / image.size


@pytest.mark.parametrize("top", [255, 1023, 4095, 16383, 65535])
@pytest.mark.parametrize("dtype", ["u2", ">u2", "u4", "i8"])
def test_one_value_at_the_end_of_a_camera_is_saturated(top: int, dtype: str) -> None:
    image = np.array([[3, 5, 5], [7, 9, top]], dtype)
    assert find_saturation([image]) == Saturation(top, 1, 6)
    assert image_facts(image).saturation == Saturation(top, 1, 6)


@pytest.mark.parametrize("dtype", ["u1", "i1", "i2", "u4", "i4"])
def test_the_end_of_the_dtype(dtype: str) -> None:
    top = np.iinfo(dtype).max
    image = np.array([0, 1, top, top], dtype)
    assert find_saturation([image]) == Saturation(top, 2, 4)
    assert find_saturation([image[:2]]) == Saturation(top, 0, 2)


def test_a_tail_that_ends_by_itself_is_not_saturated() -> None:
    image = RNG.poisson(300, (200, 200)).astype("u2")
    assert find_saturation([image]) == Saturation(65535, 0, 40_000)
    assert find_saturation([image.astype("u4")]) == Saturation(2**32 - 1, 0, 40_000)


def test_few_values_do_not_tell_a_pile_up() -> None:
    classes = np.repeat(np.array([10, 60, 120, 200], "u2"), [5, 5, 5, 900])
    assert find_saturation([classes]).count == 0


@given(
    hnp.arrays(np.uint8, st.integers(1, 300), elements=st.integers(100, 140)),
    st.integers(0, 60),
    st.integers(141, 254),
)
def test_a_pile_up_exceeds_the_next_16_values_fourfold(values: np.ndarray, n: int, top: int) -> None:
    image = np.append(values, np.full(n, top, "u1"))
    distinct, counts = np.unique(image, return_counts=True)
    piled_up = len(distinct) > 16 and all(counts[-1] > 4 * count for count in counts[-17:-1])
    expected = (distinct[-1], counts[-1]) if piled_up else (255, 0)
    found = find_saturation([image])
    assert (found.value, found.count, found.total) == (*expected, image.size)


def test_several_images_end_at_one_value() -> None:
    dark, bright = RNG.poisson(300, (50, 50)).astype("u2"), clipped(3950)
    expected = find_saturation([bright])
    assert find_saturation([dark, bright]) == Saturation(3950, expected.count, expected.total + 2500)
    assert find_saturation([dark.astype("u4"), np.array([4095], "u4")]) == Saturation(4095, 1, 2501)


@pytest.mark.parametrize("dtype", ["u1", "u4"])
def test_invisible_pixels_are_not_counted(dtype: str) -> None:
    top = np.iinfo(dtype).max
    image = np.array([[[1, top, 255], [top, top, 0]]], dtype)
    assert find_saturation([image], channel_axis=-1, alpha=True) == Saturation(top, 1, 2)


@pytest.mark.parametrize("dtype", ["f4", "?"])
def test_floats_have_no_saturated_value(dtype: str) -> None:
    with pytest.raises(ValueError, match="no saturated value"):
        find_saturation([np.zeros((2, 2), dtype)])
    assert image_facts(np.ones((2, 2), dtype)).saturation is None


def test_facts_come_from_one_count_of_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    # More values than are kept apart: bins hold the largest value together with smaller ones.
    many = np.arange(2**17, dtype="u4").reshape(2, -1, 256)
    image = np.stack([many, np.minimum(many, 2**16 + 1)])
    image[0, 0, 0, :5] = np.iinfo("u4").max
    read = []

    def spy(self: Pixels, *arguments: object, taking_part=Pixels.taking_part) -> np.ndarray:
        read.append(len(values := taking_part(self, *arguments)))
        return values

    monkeypatch.setattr(Pixels, "taking_part", spy)
    facts = image_facts(image)
    assert facts.n_values is None
    assert facts.saturation == Saturation(2**32 - 1, 5, image.size)
    assert sum(read) == 2 * image.size  # once for the buckets, once for their bins
    assert image_facts(image, channel_axis=0).saturation == facts.saturation
