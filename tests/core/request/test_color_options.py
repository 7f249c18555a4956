"""What distances in Lab, balance and kept colours have in common: palettes, journeys, figures, bad input."""

from __future__ import annotations

import copy
import json
import pickle
import re

import numpy as np
import pytest
import skimage.data
from color_oracles import (
    BALANCE,
    COLOR,
    LAB,
    OPTIONS,
    PHOTO,
    nearest,
    plain_coordinates,
    vectors,
)
from oracles import same_bytes
from sklearn.cluster import KMeans
from slow_cases import slow_except

from napari_quantize import Codebook, fit, quantize, sweep


@pytest.mark.parametrize("k", slow_except([5, 16, 100], 16))
@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_palettes_are_good(options: dict[str, object], k: int) -> None:
    image = skimage.data.coffee()[::7, ::7]
    codebook = fit(image, k, **COLOR, **options)
    coordinates = plain_coordinates(image, codebook)
    rows = coordinates(vectors(image))
    kept = coordinates(np.array(options.get("keep", np.empty((0, 3))), float))
    others = KMeans(k - len(kept), n_init=1, random_state=0).fit(rows).cluster_centers_
    for _ in range(30):  # Lloyd's steps around what is kept
        labels = nearest(rows, np.concatenate((kept, others)))
        means = [rows[labels == i + len(kept)] for i in range(len(others))]
        others = np.array([of.mean(axis=0) if len(of) else old for of, old in zip(means, others, strict=True)])

    def cost(centers: np.ndarray) -> float:
        return float(((rows - centers[nearest(rows, centers)]) ** 2).sum(axis=1).mean())

    assert cost(coordinates(codebook.centers)) <= 1.06 * cost(np.concatenate((kept, others)))


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_codebooks_keep_everything_on_any_journey(options: dict[str, object]) -> None:
    codebook = fit(PHOTO, 9, **COLOR, **options)
    journeys = [
        Codebook.from_dict(json.loads(json.dumps(codebook.to_dict()))),
        pickle.loads(pickle.dumps(codebook)),
        copy.deepcopy(codebook),
    ]
    for other in journeys:
        assert other == codebook
        assert hash(other) == hash(codebook)
        assert (other.request, other.scales) == (codebook.request, codebook.scales)
        assert same_bytes(other.apply(PHOTO), codebook.apply(PHOTO))
    if codebook.scales is not None:
        changed = Codebook.from_dict({**codebook.to_dict(), "scales": [1, 2, 3]})
        assert changed != codebook
        assert hash(changed) != hash(codebook)
    [result] = sweep(PHOTO, [9], **COLOR, **options)
    assert result.codebook == codebook
    assert same_bytes(quantize(PHOTO, 9, **COLOR, **options), result.image)


@pytest.mark.parametrize("options", OPTIONS, ids=str)
def test_figures_stay_in_data_units(options: dict[str, object]) -> None:
    [result] = sweep(PHOTO, [12], **COLOR, **options)
    error = vectors(PHOTO) - vectors(result.image)
    assert result.quality.mse == pytest.approx((error**2).mean())
    assert result.quality.mse_per_pixel == pytest.approx((error**2).sum(axis=1).mean())
    assert result.quality.max_error == np.abs(error).max()


GRAY = np.zeros((4, 5, 3), np.uint8)
BAD = [
    (GRAY, {"mode": "global", "color_space": "lab"}, "color_space='lab' is for mode='color', not mode='global'"),
    (GRAY, {"mode": "global", "balance": True}, "balance=True is for mode='color', not mode='global'"),
    (GRAY, {"mode": "per_channel", "keep": [(1, 2, 3)]}, "keep is for mode='color', not mode='per_channel'"),
    (GRAY, {"color_space": "hsv"}, "color_space='hsv' must be one of 'rgb', 'lab'"),
    (GRAY, {"balance": 1}, "balance=1 must be True or False"),
    (GRAY, {**LAB, **BALANCE}, "balance=True does not go with color_space='lab', which has scales of its own"),
    (GRAY[..., :2], LAB, "color_space='lab' takes 3 channels, but shape (4, 5, 2) has 2"),
    (GRAY, {**LAB, "alpha": True}, "color_space='lab' takes 3 channels, but shape (4, 5, 3) has 2"),
    (
        GRAY.astype(np.int32),
        LAB,
        "color_space='lab' takes photographs: uint8, uint16, or floats from 0 to 1, but the image is int32",
    ),
    (GRAY - 0.5, LAB, "color_space='lab' takes floats from 0 to 1, but the image holds -0.5 to -0.5"),
    (GRAY + 255.0, LAB, "color_space='lab' takes floats from 0 to 1, but the image holds 255 to 255"),
    (GRAY, {"keep": 3}, "keep=3 must be a sequence of colours, like [(0, 0, 0), (255, 255, 255)]"),
    (GRAY, {"keep": "red"}, "keep='red' must be a sequence of colours, like [(0, 0, 0), (255, 255, 255)]"),
    (GRAY, {"keep": [1, 2, 3]}, "keep holds 1, which is no colour like (0, 0, 0)"),
    (GRAY, {"keep": [(1, "2", 3)]}, "keep holds (1, '2', 3): '2' is no number"),
    (GRAY, {"keep": [(1, True, 3)]}, "keep holds (1, True, 3): True is no number"),
    (GRAY, {"keep": [(1, np.inf, 3)]}, "keep holds (1, inf, 3): inf is not finite"),
    (GRAY, {"keep": [(1, float("nan"), 3)]}, "keep holds (1, nan, 3): nan is not finite"),
    (GRAY, {"keep": [(1, 10**400, 3)]}, f"keep holds (1, {10**400}, 3): {10**400} is not finite"),
    (
        GRAY,
        {"keep": [(1, 2**60 + 1, 3)]},
        f"keep holds (1, {2**60 + 1}, 3): {2**60 + 1} is too large an integer for float64",
    ),
    (GRAY, {"keep": [(1, 2, 3), (4, 5, 6), (1.0, 2, 3)]}, "keep holds (1, 2, 3) twice"),
    (GRAY, {"keep": [(1, 2, 3), (4, 5)]}, "keep holds (1, 2, 3) and (4, 5), which differ in length"),
    (GRAY, {"keep": [(1, 2)]}, "keep holds (1, 2), a colour of 2 channels, but the image has 3"),
    (GRAY, {"keep": [(1, 2, 300)]}, "keep holds (1, 2, 300): 300 does not lie between 0 and 255"),
    (GRAY, {"keep": [(-1, 2, 3)]}, "keep holds (-1, 2, 3): -1 does not lie between 0 and 255"),
    (GRAY / 255, {**LAB, "keep": [(0, 0, 2)]}, "keep holds (0, 0, 2): 2 does not lie between 0 and 1"),
    (
        GRAY / 255,
        {"keep": [(0, 0, 1e200)]},
        "keep holds (0, 0, 1e+200): 1e+200 does not lie between -1e+150 and 1e+150",
    ),
    (GRAY, {"keep": [(c, 0, 0) for c in range(5)]}, "keep holds 5 colours, which are more than k=4"),
]


@pytest.mark.parametrize(("image", "options", "sentence"), BAD)
def test_bad_input_is_named(image: np.ndarray, options: dict[str, object], sentence: str) -> None:
    for ask, k in ((fit, 4), (quantize, 4), (sweep, (4, 9))):
        with pytest.raises((ValueError, TypeError), match=f"^{re.escape(sentence)}$"):
            list(ask(image, k, **{**COLOR, **options}))


BAD_SCALES = [
    (BALANCE, None, "scales=None do not go with balance=True and 3 channels"),
    (BALANCE, [1, 2], "scales=(1.0, 2.0) do not go with balance=True and 3 channels"),
    (BALANCE, [1, 0, 3], "scales=(1.0, 0.0, 3.0) must be finite and at least 1e-150"),
    (BALANCE, [1, float("nan"), 3], "scales=(1.0, nan, 3.0) must be finite and at least 1e-150"),
    (BALANCE, "123", "the codebook's levels hold '123' in place of a list of numbers"),
    ({}, [1, 2, 3], "scales=(1.0, 2.0, 3.0) do not go with balance=False and 3 channels"),
]


def test_scales_of_any_numbers_are_floats() -> None:
    codebook = fit(PHOTO, 4, **COLOR, **BALANCE)
    same = Codebook(4, codebook.levels, codebook.dtype, codebook.request, np.array(codebook.scales))
    assert same == codebook
    assert hash(same) == hash(codebook)


def test_codebooks_hold_what_they_keep() -> None:
    content = fit(PHOTO, 4, **COLOR, keep=[(1, 2, 3)]).to_dict()
    with pytest.raises(
        ValueError, match=r"^the colour \(9\.0, 2\.0, 3\.0\) is to be kept, but it is not among the centers$"
    ):
        Codebook.from_dict({**content, "keep": [[9, 2, 3]]})


@pytest.mark.parametrize(("options", "scales", "sentence"), BAD_SCALES)
def test_bad_scales_are_named(options: dict[str, object], scales: object, sentence: str) -> None:
    content = fit(PHOTO, 4, **COLOR, **options).to_dict()
    with pytest.raises(ValueError, match=f"^{re.escape(sentence)}$"):
        Codebook.from_dict({**content, "scales": scales})
