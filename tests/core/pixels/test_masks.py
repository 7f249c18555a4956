"""Masks: as if the image were cut out, and known by their hash."""

import re
import tracemalloc

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import (
    DTYPES,
    LEVEL_MODES,
    channel_images,
    images,
    layouts,
    masks,
    refuse,
    same_bytes,
    same_levels,
    small_blocks,
)
from slow_cases import slow_except

from napari_quantize import Codebook, fit, quantize, sweep
from napari_quantize.core.pixels.masks import check_mask, mask_digest
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.request.request import Request

GRAY = np.arange(12, dtype=np.uint8).reshape(3, 4)


@given(images(), st.data(), st.integers(1, 9), st.integers(1, 3), st.integers(1, 40))
def test_a_mask_is_like_the_image_cut_out(
    image: np.ndarray, data: st.DataObject, k: int, n_threads: int, block: int
) -> None:
    mask = data.draw(masks(image.shape, np.isfinite(image)))
    with small_blocks(n_threads, block):
        codebook = fit(image, k, mask=mask)
        assert same_levels(codebook, fit(image[mask], k))
        assert same_bytes(quantize(image, k, mask=mask), fit(image[mask], k).apply(image))
        (result,) = sweep(image, [k], mask=mask)
    assert result.codebook == codebook
    assert same_bytes(result.image, codebook.apply(image))


@given(channel_images(), st.data(), st.sampled_from(LEVEL_MODES), st.integers(1, 3), st.booleans())
def test_a_mask_of_pixels(
    case: tuple[np.ndarray, int], data: st.DataObject, mode: str, n_threads: int, alpha: bool
) -> None:
    image, axis = case
    last = np.moveaxis(image, axis, -1)
    image_ok = np.isfinite(last).all(axis=-1) & (last[..., -1] != 0)
    assume(image_ok.any())
    mask = data.draw(masks(last.shape[:-1], image_ok))
    with small_blocks(n_threads):
        (result,) = sweep(image, [3], mode=mode, channel_axis=axis, alpha=alpha, mask=mask)
        (cut_out,) = sweep(last[mask], [3], mode=mode, channel_axis=-1, alpha=alpha)
        assert same_levels(result.codebook, cut_out.codebook)
        longer = np.expand_dims(mask, axis)
        for other in (longer, longer.repeat(image.shape[axis], axis)):
            codebook = fit(image, 3, mode=mode, channel_axis=axis, alpha=alpha, mask=other)
            assert same_levels(result.codebook, codebook)
    assert [counted.digest() for counted in result.samples] == [counted.digest() for counted in cut_out.samples]
    without = Codebook(3, cut_out.codebook.levels, image.dtype, Request(mode, axis, alpha))
    assert same_bytes(result.image, without.apply(image))


@given(channel_images([np.dtype("f4"), np.dtype(">f8"), np.dtype("f2")]), st.data(), st.sampled_from(LEVEL_MODES))
def test_a_mask_of_values_is_like_nan_elsewhere(case: tuple[np.ndarray, int], data: st.DataObject, mode: str) -> None:
    image, axis = case
    mask = np.array(data.draw(masks(image.shape)))
    for channel, chosen in zip(np.moveaxis(image, axis, 0), np.moveaxis(mask, axis, 0), strict=True):
        chosen.flat[np.flatnonzero(np.isfinite(channel))[0]] = True
    rest = np.where(mask, image, image.dtype.type(np.nan)).astype(image.dtype)
    with small_blocks(2):
        (result,) = sweep(image, [2], mode=mode, channel_axis=axis, mask=data.draw(layouts(mask)))
        (expected,) = sweep(rest, [2], mode=mode, channel_axis=axis)
    assert same_levels(result.codebook, expected.codebook)
    assert same_bytes(result.image, expected.codebook.apply(image))
    assert result.quality.n_colors == expected.quality.n_colors
    assert result.samples[0].digest() == expected.samples[0].digest()


@pytest.mark.parametrize("dtype", slow_except(DTYPES, *map(np.dtype, ("?", "u1", ">i2", "u4", "f4", ">f8"))), ids=str)
@pytest.mark.parametrize("alpha", [False, True])
@pytest.mark.parametrize("mode", LEVEL_MODES)
def test_figures_are_those_of_the_part(dtype: np.dtype, mode: str, alpha: bool) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 2 if dtype.kind == "b" else 120, (20, 24, 4)).astype(dtype)
    mask = rng.random((20, 24)) < 0.2
    arguments = {"mode": mode, "channel_axis": -1, "alpha": alpha}
    with small_blocks(2, 600):
        found = [result.quality for result in sweep(image, (1, 2, 9), mask=mask, **arguments)]
        expected = [result.quality for result in sweep(image[mask], (1, 2, 9), **arguments)]
    for one, other in zip(found, expected, strict=True):
        assert one == other


@pytest.mark.parametrize("shape", [(), (1,), (8,), (7, 1), (7, 8), (1, 7, 8), (5, 1, 1), (5, 7, 8)])
@pytest.mark.parametrize("axes", [(0, 1, 2, 3), (3, 2, 1, 0), (1, 3, 0, 2)])
@pytest.mark.parametrize("step", slow_except([1, 2], 2))
def test_masks_are_broadcast(shape: tuple[int, ...], axes: tuple[int, ...], step: int) -> None:
    rng = np.random.default_rng(0)
    image = rng.integers(0, 200, [(5, 7, 8, 3)[axis] * step for axis in axes], dtype=np.uint8)
    image = image[(slice(None, None, step),) * 4].transpose(np.argsort(axes))
    mask = np.array(rng.random(shape) < 0.6)
    mask[...] |= not mask.any()
    whole = np.broadcast_to(mask, (5, 7, 8))
    with small_blocks(2, 50):
        assert same_levels(fit(image, 4, channel_axis=-1, mask=mask), fit(image[whole], 4))
        moved = np.moveaxis(image, -1, 1)
        assert same_levels(fit(moved, 4, channel_axis=1, mask=mask), fit(image[whole], 4))
        assert same_levels(fit(image[..., 0], 4, mask=mask), fit(image[whole][..., 0], 4))


@pytest.mark.parametrize("axis", [0, 1, 2, -1, -3])
def test_masks_are_never_copied(axis: int) -> None:
    shape = (300, 200, 3) if axis % 3 == 2 else (3, 300, 200) if axis % 3 == 0 else (300, 3, 200)
    for mask in (np.ones((300, 200), bool), np.ones((200,), bool), np.ones(shape, bool), np.ones((1, 1, 1), bool)):
        view = check_mask(mask, shape, axis)
        assert (view.shape, np.shares_memory(view, mask)) == (shape, True)
        pixels = Pixels.of(np.zeros(shape), axis, mask=view)
        assert np.shares_memory(pixels.mask, mask)
        assert pixels.mask.shape[:-1] == pixels.array.shape[:-1]
        assert pixels.mask.shape[-1] == (3 if mask.shape == shape else 1)


def test_a_mask_of_the_same_order_leaves_one_row_of_pixels() -> None:
    for order in "CF":
        mask = check_mask(np.ones((40, 50), bool, order), (40, 50), None)
        assert Pixels.of(np.zeros((40, 50), order=order), None, mask=mask).array.shape == (2000, 1)
    mask = check_mask(np.ones((40, 50), bool), (40, 50, 3), 2)
    assert Pixels.of(np.zeros((40, 50, 3)), 2, mask=mask).array.shape == (2000, 3)


@pytest.mark.parametrize("dtype", ["f4", "f8", ">f8", "i4"])
def test_more_values_than_are_kept_one_by_one(dtype: str) -> None:
    rng = np.random.default_rng(0)
    image = (rng.normal(size=(500, 600)) * 1e6).astype(dtype)
    mask = rng.random((500, 600)) < 0.5
    inside = mask & (np.abs(image.astype(float)) > 1e5)
    for result, expected in zip(
        sweep(image, (2, 40), mask=mask, ignore=[(-1e5, 1e5)]), sweep(image[inside], (2, 40)), strict=True
    ):
        assert not result.samples[0].exact
        assert same_levels(result.codebook, expected.codebook)
        assert result.samples[0].digest() == expected.samples[0].digest()
        assert result.quality == expected.quality


def test_a_codebook_goes_without_its_mask() -> None:
    codebook = fit(GRAY, 2, mask=GRAY < 5, ignore=[0])
    assert codebook.centers.tolist() == fit([1, 2, 3, 4], 2).centers.tolist() == [1.5, 3.5]
    other = np.array([[0, 200]], dtype=np.uint8)
    assert codebook.apply(other).tolist() == [[2, 4]]
    assert codebook.encode(other).tolist() == [[0, 1]]


def test_masks_of_0_and_255_declared_bool() -> None:
    mask = np.array([[255, 0, 128, 1]], np.uint8).view(bool)
    image = np.array([[[7, 1], [8, 1], [9, 1], [10, 0]]], np.uint8)
    assert fit(image, 9, channel_axis=2, alpha=True, mask=mask).centers.tolist() == [7, 9]
    assert mask_digest(mask) == mask_digest(mask.view(np.uint8) > 0)


BAD_MASKS = [
    (np.ones((3, 4)), None, TypeError, "mask of dtype float64 must be boolean, like labels > 0"),
    (np.ones((3, 4), np.uint8), None, TypeError, "mask of dtype uint8 must be boolean, like labels > 0"),
    ("yes", None, TypeError, "mask of dtype <U3 must be boolean, like labels > 0"),
    (
        np.ma.masked_array([True]),
        None,
        TypeError,
        "mask is a masked array: fill its own masked values first (with False to leave them out)",
    ),
    (np.ones((4, 3), bool), None, ValueError, "mask of shape (4, 3) does not broadcast to the image's shape, (3, 4)"),
    (
        np.ones((3, 4, 1), bool),
        1,
        ValueError,
        "mask of shape (3, 4, 1) does not broadcast to the image's shape, (3, 4)",
    ),
    (
        np.ones((3, 1), bool)[:0],
        None,
        ValueError,
        "mask of shape (0, 1) does not broadcast to the image's shape, (3, 4)",
    ),
    (
        np.ones(4, bool),
        1,
        ValueError,
        "mask of shape (4,) does not broadcast to the image's shape without its channels, (3,)",
    ),
    (
        np.ones(3, bool),
        -2,
        ValueError,
        "mask of shape (3,) does not broadcast to the image's shape without its channels, (4,)",
    ),
    (np.zeros((3, 4), bool), None, ValueError, "mask is True nowhere: there is nothing to learn from"),
    (False, 1, ValueError, "mask is True nowhere: there is nothing to learn from"),
]


@pytest.mark.parametrize(("mask", "axis", "error", "sentence"), BAD_MASKS)
def test_bad_masks_are_named(mask: np.ndarray, axis: int | None, error: type[Exception], sentence: str) -> None:
    for ask, k in ((fit, 2), (quantize, 2), (sweep, (1, 2))):
        with pytest.raises(error, match=f"^{re.escape(sentence)}$"):
            ask(GRAY, k, mask=mask, channel_axis=axis, tick=refuse)


@given(st.data(), st.lists(st.integers(1, 9), max_size=3))
def test_the_hash_depends_on_shape_and_values_only(data: st.DataObject, shape: list[int]) -> None:
    mask = np.array(data.draw(masks(shape)))
    digest = mask_digest(mask)
    assert re.fullmatch("[0-9a-f]{16}", digest)
    assert mask_digest(data.draw(layouts(mask))) == digest
    other = mask.copy()
    other.flat[-1] ^= True
    assert len({digest, mask_digest(other), mask_digest(mask[np.newaxis])}) == 3


def test_large_masks_are_hashed_in_pieces() -> None:
    mask = np.broadcast_to(np.ones((1, 2**11), dtype=bool), (2**12, 2**11))  # 8 MB, if it were copied
    tracemalloc.start()
    try:
        mask_digest(mask)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 4 * 2**20


def test_the_hash_of_large_masks(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = np.random.default_rng(0).random((333, 777)) < 0.5
    expected = mask_digest(mask)
    monkeypatch.setattr("napari_quantize.core.pixels.masks._PIECE", 1024)
    assert mask_digest(mask) == mask_digest(np.asfortranarray(mask)) == expected


def test_the_codebook_knows_its_mask_by_its_hash() -> None:
    codebook = fit(GRAY, 2, mask=GRAY < 4)
    assert codebook.request.mask_digest == mask_digest(GRAY < 4)
    assert fit(GRAY, 2).request.mask_digest is mask_digest(None) is None
    assert codebook != fit(GRAY, 2, mask=GRAY < 5)
    assert codebook == fit(GRAY, 2, mask=np.asfortranarray(GRAY < 4))
