"""Borders that are set by hand: classes, levels, and codebooks that keep them."""

import copy
import json
import pickle

import numpy as np
import pytest

from napari_quantize import Codebook, fit, sweep
from napari_quantize.core.api import transfer
from napari_quantize.core.classes.edited_levels import move_border
from napari_quantize.core.classes.intervals import intervals
from napari_quantize.core.lookup.levels import borders
from napari_quantize.core.request.request import Request

RNG = np.random.default_rng(0)
IMAGES = {
    "8 bit": RNG.integers(0, 200, (20, 30), dtype=np.uint8),
    "16 bit": RNG.integers(0, 4000, (20, 30), dtype=np.uint16),
    "32 bit": RNG.integers(-900, 4000, (20, 30), dtype=np.int32),
    "float": RNG.normal(0, 1, (20, 30)).astype(np.float32),
    "double": RNG.normal(0, 1, (20, 30)),
}


def edited(image, k=4, index=1, value=None, **how):
    [result] = sweep(image, (k,), **how)
    return move_border(result.codebook, result.samples[0], 0, index, value), result.codebook


@pytest.mark.parametrize("kind", IMAGES)
@pytest.mark.parametrize("share", [0.3, 0.5, 0.6])
def test_classes_lie_between_the_borders_and_levels_are_their_means(kind, share):
    image = IMAGES[kind]
    before = fit(image, 4)
    low, _, high = before.borders_of(0)
    value = float(low + share * (high - low))
    after, _ = edited(image, value=value)
    limits = [low, value if image.dtype.kind == "f" else np.floor(value) + 0.5, high]
    classes = np.searchsorted(limits, image.astype(np.float64))
    np.testing.assert_array_equal(after.encode(image), classes)
    for number in range(4):
        assert after.centers[number] == pytest.approx(image[classes == number].mean(dtype=np.float64))
    np.testing.assert_array_equal(after.apply(image), after.outputs[0][classes])
    np.testing.assert_array_equal(after.apply(after.apply(image)), after.apply(image))
    assert after.method == "given"


@pytest.mark.parametrize("kind", IMAGES)
def test_intervals_are_those_of_the_borders(kind):
    image = IMAGES[kind]
    after, _ = edited(image, value=float(np.quantile(image, 0.6)))
    bounds = intervals(after.levels[0], after.dtype, after.borders_of(0))
    classes = after.encode(image)
    for number in range(4):
        inside = image[classes == number]
        assert bounds.lower[number] <= inside.min()
        assert bounds.upper[number] >= inside.max()
    assert (bounds.upper[:-1] < bounds.lower[1:]).all()


@pytest.mark.parametrize("value", [-1e6, 1e6, "low", "high"])
def test_a_border_stays_between_its_neighbours_and_both_classes_keep_a_value(value):
    image = IMAGES["16 bit"]
    before = fit(image, 4)
    limits = before.borders_of(0)
    after, _ = edited(image, value={"low": limits[0], "high": limits[2]}.get(value, value))
    assert limits[0] < after.borders_of(0)[1] < limits[2]
    assert (np.bincount(after.encode(image).ravel(), minlength=4) > 0).all()


@pytest.mark.parametrize("first", [-(2**53), -(2**52) - 3, -(2**52) + 1, 2**51, 2**52 - 3, 2**52 + 1, 2**53 - 5])
def test_a_border_between_large_integers_lies_after_the_value_that_was_asked_for(first):
    image = first + np.array([0, 1, 2, 3, 4, 5])
    for value in image[:-1]:
        after, _ = edited(image, k=2, index=0, value=float(value))
        np.testing.assert_array_equal(after.encode(image), image > value)
        np.testing.assert_array_equal(after.apply(image) > value, image > value)


def test_classes_of_one_value_have_no_border_to_move():
    image = np.array([1, 1, 7, 7, 7], np.uint8)
    after, _ = edited(image, k=2, index=0, value=5.0)
    np.testing.assert_array_equal(after.encode(image), [0, 0, 1, 1, 1])
    [result] = sweep(np.array([1, 200], np.uint8), (2,))
    with pytest.raises(ValueError, match="classes 1 and 2 share 1 value"):
        move_border(result.codebook, sweep_of([1, 1]), 0, 0, 5.0)


def sweep_of(values):
    [result] = sweep(np.array(values, np.uint8), (1,))
    return result.samples[0]


def test_a_class_without_values_keeps_its_level():
    codebook = Codebook(4, (np.array([10.0, 90.0, 100.0, 250.0]),), np.dtype(np.uint8))
    after = move_border(codebook, sweep_of([5, 6, 92, 99, 100, 110]), 0, 1, 98.0)
    np.testing.assert_array_equal(after.centers, [5.5, 92, 103, 250])


def test_only_the_group_s_own_levels_change():
    image = RNG.integers(0, 4000, (3, 20, 30), dtype=np.uint16)
    [result] = sweep(image, (3,), mode="per_channel", channel_axis=0)
    after = move_border(result.codebook, result.samples[1], 1, 0, 900.0)
    for group in (0, 2):
        np.testing.assert_array_equal(after.levels[group], result.codebook.levels[group])
        np.testing.assert_array_equal(after.borders_of(group), borders(result.codebook.levels[group]))
    assert after.borders_of(1)[0] == 900.5
    np.testing.assert_array_equal(after.encode(image)[1] == 0, image[1] <= 900)


@pytest.mark.parametrize("kind", IMAGES)
def test_the_codebook_alone_makes_the_result_again(kind, tmp_path):
    image = IMAGES[kind]
    after, before = edited(image, value=float(np.quantile(image, 0.55)))
    assert after != before
    assert hash(after) != hash(before)
    after.save(tmp_path / "edited.json")
    for again in (
        Codebook.load(tmp_path / "edited.json"),
        Codebook.from_dict(json.loads(json.dumps(after.to_dict()))),
        pickle.loads(pickle.dumps(after)),
        copy.deepcopy(after),
    ):
        assert again == after
        assert hash(again) == hash(after)
        np.testing.assert_array_equal(again.apply(image), after.apply(image))
        assert not again.borders[0].flags.writeable
    assert "borders" not in before.to_dict()


def test_figures_of_loss_are_those_of_the_edited_classes():
    image = IMAGES["8 bit"]
    after, _ = edited(image, value=90.0)
    result = transfer(image, after)
    np.testing.assert_array_equal(result.image, after.apply(image))
    error = np.subtract(image, after.levels[0][after.encode(image)])
    rounded = np.subtract(image, result.image.astype(np.float64))
    assert result.quality.mse in (pytest.approx(np.mean(error**2)), pytest.approx(np.mean(rounded**2)))


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ([[50.0, 120.0]], r"the borders \[50.0, 120.0\] do not lie between the centers"),
        ([[5.0]], "do not lie between"),
        ([[20.0]], "do not lie between"),
        ([[float("nan")]], "do not lie between"),
        ([[12.0], [13.0]], "2 sets of borders do not go with 1 sets of centers"),
        ([["12"]], "holds|hold"),
        ("12", "in place of a list of lists"),
    ],
)
def test_borders_that_do_not_fit_are_refused(given, message):
    content = fit(np.array([10, 20], np.uint8), 2).to_dict()
    with pytest.raises(ValueError, match=message):
        Codebook.from_dict({**content, "borders": given})


def test_colours_have_no_borders():
    codebook = fit(RNG.integers(0, 200, (9, 9, 3), dtype=np.uint8), 2, mode="color", channel_axis=-1)
    with pytest.raises(ValueError, match="do not go with"):
        Codebook(2, codebook.levels, codebook.dtype, codebook.request, borders=(np.array([5.0]),))


@pytest.mark.parametrize(
    ("dtype", "centers", "limits", "outputs"),
    [
        (np.float32, [0.05, 0.35, 0.75], [0.05, 0.675], [np.nextafter(np.float32(0.05), np.float32(0)), 0.35, 0.75]),
        (np.float64, [0.05, 0.35, 0.75], [0.05, 0.675], [0.05, 0.35, 0.75]),
        (np.uint8, [10.6, 20], [10.7], [10, 20]),
        (np.uint16, [10.4, 10.9], [10.5], [10, 11]),
        (np.int32, [-3.5, 7], [6.9], [-4, 7]),
        (bool, [0, 1], [0.5], [False, True]),
    ],
)
def test_what_a_class_becomes_lies_within_it(dtype, centers, limits, outputs):
    of = np.dtype(np.uint8) if dtype is bool else np.dtype(dtype)
    own = np.dtype(float) if of.kind == "f" else np.dtype(dtype)
    request = Request(method="given")
    codebook = Codebook(len(centers), (np.array(centers, float),), own, request, borders=(np.array(limits),))
    values = np.array([0, 0.02, 0.65, 0.7]) if of.kind == "f" else np.arange(2 if dtype is bool else 30)
    image = values.astype(dtype)
    once = codebook.apply(image)
    np.testing.assert_array_equal(once, np.array(outputs, dtype)[codebook.encode(image)])
    np.testing.assert_array_equal(codebook.apply(once), once)
    np.testing.assert_array_equal(codebook.encode(once), codebook.encode(image))
