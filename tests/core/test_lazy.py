"""Lazy images: the same bytes as in memory for every chunking, nothing computed early, no chunk loaded too often."""

from __future__ import annotations

import os
import pickle
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import dask
import dask.array as da
import h5py
import numpy as np
import pytest
import tifffile
import zarr
from hypothesis import assume, given
from hypothesis import strategies as st
from oracles import StopError, channel_images, images, masks, same_bytes, stopping_at
from slow_cases import slow_except

from napari_quantize import (
    Codebook,
    Result,
    delta_e,
    estimate_noise,
    fit,
    image_facts,
    quantize,
    ssim,
    sweep,
    transfer,
)
from napari_quantize.core import arrays
from napari_quantize.core.analysis.saturation import find_saturation
from napari_quantize.core.pixels import lazy as pixels_lazy
from napari_quantize.core.pixels.masks import check_mask

RNG = np.random.default_rng(0)
KS = (1, 9)
PHOTO = (RNG.random((60, 70, 3)).cumsum(axis=0).cumsum(axis=1) % 250).astype(np.uint8)
MASK = RNG.random(PHOTO.shape[:2]) > 0.4

COLOR = {"mode": "color", "channel_axis": -1}
CASES: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "few values": (PHOTO[..., 0], {}),
    "bool": (PHOTO[..., 0] > 99, {}),
    "int16": (PHOTO[..., 0].astype("i2") * 100 - 9000, {"ignore": [(None, -8000)]}),
    "big-endian": (PHOTO[..., 0].astype(">u2") * 100, {}),
    "many floats": (RNG.normal(size=(300, 301)).astype("f4"), {}),
    "many floats, exact": (RNG.normal(size=(260, 301)), {"method": "exact"}),
    "many floats with NaN": (np.where(RNG.random((300, 300)) < 0.1, np.nan, RNG.normal(1e6, 1, (300, 300))), {}),
    "few floats, lloyd": (RNG.normal(size=(300, 300)).round(1).astype("f4"), {"method": "lloyd"}),
    "many integers": (RNG.integers(0, 2**40, (300, 300)), {}),
    "uint64": (RNG.integers(0, 2**53, (50, 50), dtype="u8"), {}),
    "shared levels": (PHOTO, {"channel_axis": -1}),
    "shared levels of floats": (RNG.normal(size=(2, 180, 201)).astype("f4"), {"channel_axis": 0}),
    "own levels": (PHOTO.astype("u2") * 99, {"mode": "per_channel", "channel_axis": 2}),
    "own levels of floats": (RNG.normal(size=(150, 2, 450)).astype("f4"), {"mode": "per_channel", "channel_axis": 1}),
    "own levels of a stack": (PHOTO[:18].astype("f4"), {"mode": "per_channel", "channel_axis": 0}),
    "few colors": (PHOTO // 16, COLOR),
    "many colors": (RNG.integers(0, 256, (500, 600, 3), dtype="u1"), COLOR),
    "many colors of signed bytes": (RNG.integers(-128, 128, (500, 600, 3), dtype="i1"), COLOR),
    "four channels": (RNG.integers(0, 200, (100, 100, 4), dtype="u1"), COLOR),
    "alpha": (np.dstack([PHOTO, PHOTO[..., 0] // 99]), {**COLOR, "alpha": True}),
    "alpha, shared levels": (np.dstack([PHOTO, PHOTO[..., 0] // 99]), {"channel_axis": -1, "alpha": True}),
    "colors of 16 bits": (RNG.integers(0, 9, (3, 90, 90), dtype="u2") * 999, {"mode": "color", "channel_axis": 0}),
    "balanced": (RNG.integers(0, 60_000, (3, 300, 300), dtype="u2"), {**COLOR, "channel_axis": 0, "balance": True}),
    "colors of floats": (RNG.normal(size=(3, 300, 300)).astype("f4"), {"mode": "color", "channel_axis": 0}),
    "Lab": (PHOTO / np.float32(255), {**COLOR, "color_space": "lab", "ignore": [(0.1, 0.3)]}),
    "kept colors": (PHOTO, {**COLOR, "keep": [(255, 0, 0)]}),
    "mask of pixels": (PHOTO, {**COLOR, "mask": MASK}),
    "mask of values": (PHOTO.astype("u2"), {"channel_axis": -1, "mask": PHOTO > 60, "ignore": [70]}),
    "mask, own levels": (PHOTO, {"channel_axis": -1, "mode": "per_channel", "mask": MASK}),
}


MOST_DIFFERENT = (
    "int16",
    "big-endian",
    "many floats with NaN",
    "many floats, exact",
    "shared levels of floats",
    "own levels of a stack",
    "many colors",
    "alpha",
    "balanced",
    "colors of floats",
    "mask of values",
)


@pytest.fixture(autouse=True)
def _in_this_thread() -> Iterator[None]:
    with dask.config.set(scheduler="synchronous"):
        yield


def assert_same_results(one: Result, other: Result) -> None:
    """Compare a result in memory with a lazy one."""
    assert isinstance(other.image, da.Array)
    assert same_bytes(one.image, other.image.compute())
    assert one.codebook == other.codebook
    assert one.quality == other.quality
    assert [samples.digest() for samples in one.samples] == [samples.digest() for samples in other.samples]


def irregular(shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Chunks of unequal lengths that divide every axis, also that of the channels."""
    return tuple((max(1, n // 4), n - max(1, n // 4)) if n > 1 else (1,) for n in shape)


@pytest.mark.parametrize("name", slow_except(CASES, *MOST_DIFFERENT))
def test_results_are_those_of_an_array_in_memory(name: str) -> None:
    image, options = CASES[name]
    lazy = da.from_array(image, chunks=irregular(image.shape))
    for one, other in zip(sweep(image, KS, **options), sweep(lazy, KS, **options), strict=True):
        assert_same_results(one, other)
    mask = {"mask": options["mask"]} if "mask" in options else {}
    assert_same_results(transfer(image, one.codebook, **mask), transfer(lazy, one.codebook, **mask))
    assert same_bytes(one.codebook.encode(image), one.codebook.encode(lazy).compute())
    assert fit(lazy, 9, **options) == one.codebook
    assert same_bytes(quantize(lazy, 9, **options).compute(), one.image)


@pytest.mark.parametrize("name", ["mask of pixels", "mask of values", "mask, own levels"])
def test_masks_may_be_lazy(name: str) -> None:
    image, options = CASES[name]
    mask = da.from_array(options["mask"], chunks=7)
    for lazy in (image, da.from_array(image, chunks=irregular(image.shape))):
        assert fit(lazy, 5, **{**options, "mask": mask}) == fit(image, 5, **options)


@st.composite
def chunks(draw: st.DrawFn, shape: tuple[int, ...]) -> tuple[tuple[int, ...], ...]:
    """Divide each axis at random."""
    ends = [sorted({*draw(st.sets(st.integers(1, n), max_size=3)), n}) for n in shape]
    return tuple(tuple(np.diff([0, *axis]).tolist()) for axis in ends)


@given(images(), st.integers(1, 9), st.data())
def test_any_image_in_any_chunks(image: np.ndarray, k: int, data: st.DataObject) -> None:
    lazy = da.from_array(image, chunks=data.draw(chunks(image.shape)))
    options: dict[str, Any] = {}
    if data.draw(st.booleans()):
        options["mask"] = data.draw(masks(image.shape, np.isfinite(image)))
    (one,), (other,) = sweep(image, [k], **options), sweep(lazy, [k], **options)
    assert_same_results(one, other)


@pytest.mark.parametrize("chunks_of_channels", [1, 2])
@pytest.mark.parametrize("mode", ["global", "per_channel", "color"])
def test_byte_order_is_kept(mode: str, chunks_of_channels: int) -> None:
    image = RNG.integers(0, 999, (4, 5, 2)).astype(">u2")
    lazy = da.from_array(image, chunks=(2, 5, chunks_of_channels))
    found, expected = (quantize(each, 3, mode=mode, channel_axis=-1) for each in (lazy, image))
    assert found.dtype.str == ">u2"
    assert same_bytes(found.compute(), expected)


@given(channel_images(), st.integers(1, 9), st.sampled_from(["global", "per_channel", "color"]), st.data())
def test_any_channels_in_any_chunks(case: tuple[np.ndarray, int], k: int, mode: str, data: st.DataObject) -> None:
    image, axis = case
    finite = np.isfinite(image).all(axis=axis)
    if mode == "color":
        assume(finite.any() and np.abs(image[np.isfinite(image)].astype("f8")).max() <= 1e140)
    lazy = da.from_array(image, chunks=data.draw(chunks(image.shape)))
    (one,), (other,) = (sweep(each, [k], mode=mode, channel_axis=axis) for each in (image, lazy))
    assert_same_results(one, other)
    assert same_bytes(one.codebook.encode(image), one.codebook.encode(lazy).compute())


class CountingStore:
    """An array on disk that counts how often each chunk is read."""

    def __init__(self, array: np.ndarray, chunks: tuple[int, ...]) -> None:
        self._array, self.chunks = array, chunks
        self.shape, self.dtype, self.ndim = array.shape, array.dtype, array.ndim
        self.reads: Counter[tuple[int, ...]] = Counter()

    def __getitem__(self, index: tuple[slice, ...]) -> np.ndarray:
        found = self._array[index]
        if found.size:  # dask reads nothing to learn about the kind of array
            self.reads[tuple(part.start or 0 for part in index)] += 1
        return found


PASSES = {  # to learn from, and for the figures of all k together
    "few values": (1, 0),
    "int16": (1, 0),
    "few floats, lloyd": (1, 0),
    "many floats": (2, 1),
    "own levels of floats": (2, 1),
    "few colors": (1, 0),
    "many colors": (1, 1),
    "colors of 16 bits": (2, 0),
    "colors of floats": (3, 1),
}


@pytest.mark.parametrize(
    "name", slow_except(PASSES, "many floats", "many colors", "colors of 16 bits", "colors of floats")
)
def test_each_chunk_is_read_no_more_often_than_needed(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "_BLOCK_BYTES", 1)
    image, options = CASES[name]
    shape = tuple(n if n < 5 else n // 2 for n in image.shape)
    to_learn, for_figures = PASSES[name]
    store = CountingStore(image, shape)
    codebook = fit(store, 4, **options)
    first = (0,) * image.ndim  # read once more to see whether there are too many colours
    again = name == "colors of 16 bits"
    store.reads[first] -= again
    assert set(store.reads.values()) == {to_learn}
    store.reads.clear()
    results = list(sweep(store, (2, 4, 8), **options))
    store.reads[first] -= again
    assert set(store.reads.values()) == {to_learn + for_figures}
    store.reads.clear()
    lazy = [codebook.apply(store), codebook.encode(store), *(result.image for result in results)]
    assert not store.reads
    lazy[0].compute()
    assert set(store.reads.values()) == {1}


def test_arrays_on_disk(tmp_path: Path) -> None:
    image, options = CASES["own levels"]
    expected = fit(image, 5, **options)
    stored = zarr.create_array(tmp_path / "image.zarr", data=image, chunks=(20, 20, 2))
    tifffile.imwrite(tmp_path / "image.tif", image, tile=(16, 16), photometric="rgb")
    with h5py.File(tmp_path / "image.h5", "w") as file, tifffile.imread(tmp_path / "image.tif", aszarr=True) as tiff:
        in_chunks = file.create_dataset("chunks", data=image, chunks=(20, 20, 2))
        contiguous = file.create_dataset("contiguous", data=image)
        for source in (stored, in_chunks, contiguous, zarr.open(tiff, mode="r")):
            assert fit(source, 5, **options) == expected
            applied = expected.apply(source)
            assert isinstance(applied, da.Array)
            assert same_bytes(applied.compute(), expected.apply(image))


def test_small_chunks_on_disk_are_read_in_larger_blocks() -> None:
    lazy = arrays.as_array(CountingStore(np.zeros((5000, 5000), "u2"), (64, 64)))
    assert lazy.chunksize == (3328, 5000)  # whole chunks, 33 MB
    assert arrays.as_array(CountingStore(np.zeros((500, 500), "u2"), (64, 64))).numblocks == (1, 1)
    large = CountingStore(np.broadcast_to(np.uint8(0), (2**16, 2**16)), (2**14, 2**14))
    assert arrays.as_array(large).chunksize == (2**14, 2**14)


def test_large_files_in_virtual_memory_are_lazy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    image, options = CASES["few values"]
    np.save(tmp_path / "image.npy", image)
    mapped = np.load(tmp_path / "image.npy", mmap_mode="r")
    assert isinstance(quantize(mapped, 3, **options), np.ndarray)
    monkeypatch.setattr(arrays, "MIN_LAZY_MEMMAP", image.nbytes)
    assert same_bytes(quantize(mapped, 3).compute(), quantize(image, 3))


def test_large_files_in_virtual_memory_are_not_copied(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(arrays, "MIN_LAZY_MEMMAP", 1)
    np.save(tmp_path / "image.npy", np.zeros((40, 50), "u2"))
    mapped = np.load(tmp_path / "image.npy", mmap_mode="r+")
    views = [mapped, mapped[3:, ::-2], mapped.T]
    lazy = [arrays.as_array(view) for view in views]
    mapped[...] = np.arange(2000).reshape(40, 50)  # copies would still hold zeros
    mapped.flush()
    for view, array in zip(views, lazy, strict=True):
        assert same_bytes(array.compute(), np.asarray(view))
        for _ in range(2):  # to a scheduler, and from it to a worker
            pickled = pickle.dumps(array)
            assert len(pickled) < 2000
            array = pickle.loads(pickled)
        assert same_bytes(array.compute(), np.asarray(view))


def test_what_was_written_to_virtual_memory_only_goes_to_other_processes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(arrays, "MIN_LAZY_MEMMAP", 1)
    np.save(tmp_path / "image.npy", np.zeros((40, 50), "u2"))
    mapped = np.load(tmp_path / "image.npy", mmap_mode="c")
    mapped[...] = 7
    assert (pickle.loads(pickle.dumps(arrays.as_array(mapped))).compute() == 7).all()


def test_a_mask_in_memory_is_not_copied() -> None:
    mask = RNG.random((20, 30)) > 0.5
    pixels = pixels_lazy.pixels_of(da.zeros((20, 30), "u1", chunks=(7, 9)), None, mask=check_mask(mask, (20, 30), None))
    of_chunks = pixels_lazy._like_chunks_of(pixels.mask, pixels.array.chunks)
    parts = [part for part in of_chunks.dask.values() if isinstance(part, np.ndarray)]
    assert len(parts) == 12
    assert all(np.shares_memory(part, mask) for part in parts)


def test_a_mask_of_a_plane_is_not_made_as_large_as_a_stack() -> None:
    plane = RNG.random((20, 30)) > 0.5
    for shape, axis in (((10**6, 20, 30), None), ((10**6, 20, 30, 3), -1)):
        image = np.broadcast_to(np.arange(30, dtype="u1")[(slice(None), *[None] * (axis is not None))], shape)
        pixels = pixels_lazy.pixels_of(
            da.zeros(shape, "u1", (1000, *shape[1:])), axis, mask=check_mask(plane, shape, axis)
        )
        of_chunks = pixels_lazy._like_chunks_of(pixels.mask, pixels.array.chunks)
        assert max(part.nbytes for part in of_chunks.dask.values() if isinstance(part, np.ndarray)) == plane.nbytes
        few = image[:9]
        lazy = da.from_array(few, chunks=(2, 7, *shape[2:]))
        assert fit(lazy, 3, mask=plane, channel_axis=axis) == fit(few, 3, mask=plane, channel_axis=axis)


@pytest.mark.parametrize("options", [{}, {"mask": RNG.random((6, 7)) > 0.5}, {"ignore": [3]}], ids=str)
@pytest.mark.parametrize("mode", ["global", "per_channel"])
def test_planes_of_a_stack_are_not_joined_to_be_counted(
    mode: str, options: dict[str, Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    stack = RNG.integers(0, 99, (40, 6, 7), dtype="u1")
    sizes = []
    tally_chunk = pixels_lazy._tally_chunk
    monkeypatch.setattr(
        pixels_lazy,
        "_tally_chunk",
        lambda new, chunk, *rest, **ks: sizes.append(chunk.size) or tally_chunk(new, chunk, *rest, **ks),
    )
    (lazy,) = sweep(da.from_array(stack, chunks=(1, 6, 7)), [3], mode=mode, channel_axis=0, **options)
    assert_same_results(next(sweep(stack, [3], mode=mode, channel_axis=0, **options)), lazy)
    assert max(sizes) <= 16 * 42


def test_masked_arrays_are_refused_wherever_they_are() -> None:
    masked = np.ma.masked_equal(np.array([0, 0, 0, 7, 9], np.uint8), 0)
    for image in (masked, da.from_array(masked, chunks=2), [masked], [da.from_array(masked, chunks=2)]):
        with pytest.raises(TypeError, match=r"^masked arrays are not read: fill"):
            fit(image, 2)
    mask = da.ma.masked_array(np.ones(5, bool), mask=[0, 0, 0, 0, 1])
    with pytest.raises(TypeError, match=r"^mask is a masked array: fill"):
        fit(np.arange(5), 2, mask=mask)


def test_chunks_may_be_empty() -> None:
    image = RNG.integers(0, 99, (4, 4, 3), dtype="u1")
    for options in ({}, COLOR, {"mode": "per_channel", "channel_axis": -1}):
        codebook = fit(image, 3, **options)
        for chunks in (((2, 0, 2), 4, 3), (2, 4, (1, 0, 2))):
            lazy = da.from_array(image, chunks=chunks)
            assert fit(lazy, 3, **options) == codebook
            assert same_bytes(codebook.apply(lazy).compute(), codebook.apply(image))
            assert same_bytes(codebook.encode(lazy).compute(), codebook.encode(image))


def test_what_a_filter_leaves_has_chunks_of_unknown_length() -> None:
    rows = RNG.integers(0, 99, (40, 3), dtype="u1")
    lazy = da.from_array(rows, chunks=(7, 3))
    few, left = lazy[lazy[:, 0] > 40], rows[rows[:, 0] > 40]
    for options in ({}, COLOR):
        codebook = fit(few, 3, **options)
        assert codebook == fit(left, 3, **options)
        assert same_bytes(codebook.apply(few).compute(), codebook.apply(left))
        assert same_bytes(codebook.encode(few).compute(), codebook.encode(left))
    with pytest.raises(ValueError, match=r"^the lengths of the image's chunks are not known: call compute_chunk_sizes"):
        fit(few, 3, mask=np.ones(3, bool))


@pytest.mark.parametrize("axis", [0, 1])
def test_lengths_are_unknown_along_any_axis(axis: int) -> None:
    image = RNG.integers(0, 999, (20, 24, 3), dtype="u2")
    is_left = np.arange(image.shape[axis]) % 3 > 0
    lazy = da.from_array(image, chunks=(6, 7, 3))
    left = image.compress(is_left, axis)
    few = da.compress(da.from_array(is_left, chunks=5), lazy, axis)
    assert np.isnan(few.shape[axis])
    assert fit(few, 3, **COLOR) == fit(left, 3, **COLOR)


class Labelled:
    """An array with names of axes, as xarray has it: `chunks` are those of dask, or None."""

    def __init__(self, data: Any) -> None:
        self.data, self.shape, self.dtype, self.dims = data, data.shape, data.dtype, ("y", "x", "c")
        self.chunks = getattr(data, "chunks", None)

    def __array__(self, *_: Any, **__: Any) -> np.ndarray:
        return np.asarray(self.data)

    def __getitem__(self, index: Any) -> Any:
        return self.data[index]


def test_labelled_arrays_are_as_lazy_as_what_they_hold() -> None:
    codebook = fit(PHOTO, 4, **COLOR)
    lazy = da.from_array(PHOTO, chunks=20)
    assert fit(Labelled(lazy), 4, **COLOR) == fit(Labelled(PHOTO), 4, **COLOR) == codebook
    assert codebook.apply(Labelled(lazy)).chunks[:2] == lazy.chunks[:2]
    assert isinstance(codebook.apply(Labelled(PHOTO)), np.ndarray)


def test_what_is_not_lazy_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    lazy = da.from_array(PHOTO)
    calls = (
        lambda image: delta_e(image, image),
        lambda image: ssim(image, image, channel_axis=-1),
        estimate_noise,
        lambda image: image_facts(image).counts.tolist(),
        lambda image: find_saturation([image]),
    )
    for call in calls:
        with pytest.raises(TypeError, match=r"^this takes arrays in memory, and not lazy ones: pass numpy.asarray"):
            call(lazy)
    np.save(tmp_path / "image.npy", PHOTO)
    mapped = np.load(tmp_path / "image.npy", mmap_mode="r")
    monkeypatch.setattr(arrays, "MIN_LAZY_MEMMAP", 1)
    for call in calls:
        assert call(mapped) == call(PHOTO)


class SilentFuture:
    """A future that has ended, and whose callbacks wait for the one that called."""

    add_done_callback = cancel = staticmethod(lambda *_: None)
    done = staticmethod(lambda: True)
    result = staticmethod(lambda: 7)


class Client:
    """A client of distributed, as far as it is used."""

    compute = staticmethod(lambda _: SilentFuture)

    def get(self) -> None:
        """Belongs to a client: dask finds its scheduler by this method."""


def test_work_within_a_callback_of_a_cluster_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dask.base, "get_scheduler", lambda **_: Client().get)
    assert pixels_lazy.compute(None, stopping_at(5, [])) == 7


def test_the_number_of_threads_is_checked_for_lazy_images_too() -> None:
    codebook = fit(PHOTO, 2)
    for call in (codebook.apply, codebook.encode):
        with pytest.raises(ValueError, match=r"^n_jobs=0 must be at least 1"):
            call(da.from_array(PHOTO), n_jobs=0)


def test_a_pass_for_figures_is_sent_without_the_pixels(monkeypatch: pytest.MonkeyPatch) -> None:
    image = da.from_array(RNG.normal(size=(400, 400)).astype("f4"), chunks=100)
    starts = []
    tally = pixels_lazy.LazyPixels.tally
    monkeypatch.setattr(
        pixels_lazy.LazyPixels,
        "tally",
        lambda self, new, *rest, **ks: starts.append(new) or tally(self, new, *rest, **ks),
    )
    list(sweep(image, [3], mask=np.ones((400, 400), bool)))
    assert len(pickle.dumps(starts[-1])) < 3 * 65_536 * 8 < image.nbytes * 3


def test_the_first_level_of_a_pyramid_is_learnt_from() -> None:
    image, options = CASES["own levels"]
    levels = [image, image[::2, ::2], image[::4, ::4]]
    (expected,) = sweep(image, [5], **options)
    for make in (np.asarray, da.from_array):
        pyramid = [make(level) for level in levels]
        (result,) = sweep(pyramid, [5], **options)
        assert fit(pyramid, 5, **options) == result.codebook == expected.codebook
        assert result.quality == expected.quality
        for applied in (result.image, quantize(pyramid, 5, **options), transfer(pyramid, result.codebook).image):
            assert [type(level) for level in applied] == [type(level) for level in pyramid]
            for level, source in zip(applied, levels, strict=True):
                assert same_bytes(np.asarray(level), expected.codebook.apply(source))
        assert [level.shape for level in result.codebook.encode(pyramid)] == [level.shape for level in levels]


def test_multiscale_data_of_napari_is_a_pyramid() -> None:
    from napari.layers import Image

    image = CASES["few values"][0]
    data = Image([image, image[::2, ::2]], multiscale=True).data
    assert fit(data, 4) == fit(image, 4)
    assert [level.shape for level in fit(image, 4).apply(data)] == [image.shape, image[::2, ::2].shape]


NO_PYRAMIDS = [
    ([np.zeros((4, 4)), np.zeros((4, 4))], "(4, 4) of float64, (4, 4) of float64"),
    ([np.zeros((2, 2)), np.zeros((4, 4))], "(2, 2) of float64, (4, 4) of float64"),
    ([np.zeros((4, 4)), np.zeros(4)], "(4, 4) of float64, (4,) of float64"),
    ([np.zeros((4, 4)), np.zeros((2, 2), np.uint8)], "(4, 4) of float64, (2, 2) of uint8"),
]


@pytest.mark.parametrize(("image", "told"), NO_PYRAMIDS)
def test_lists_that_are_no_pyramid(image: list[np.ndarray], told: str) -> None:
    sentence = f"a list of arrays must be the levels of one image, from large to small: {told}; join images of one"
    for call in (lambda: fit(image, 2), lambda: fit(np.arange(4.0), 2).apply(image)):
        with pytest.raises(ValueError, match=f"^{re.escape(sentence)}"):
            call()


def test_lists_of_numbers_are_an_image() -> None:
    assert fit([[1, 2], [100, 101]], 2).apply([np.int64(1), np.int64(99)]).tolist() == [2, 100]


def test_lazy_images_that_do_not_fit() -> None:
    codebook = fit(PHOTO, 3, mode="per_channel", channel_axis=-1)
    with pytest.raises(ValueError, match="the image has 2 channels, but the codebook has 3"):
        codebook.apply(da.from_array(PHOTO[..., :2]))
    with pytest.raises(ValueError, match="the image has no finite, visible value"):
        fit(da.full((4, 4), np.nan), 2)
    with pytest.raises(TypeError, match="images of dtype complex128"):
        fit(da.zeros((4, 4), dtype=complex), 2)
    with pytest.raises(ValueError, match="values beyond 1e150"):
        fit(da.full((4, 4), 1e200), 2)
    outside = fit(PHOTO / 255, 2, **COLOR, color_space="lab").apply(da.full((4, 4, 3), 2.0))
    with pytest.raises(ValueError, match="takes floats from 0 to 1"):
        outside.compute()


@pytest.mark.parametrize("scheduler", ["synchronous", "threads"])
def test_tick_comes_between_chunks_and_what_it_raises_ends_the_work(scheduler: str) -> None:
    lazy = da.from_array(CASES["many floats"][0], chunks=50)
    total: list[int] = []
    with dask.config.set(scheduler=scheduler):
        list(sweep(lazy, (2, 3), tick=stopping_at(0, total)))
        assert len(total) > 3 * lazy.npartitions
        for number in (1, len(total) // 2, len(total)):
            ticks: list[int] = []
            with pytest.raises(StopError):
                list(sweep(lazy, (2, 3), tick=stopping_at(number, ticks)))
            assert len(ticks) == number


def test_threads_of_dask_give_the_same_bytes() -> None:
    for name in ("many floats", "many colors", "colors of floats"):
        image, options = CASES[name]
        with dask.config.set(scheduler="threads"):
            lazy = da.from_array(image, chunks=irregular(image.shape))
            for one, other in zip(sweep(image, KS, **options), sweep(lazy, KS, **options), strict=True):
                assert_same_results(one, other)


ON_A_CLUSTER = """
import sys
import dask.array as da, numpy as np
from distributed import Client, LocalCluster
from napari_quantize import fit, sweep, Codebook

def loaded():
    return sorted({name.partition(".")[0] for name in sys.modules})

if __name__ == "__main__":
    with np.load(sys.argv[1]) as arrays:
        images = dict(arrays)
    options = {"levels": {}, "colors": {"mode": "color", "channel_axis": -1}}
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster) as client:
        results = {}
        for name, image in images.items():
            lazy = da.from_array(image, chunks=tuple(max(3, n // 3) for n in image.shape))
            for result in sweep(lazy, (2, 9), **options[name]):
                results[f"{name} {result.k}"] = result.image.compute()
                results[f"{name} {result.k} mse"] = np.array(result.quality.mse)
                results[f"{name} {result.k} centers"] = result.codebook.centers
        np.savez(sys.argv[2], **results)
        ticks = []
        try:
            fit(da.random.random((10, 10), chunks=5), 2, tick=lambda: ticks.append(1) or 1 / 0)
        except ZeroDivisionError:
            print("stopped at tick", len(ticks))
        try:
            fit(da.full((4, 4), np.nan), 2)
        except ValueError as error:
            print(error)
        print(*set.union(*map(set, client.run(loaded).values())))
"""


NOT_NEEDED = {"napari", "magicgui", "qtpy", "PyQt6", "PySide6", "skimage", "sklearn", "matplotlib"}


@pytest.mark.slow
def test_a_cluster_gives_the_same_bytes_and_its_workers_load_no_window(tmp_path: Path) -> None:
    cases = {"levels": CASES["many floats"][0], "colors": CASES["many colors"][0]}
    np.savez(tmp_path / "images.npz", **cases)
    (tmp_path / "work.py").write_text(ON_A_CLUSTER)
    files = [tmp_path / "images.npz", tmp_path / "results.npz"]
    done = subprocess.run([sys.executable, tmp_path / "work.py", *files], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    stopped, error, loaded = done.stdout.splitlines()
    assert stopped == "stopped at tick 1"
    assert error.startswith("the image has no finite, visible value")
    assert "napari_quantize" in loaded.split()
    assert set(loaded.split()) & NOT_NEEDED == set()
    with np.load(tmp_path / "results.npz") as results:
        for name, options in [("levels", {}), ("colors", COLOR)]:
            for expected in sweep(cases[name], (2, 9), **options):
                key = f"{name} {expected.k}"
                assert same_bytes(results[key], expected.image)
                assert results[f"{key} mse"] == expected.quality.mse
                assert same_bytes(results[f"{key} centers"], np.asarray(expected.codebook.centers))


WITH_A_WORKER_THAT_DIES = """
import os, signal, sys
from pathlib import Path
import dask.array as da, numpy as np
from distributed import Client, LocalCluster
from napari_quantize import fit

def die_once(block, flag):
    if block[0, 0] == 100:  # of one block
        try:
            Path(flag).touch(exist_ok=False)
        except FileExistsError:
            return block
        os.kill(os.getpid(), signal.SIGKILL)
    return block

if __name__ == "__main__":
    image = np.load(sys.argv[1])
    lazy = da.from_array(image, chunks=10)
    with LocalCluster(n_workers=2, threads_per_worker=1, dashboard_address=None) as cluster, Client(cluster):
        codebook = fit(lazy.map_blocks(die_once, "learning", meta=image[:0]), 5)
        result = codebook.apply(lazy.map_blocks(die_once, "applying", meta=image[:0])).compute()
    np.savez(sys.argv[2], result=result, centers=codebook.centers)
"""


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
def test_blocks_of_a_worker_that_dies_are_done_again_with_the_same_bytes(tmp_path: Path) -> None:
    image = np.random.default_rng(1).integers(0, 2000, (40, 40), dtype=np.uint16)
    image[::10, ::10] = 0
    image[10, 20] = 100
    np.save(tmp_path / "image.npy", image)
    (tmp_path / "work.py").write_text(WITH_A_WORKER_THAT_DIES)
    files = [tmp_path / "image.npy", tmp_path / "results.npz"]
    done = subprocess.run([sys.executable, tmp_path / "work.py", *files], capture_output=True, text=True, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    assert all((tmp_path / flag).exists() for flag in ("learning", "applying"))
    expected = fit(image, 5)
    with np.load(tmp_path / "results.npz") as results:
        assert same_bytes(results["centers"], np.asarray(expected.centers))
        assert same_bytes(results["result"], expected.apply(image))


def test_equal_codebooks_have_one_token() -> None:
    from dask.base import tokenize

    codebook = fit(PHOTO, 5, **COLOR)
    before = tokenize(codebook)
    codebook.apply(PHOTO)
    assert tokenize(codebook) == tokenize(Codebook.from_dict(codebook.to_dict())) == before
    assert tokenize(fit(PHOTO, 6, **COLOR)) != before


@pytest.mark.parametrize("chunks", [(1, 1, 2048, 2048), (1, 1, 512, 300), (2, 3, 1000, 2048)])
def test_blocks_of_colors_on_disk_are_whole_chunks(chunks: tuple[int, ...]) -> None:
    source = zarr.create_array(zarr.storage.MemoryStore(), shape=(3, 9, 2048, 2048), chunks=chunks, dtype="u2")
    codebook = fit(RNG.integers(0, 999, (3, 9, 9), dtype="u2"), 4, mode="color", channel_axis=0)
    result = codebook.apply(source)
    assert result.numblocks[0] == 1
    for lengths, chunk in zip(result.chunks[1:], chunks[1:], strict=True):
        assert all(end % chunk == 0 for end in np.cumsum(lengths[:-1]))


def test_joined_channels_leave_the_other_chunks() -> None:
    lazy = da.zeros((3, 100, 90), chunks=(1, 40, 7), dtype="u2")
    codebook = fit(RNG.integers(0, 999, (3, 9, 9), dtype="u2"), 4, mode="color", channel_axis=0)
    assert codebook.apply(lazy).chunks == ((3,), *lazy.chunks[1:])


def test_own_levels_of_a_stack_join_no_planes() -> None:
    stack = RNG.integers(0, 999, (9, 8, 7), dtype="u2")
    codebook = fit(stack, 3, mode="per_channel", channel_axis=0)
    lazy = da.from_array(stack, chunks=(2, 8, 7))
    for work in (codebook.apply, codebook.encode):
        assert work(lazy).chunks == lazy.chunks
        assert same_bytes(work(lazy).compute(), work(stack))


def test_parts_of_a_stack_have_the_indices_of_the_whole() -> None:
    stack = RNG.integers(0, 999, (6, 30, 30)).astype("f4")
    stack[:4] = np.round(stack[:4] / 300)  # few values: fewer levels than the last planes have
    stack[:, 0, 0] = np.nan
    codebook = fit(stack, 300, mode="per_channel", channel_axis=0)
    encoded = codebook.encode(da.from_array(stack, chunks=(2, 30, 30)))
    assert same_bytes(encoded.compute(), codebook.encode(stack))


def test_a_pass_adds_one_layer_to_the_graph(monkeypatch: pytest.MonkeyPatch) -> None:
    layers = []
    compute = pixels_lazy.compute
    monkeypatch.setattr(
        pixels_lazy, "compute", lambda total, tick: layers.append(total.dask.layers) or compute(total, tick)
    )
    for n_blocks in (2, 40):
        fit(da.from_array(np.arange(80, dtype="u1"), chunks=80 // n_blocks), 3)
    few, many = map(len, layers)
    assert few == many
