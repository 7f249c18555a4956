"""Colours: pixels counted as numpy's unique counts rows, however many channels and levels."""

import dask.array as da
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from oracles import small_blocks

import napari_quantize.core.quality.distinct_colors as module
from napari_quantize import Codebook, fit, sweep
from napari_quantize.core.api import transfer
from napari_quantize.core.pixels.pixels import Pixels
from napari_quantize.core.quality.distinct_colors import OutputColors, distinct_colors
from napari_quantize.core.request.request import Request
from napari_quantize.core.samples.distinct_rows import pack_digits, unpack_digits


def count(image: np.ndarray, k: int, mode: str) -> int:
    return count_outputs(fit(image, k, mode=mode, channel_axis=-1), image)


def count_outputs(codebook: Codebook, image: np.ndarray) -> int:
    _, pixels, lookups = codebook.prepare(image)
    groups, levels = pixels.groups(codebook.mode), [level for _, level in lookups]
    colors = distinct_colors(pixels, lambda: None)
    return colors.tally(lambda: OutputColors(groups, levels, pixels.n_channels), lambda: None).count()


def rows(image: np.ndarray) -> int:
    return len(np.unique(image.reshape(-1, image.shape[-1]), axis=0))


@given(
    st.integers(2, 20),
    st.integers(1, 40),
    st.sampled_from(["u1", "i1", "?", "u2", "f4"]),
    st.sampled_from(["global", "per_channel"]),
    st.integers(0, 2**32),
)
def test_any_number_of_channels_and_levels(n_channels: int, k: int, dtype: str, mode: str, seed: int) -> None:
    rng = np.random.default_rng(seed)
    image = rng.integers(0, 2 if dtype == "?" else 60, (30, n_channels))
    image = image[rng.integers(0, 30, 90)].astype(dtype)
    with small_blocks(2, 100):
        assert count(image, 100, mode) == rows(image)
        assert count(image, k, mode) == rows(fit(image, k, mode=mode, channel_axis=-1).apply(image))


@pytest.mark.parametrize("n_channels", [2, 3, 4])
@pytest.mark.parametrize("dtype", ["u1", "i1", "?"])
def test_distinct_colors_are_those_of_the_image(dtype: str, n_channels: int) -> None:
    image = np.random.default_rng(0).integers(0, 2, (40, 50, n_channels)).astype(dtype)
    if dtype != "?":
        image = image * 77 - (60 if dtype == "i1" else 0)
    image = image.astype(dtype)
    with small_blocks(2, 1000):
        found = distinct_colors(Pixels.of(image, -1), lambda: None)
        shown = distinct_colors(Pixels.of(image, -1, alpha=True), lambda: None)
    few = found.array.reshape(-1, n_channels)
    assert few.dtype == image.dtype
    assert {tuple(row) for row in few.tolist()} == {tuple(row) for row in image.reshape(-1, n_channels).tolist()}
    assert rows(few) == len(few) or n_channels == 4
    expected = {tuple(row[:-1]) for row in image.reshape(-1, n_channels).tolist() if row[-1]}
    remaining = shown.array.reshape(-1, shown.array.shape[-1])
    if shown.alpha:
        remaining = remaining[remaining[:, -1] != 0][:, :-1]
    assert {tuple(row) for row in remaining.tolist()} == expected


def test_centers_that_round_to_one_value_are_one_color() -> None:
    image = np.random.default_rng(0).integers(0, 9, (20, 30, 2), dtype=np.uint8)
    codebook = Codebook(3, (np.array([0.9, 1.1, 5.0]),), image.dtype, Request(channel_axis=2))
    assert len(np.unique(codebook.encode(image))) == 3
    assert count_outputs(codebook, image) == 4 == rows(codebook.apply(image))


@given(st.integers(1, 300), st.integers(1, 30))
def test_words_hold_any_digits(base: int, n_digits: int) -> None:
    digits = np.vstack([np.zeros((1, n_digits)), np.full((1, n_digits), base - 1), np.eye(n_digits)]).astype(int)
    words = pack_digits(digits % base, base)
    assert (words >= 0).all()
    assert rows(words) == rows(digits % base)
    assert np.array_equal(unpack_digits(words, base, n_digits), digits % base)


def test_rows_are_merged_now_and_then(monkeypatch: pytest.MonkeyPatch) -> None:
    sorted_rows: list[int] = []
    plain = module.group_rows
    monkeypatch.setattr(module, "group_rows", lambda words: sorted_rows.append(len(words)) or plain(words))
    found = module._SortedRows()
    monkeypatch.setattr(module, "_MIN_MERGED", 2**10)
    parts = np.random.default_rng(0).permutation(2**16).reshape(256, -1, 1)
    for part in parts:
        found.add(part)
    assert found.count() == 2**16
    # Merging at every block would sort 256 · 257 / 2 blocks' rows.
    assert sum(sorted_rows) <= 4 * 2**16


@pytest.mark.parametrize(("limit", "expected"), [(4095, None), (4096, 4096)])
@pytest.mark.parametrize("chunks", [(64, 64, 4), (7, 13, 4), (1, 64, 2)])
@pytest.mark.parametrize("mode", ["global", "per_channel"])
def test_colours_beyond_a_limit_are_not_counted(monkeypatch, limit, expected, chunks, mode) -> None:
    image = np.random.default_rng(0).permutation(4096 * 4).reshape(64, 64, 4).astype(np.uint16)
    monkeypatch.setattr(module, "MAX_ROWS", limit)
    monkeypatch.setattr(module, "_MIN_MERGED", 2**8)
    [plain] = sweep(image, (300,), mode=mode, channel_axis=-1)
    [lazy] = sweep(da.from_array(image, chunks=chunks), (300,), mode=mode, channel_axis=-1)
    codebook = plain.codebook
    with small_blocks(2, 100):
        given = transfer(image, codebook)
    n_colors = len(np.unique(plain.image.reshape(-1, 4), axis=0))
    assert n_colors == 4096
    found = [result.quality.n_colors for result in (plain, lazy, given)]
    assert found == [expected] * 3
    assert plain.quality.has_colors


def test_rows_beyond_the_limit_take_no_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "MAX_ROWS", 2**10)
    monkeypatch.setattr(module, "_MIN_MERGED", 2**8)
    parts = np.random.default_rng(0).permutation(2**14).reshape(64, -1, 1)
    found, other = module._SortedRows(), module._SortedRows()
    n_held = []
    for part in parts:
        found.add(part)
        n_held.append(sum(map(len, found._parts)))
    assert max(n_held) <= 2 * 2**10 + 2**8
    assert n_held[-1] == 0
    other.add(parts[0])
    other.merge(found)
    assert (found.count(), other.count(), other._parts) == (None, None, [])
