"""Classes as labels, connected objects and what is measured of them, against scikit-image and slow answers."""

from itertools import product

import hypothesis.strategies as st
import numpy as np
import pytest
from hypothesis import given
from oracles import small_blocks
from skimage.measure import regionprops

from napari_quantize import fit
from napari_quantize.core.classes.objects import centroids, classify, find_objects, measure_objects

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 200, (12, 16), dtype=np.uint8)
STACK = RNG.integers(0, 4000, (3, 8, 9), dtype=np.uint16)
FLOATS = RNG.normal(size=(9, 11)).astype(np.float32)
FLOATS[0, :4] = np.nan, np.inf, -np.inf, np.nan
RGB = RNG.integers(0, 255, (8, 9, 3), dtype=np.uint8)
RGBA = np.dstack([RGB, RNG.integers(0, 2, (8, 9), dtype=np.uint8)])

KINDS = {
    "8 bit": (GREY, {}),
    "16 bit stack": (STACK, {}),
    "float": (FLOATS, {}),
    "channels alike": (STACK, {"mode": "global", "channel_axis": 0}),
    "RGB": (RGB, {"mode": "color", "channel_axis": -1}),
    "RGBA": (RGBA, {"mode": "color", "channel_axis": -1, "alpha": True}),
    "channels first": (STACK, {"mode": "color", "channel_axis": 0}),
    "own levels": (STACK, {"mode": "per_channel", "channel_axis": 1}),
    "own levels of RGBA": (RGBA, {"mode": "per_channel", "channel_axis": -1, "alpha": True}),
    "not in one piece": (STACK.transpose(2, 0, 1)[:, :, ::2], {"mode": "color", "channel_axis": 1}),
}


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("foreground", [1, 2, 4, 2000])
@pytest.mark.parametrize("k", [1, 4, 1000])
def test_labels_are_the_numbers_of_the_codebooks_classes(kind: str, foreground: int, k: int) -> None:
    image, options = KINDS[kind]
    codebook = fit(image, k, **options)
    labels = classify(codebook, image, foreground=foreground)
    codes = codebook.encode(image).astype(int)
    n_classes = max(map(len, codebook.levels))
    numbers = np.where(codes == n_classes, 0, codes + 1)
    np.testing.assert_array_equal(labels, np.where(numbers < foreground, 0, numbers))
    assert labels.dtype == np.min_scalar_type(n_classes)


def test_256_classes_need_more_than_a_byte() -> None:
    image = np.arange(256, dtype=np.uint8).reshape(16, 16)
    labels = classify(fit(image, 256), image, foreground=1)
    np.testing.assert_array_equal(labels, image.astype(int) + 1)


def test_each_channel_has_the_classes_of_its_own_levels() -> None:
    labels = classify(fit(STACK, 4, mode="per_channel", channel_axis=1), STACK)
    for channel in range(STACK.shape[1]):
        own = STACK[:, channel]
        np.testing.assert_array_equal(labels[:, channel], classify(fit(own, 4), own))


def flooded(classes: np.ndarray, axes: tuple[int, ...]) -> np.ndarray:
    """Connected regions, found pixel by pixel."""
    objects = np.zeros(classes.shape, dtype=int)
    steps = [step for step in product((-1, 0, 1), repeat=classes.ndim) if not any(np.delete(step, list(axes)))]
    others = [axis for axis in range(classes.ndim) if axis not in axes]
    places = sorted(np.ndindex(classes.shape), key=lambda place: [place[axis] for axis in (*others, *sorted(axes))])
    n = 0
    for start in places:
        if not classes[start] or objects[start]:
            continue
        n += 1
        front = [start]
        objects[start] = n
        while front:
            place = front.pop()
            for step in steps:
                near = tuple(np.add(place, step))
                inside = all(0 <= at < length for at, length in zip(near, classes.shape, strict=True))
                if inside and not objects[near] and classes[near] == classes[start]:
                    objects[near] = n
                    front.append(near)
    return objects


@given(
    st.sampled_from(
        [
            ((5, 6), (0, 1)),
            ((3, 4, 5), (1, 2)),
            ((3, 4, 5), (2, 0)),
            ((2, 3, 3, 4), (1, 2, 3)),
            ((4, 5, 1), (0, 1, 2)),
            ((4, 1, 5), (0, 1, 2)),
            ((6, 1), (0, 1)),
        ]
    ),
    st.integers(1, 3),
    st.integers(1, 4),
    st.integers(0, 2**32),
)
def test_objects_are_what_flooding_finds(
    form: tuple[tuple[int, ...], tuple[int, ...]], n_classes: int, smallest: int, seed: int
) -> None:
    shape, axes = form
    classes = np.random.default_rng(seed).integers(0, n_classes + 1, shape, dtype=np.uint8)
    objects, kinds = find_objects(classes, axes, smallest=smallest)
    expected = flooded(classes, axes)
    sizes = np.bincount(expected.ravel())
    kept = [0, *(number for number in range(1, len(sizes)) if sizes[number] >= smallest)]
    renumbered = np.zeros(len(sizes), dtype=int)
    renumbered[kept] = np.arange(len(kept))
    np.testing.assert_array_equal(objects, renumbered[expected])
    assert list(kinds) == [0, *(classes[objects == number][0] for number in range(1, len(kept)))]


@pytest.mark.parametrize("kind", [kind for kind in KINDS if "own levels" not in kind])
def test_pixels_and_means_are_those_of_numpy(kind: str) -> None:
    image, options = KINDS[kind]
    codebook = fit(image, 3, **options)
    labels = classify(codebook, image, foreground=1)
    axis = codebook.channel_axis if codebook.mode == "color" else None
    with small_blocks(2, 7):
        measured = measure_objects(labels, 4, image, channel_axis=axis, alpha=codebook.alpha)
    classed = codebook.encode(image) < codebook.n_used
    channels = [image] if axis is None else list(np.moveaxis(image, axis, 0))[: 3 if codebook.alpha else None]
    for label in range(4):
        under = classed & (labels == label)
        assert measured.pixels[label] == under.sum()
        expected = [channel[under].astype(np.float64).mean() if under.any() else np.nan for channel in channels]
        np.testing.assert_allclose(measured.means[label], expected)


@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_what_is_not_finite_in_one_channel_counts_in_the_others(axis: int, alpha: bool) -> None:
    rng = np.random.default_rng(4)
    channels = rng.normal(size=(3, 12, 16)).astype(np.float32)
    channels[rng.random(channels.shape) < 0.3] = np.nan
    channels[0, 3] = np.inf
    channels[:2, 5] = np.nan
    labels = rng.integers(0, 4, (12, 16), dtype=np.uint8)
    visible = np.ones((12, 16), bool)
    if alpha:
        channels[2] = rng.integers(0, 2, (12, 16))
        visible = channels[2] > 0
    colors = channels[:2] if alpha else channels
    with small_blocks(2, 28):
        measured = measure_objects(labels, 5, np.moveaxis(channels, 0, axis), channel_axis=axis, alpha=alpha)
    some = visible & np.isfinite(colors).any(axis=0)
    for label in range(5):
        assert measured.pixels[label] == (some & (labels == label)).sum()
        for channel, mean in zip(colors, measured.means[label], strict=True):
            own = channel[visible & (labels == label) & np.isfinite(channel)].astype(np.float64)
            np.testing.assert_allclose(mean, own.mean() if own.size else np.nan)


def test_classes_of_a_channel_have_the_means_that_the_channel_has_alone() -> None:
    image = np.random.default_rng(5).normal(size=(3, 9, 11))
    image[1, 2:5] = np.nan
    labels = classify(fit(image, 3, mode="per_channel", channel_axis=0), image, foreground=1)
    for channel, own in enumerate(image):
        among, alone = (
            measure_objects(labels[channel], 4, image, channel_axis=0),
            measure_objects(labels[channel], 4, own),
        )
        np.testing.assert_array_equal(among.means[1:, channel], alone.means[1:, 0])


@given(st.sampled_from([(7, 8), (4, 5, 6)]), st.integers(0, 2**32))
def test_objects_measured_as_scikit_image_does(shape: tuple[int, ...], seed: int) -> None:
    rng = np.random.default_rng(seed)
    classes, image = rng.integers(0, 3, shape, dtype=np.uint8), rng.random(shape)
    objects, kinds = find_objects(classes, range(len(shape)))
    measured = measure_objects(objects, len(kinds), image)
    places = centroids(objects, measured.pixels)
    assert np.isnan(places[0]).all()
    for region in regionprops(objects, image):
        assert measured.pixels[region.label] == region.num_pixels
        np.testing.assert_allclose(measured.means[region.label, 0], region.intensity_mean)
        np.testing.assert_allclose(places[region.label], region.centroid)
