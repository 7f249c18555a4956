"""Codebooks: immutable, the same after any journey, refusing what does not fit."""

import copy
import json
import pickle
import re
from collections.abc import Callable
from dataclasses import FrozenInstanceError
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import DTYPES, LEVEL_MODES, by_channel, channel_images, images, outputs_of, same_bytes, visible
from slow_cases import slow_except

from napari_quantize import Codebook, fit
from napari_quantize.core.pixels import pixels
from napari_quantize.core.request.request import Request

U1 = np.dtype("u1")
PER_CHANNEL = Request("per_channel", -1)


def make(*levels: list[float], k: int = 9, dtype: str = "f8", request: Request | None = None) -> Codebook:
    return Codebook(k, tuple(map(np.array, levels)), np.dtype(dtype), request or Request())


def through_file(codebook: Codebook) -> Codebook:
    path = Path("codebook.json")
    codebook.save(path, overwrite=True)
    return Codebook.load(str(path))


JOURNEYS: dict[str, Callable[[Codebook], Codebook]] = {
    "dict": lambda codebook: Codebook.from_dict(codebook.to_dict()),
    "JSON": lambda codebook: Codebook.from_dict(json.loads(json.dumps(codebook.to_dict()))),
    "file": through_file,
    "pickle": lambda codebook: pickle.loads(pickle.dumps(codebook)),
    "copy": copy.copy,
    "deepcopy": copy.deepcopy,
}


@pytest.fixture(autouse=True, scope="module")
def _elsewhere(tmp_path_factory: pytest.TempPathFactory) -> object:
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("codebooks"))
        yield


@pytest.mark.parametrize("journey", JOURNEYS)
@given(channel_images(), st.integers(1, 9), st.sampled_from(LEVEL_MODES), st.integers(0, 9))
def test_the_same_after_any_journey(journey: str, case: tuple[np.ndarray, int], k: int, mode: str, seed: int) -> None:
    image, axis = case
    codebook = fit(image, np.int64(k), mode=mode, channel_axis=axis, random_state=seed)
    other = JOURNEYS[journey](codebook)
    assert other == codebook
    assert hash(other) == hash(codebook)
    assert (other.k, other.dtype, other.request, other.n_used) == (k, codebook.dtype, codebook.request, codebook.n_used)
    for one, two in zip(codebook.levels, other.levels, strict=True):
        assert same_bytes(one, two)
        assert not two.flags.writeable
    assert same_bytes(other.apply(image), codebook.apply(image))


@given(st.lists(st.floats(-1e150, 1e150), min_size=1, max_size=9))
def test_files_keep_every_bit(centers: list[float]) -> None:
    codebook = make(np.unique(np.array(centers) + 0.0))
    assert same_bytes(through_file(codebook).centers, codebook.centers)


def test_numpys_numbers_and_flags_can_be_saved() -> None:
    codebook = Codebook(np.int64(2), (np.array([1.0]),), U1, Request(channel_axis=np.int8(0), alpha=np.True_))
    assert through_file(codebook) == codebook


def test_it_cannot_be_changed() -> None:
    given_centers = np.array([1.0, 2.0])
    codebook = Codebook(2, (given_centers,), U1)
    with pytest.raises(FrozenInstanceError):
        codebook.k = 3
    with pytest.raises(ValueError, match="read-only"):
        codebook.centers[0] = 3
    given_centers[0] = 7
    codebook.to_dict()["levels"][0][0] = 7
    assert codebook.centers.tolist() == [1, 2]


def test_the_image_can_change_afterwards() -> None:
    image = np.array([1.0, 2.0])
    codebook = fit(image, 2)
    image[:] = 7
    assert codebook.centers.tolist() == [1, 2]


DIFFERENT = [
    make([1, 2]),
    make([1, 2.5]),
    make([1]),
    make([1, 2], k=8),
    make([1, 2], dtype="f4"),
    make([1, 2], request=Request(random_state=1)),
    make([1, 2], request=Request(channel_axis=1)),
    make([1, 2], request=Request(channel_axis=1, alpha=True)),
    make([1, 2], request=Request("per_channel")),
    make([1, 2], [1, 2], request=PER_CHANNEL),
    make([1, 2], [1, 3], request=PER_CHANNEL),
]


def test_equal_means_alike_in_everything() -> None:
    for one, first in enumerate(DIFFERENT):
        for two, second in enumerate(DIFFERENT):
            assert (first == second) == (one == two)
    assert len(set(DIFFERENT)) == len(DIFFERENT)
    assert DIFFERENT[0] != "codebook"


def test_equal_codebooks_have_equal_hashes() -> None:
    assert make([-0.0, 1]) == make([0.0, 1])
    assert hash(make([-0.0, 1])) == hash(make([0.0, 1]))
    assert hash(make([1], dtype=">f4")) == hash(make([1], dtype="<f4"))


def test_what_it_says_of_itself() -> None:
    one = make([1, 2], k=3, request=Request(random_state=4))
    assert (one.mode, one.method, one.random_state, one.channel_axis, one.alpha) == (
        "global",
        "minibatch",
        4,
        None,
        False,
    )
    assert (one.centers.tolist(), one.n_used, one.dtype) == ([1, 2], 2, np.dtype("f8"))
    two = make([1, 2], [5], request=PER_CHANNEL)
    assert ([c.tolist() for c in two.centers], two.n_used) == ([[1, 2], [5]], (2, 1))


BAD_PARTS = [
    ({"k": 0}, ValueError, "k=0 must be at least 1"),
    ({"k": True}, TypeError, "k=True must be an integer"),
    ({"k": 1}, ValueError, "centers of shape (2,) do not go with k=1"),
    ({"levels": ()}, ValueError, "mode='global' does not go with 0 sets of centers"),
    ({"levels": (np.ones(1), np.ones(1))}, ValueError, "mode='global' does not go with 2 sets of centers"),
    ({"levels": (np.ones(0),)}, ValueError, "centers of shape (0,) do not go with k=2"),
    ({"levels": (np.ones((1, 1)),)}, ValueError, "centers of shape (1, 1) do not go with k=2"),
    ({"levels": np.array([1.0, 2.0])}, ValueError, "centers of shape () do not go with k=2"),
    ({"levels": (np.array([2.0, 1.0]),)}, ValueError, "centers must ascend"),
    ({"levels": (np.array([1.0, 1.0]),)}, ValueError, "centers must ascend"),
    ({"levels": (np.array([0.0, np.nan]),)}, ValueError, "centers must be finite and lie within ±1e+150"),
    ({"levels": (np.array([0.0, np.inf]),)}, ValueError, "centers must be finite and lie within ±1e+150"),
    ({"levels": (np.array([0.0, 1e200]),)}, ValueError, "centers must be finite and lie within ±1e+150"),
    ({"levels": (np.array([-1e308, 1e308]),)}, ValueError, "centers must be finite and lie within ±1e+150"),
    ({"dtype": np.dtype("O")}, TypeError, "images of dtype object cannot be quantized"),
    ({"dtype": np.dtype("c8")}, TypeError, "images of dtype complex64 cannot be quantized"),
]


@pytest.mark.parametrize(("parts", "error", "sentence"), BAD_PARTS)
def test_bad_parts_are_named(parts: dict[str, object], error: type[Exception], sentence: str) -> None:
    with pytest.raises(error, match=f"^{re.escape(sentence)}"):
        Codebook(**{"k": 2, "levels": (np.array([1.0, 2.0]),), "dtype": U1, **parts})


BAD_MATCHES = [
    (make([1, 2], dtype="u1"), np.zeros(3), "the codebook was learnt from uint8, and does not fit an image of float64"),
    (
        make([1, 2], dtype="f2"),
        np.zeros(3, "?"),
        "the codebook was learnt from float16, and does not fit an image of bool",
    ),
    (make([1, 300], dtype="u2"), np.zeros(3, U1), "the center 300 does not fit into uint8, which ends at 0 and 255"),
    (make([-1, 3], dtype="i2"), np.zeros(3, U1), "the center -1 does not fit into uint8, which ends at 0 and 255"),
    (
        make([-0.4, 0.3], dtype="i4"),
        np.zeros(3, "u4"),
        "the center -0.4 does not fit into uint32, which ends at 0 and ",
    ),
    (make([1, 2], dtype="u1"), np.zeros(3, "?"), "the center 2 does not fit into bool, which ends at 0 and 1"),
    (make([2.0**63], dtype="f8"), np.zeros(3, "i8"), "the codebook was learnt from float64, and does not fit"),
    (
        make([2.0**63], dtype="u8"),
        np.zeros(3, "i8"),
        "the center 9.223372036854776e+18 does not fit into int64, which ends at ",
    ),
    (
        make([2.0**64], dtype="u8"),
        np.zeros(3, "u8"),
        "the center 1.844674407370955e+19 does not fit into uint64, which ends at ",
    ),
    (make([1, 1e5]), np.zeros(3, "f2"), "the center 100000 does not fit into float16, which ends at -65504 and 65504"),
    (make([1], [2], request=PER_CHANNEL), np.zeros((2, 3)), "the image has 3 channels, but the codebook has 2"),
    (make([1], [2], request=PER_CHANNEL), np.float64(1), "channel_axis=-1 is out of range for an image of shape ()"),
    (make([1]), np.zeros(0), "image is empty: its shape is (0,)"),
]


@pytest.mark.parametrize(("codebook", "image", "sentence"), BAD_MATCHES)
def test_images_that_do_not_fit(codebook: Codebook, image: np.ndarray, sentence: str) -> None:
    for use in (codebook.apply, codebook.encode):
        with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
            use(image, tick=lambda: pytest.fail("work has started"))


def test_masked_images_are_refused() -> None:
    with pytest.raises(TypeError, match="masked arrays are not read"):
        make([1]).apply(np.ma.masked_array([1.0]))


def test_other_images_of_the_family_fit() -> None:
    codebook = fit(np.array([0, 10, 20, 200], np.uint8), 3)
    for dtype in (dtype for dtype in DTYPES if dtype.kind in "iu" and dtype != np.int8):
        image = np.array([[3, 127], [12, 90]], dtype)
        assert codebook.apply(image).dtype == dtype
        np.testing.assert_array_equal(codebook.apply(image), codebook.apply(image.astype(np.uint8)))
        np.testing.assert_array_equal(codebook.encode(image), codebook.encode(image.astype(np.uint8)))


@given(images([np.dtype("u1")]), images([np.dtype(code) for code in ("u2", "i4", ">u8")]))
def test_a_codebook_goes_with_wider_images(source: np.ndarray, target: np.ndarray) -> None:
    codebook = fit(source, 4)
    result = codebook.apply(target)
    assert set(result.ravel().tolist()) <= set(np.rint(codebook.centers).astype(int).tolist())
    assert (result.shape, result.dtype) == (target.shape, target.dtype)


def test_what_takes_no_part_gets_the_largest_number_of_centers() -> None:
    image = np.array([[1.0, 2, 3, 4, 5], [1, 1, 1, 2, np.nan], [0, 1, 1, 1, 1]])
    codebook = fit(image, 9, mode="per_channel", channel_axis=0, alpha=True)
    assert codebook.n_used == (4, 2)
    assert codebook.encode(image).tolist() == [[4, 0, 1, 2, 3], [4, 0, 0, 1, 4], [4] * 5]


def test_other_channels_for_one_set_of_centers() -> None:
    codebook = fit(np.arange(12.0).reshape(2, 2, 3), 2, channel_axis=-1)
    assert codebook.apply(np.zeros((5, 1))).shape == (5, 1)


@pytest.mark.parametrize(
    "dtype", slow_except(["?", "u1", "u2", ">i2", "f2", "f4", ">f4", "i4", "f8"], "u1", ">i2", ">f4", "f8")
)
@pytest.mark.parametrize("mode", LEVEL_MODES)
def test_images_of_many_blocks(dtype: str, mode: str, monkeypatch: pytest.MonkeyPatch) -> None:
    image = np.random.default_rng(0).integers(0, 120, (101, 203, 4)).astype(dtype)
    views = (image, image[::-1, :, ::-1], np.asfortranarray(image), np.moveaxis(image.transpose(2, 1, 0).copy(), 0, -1))
    monkeypatch.setattr(pixels, "BLOCK", 2**14)
    for alpha in (False, True):
        for view in views[alpha::2]:
            codebook = fit(view, 5, mode=mode, channel_axis=-1, alpha=alpha)
            small = fit(np.ascontiguousarray(view), 5, mode=mode, channel_axis=-1, alpha=alpha, n_jobs=1)
            assert codebook == small
            encoded, quantized = codebook.encode(view), codebook.apply(view)
            shown = visible(view, -1, alpha=alpha)
            for channel, (values, centers) in enumerate(by_channel(view, codebook)):
                # Centers lie too far from ties for rounding errors to matter.
                expected = np.abs(values[..., np.newaxis].astype(float) - centers).argmin(axis=-1)
                assert (encoded[..., channel] == expected)[shown].all()
                outputs = outputs_of(centers, view.dtype)
                assert (quantized[..., channel] == outputs[expected])[shown].all()
            if alpha:
                assert same_bytes(quantized[~shown], view[~shown])
                assert same_bytes(quantized[..., 3], view[..., 3])
                assert (encoded[~shown] == max(map(len, codebook.levels))).all()


@given(images(), st.integers(1, 9))
def test_outputs_are_what_apply_writes(image: np.ndarray, k: int) -> None:
    codebook = fit(image, k)
    indices, result = codebook.encode(image), codebook.apply(image)
    takes_part = indices < codebook.n_used
    assert codebook.outputs[0].dtype == codebook.dtype
    np.testing.assert_array_equal(codebook.outputs[0][indices[takes_part]], result[takes_part])


def test_colors_that_round_onto_another_center_have_its_output() -> None:
    # Rounded to even, (0.5, 0.5) lies nearer to (0.1, 0.1) than to itself.
    colors = np.array([[0.1, 0.1], [0.5, 0.5], [9, 9]])
    codebook = Codebook(3, (colors,), np.dtype("u1"), Request("color", -1))
    image = np.array([[0, 0], [1, 1], [9, 9]], dtype=np.uint8)
    np.testing.assert_array_equal(codebook.outputs[0][codebook.encode(image)], codebook.apply(image))
