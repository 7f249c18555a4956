"""Results depend on the pixels alone: not on memory layout, byte order, pixel order, blocks, threads or processes."""

import os
import subprocess
import sys
from typing import Any

import numpy as np
import pytest
from color_oracles import COLOR, OPTIONS, PHOTO
from hypothesis import given, settings
from hypothesis import strategies as st
from oracles import (
    LEVEL_MODES,
    apply_one,
    channel_images,
    encode_one,
    images,
    layouts,
    same_bytes,
    small_blocks,
)
from slow_cases import slow_except
from threadpoolctl import threadpool_limits

from napari_quantize import fit, quantize, sweep
from napari_quantize.core.samples import byte_colors
from napari_quantize.core.samples import colors as color_samples

ks = st.integers(1, 9) | st.sampled_from([200, 65_536])
RNG = np.random.default_rng(0)


@given(images(), ks, st.data())
def test_layout_byte_order_and_pixel_order_do_not_matter(image: np.ndarray, k: int, data: st.DataObject) -> None:
    codebook = fit(image, k)
    result = codebook.apply(image)
    other = data.draw(layouts(np.asarray(image)))
    assert fit(other, k) == codebook
    assert same_bytes(quantize(other, k), result)
    swapped = image.astype(image.dtype.newbyteorder())
    assert fit(swapped, k) == codebook
    np.testing.assert_array_equal(quantize(swapped, k), result)
    mixed = np.random.default_rng(0).permutation(image.ravel())
    assert fit(mixed, k).centers.tobytes() == codebook.centers.tobytes()


@pytest.mark.parametrize("dtype", slow_except(["u1", "u2", "f4"], "u1"))
@pytest.mark.parametrize("options", [{}, *OPTIONS], ids=str)
@given(st.integers(0, 2**32), st.data())
@settings(max_examples=settings.default.max_examples // 8)
def test_layout_blocks_and_threads_do_not_matter_for_colors(
    options: dict[str, object], dtype: str, seed: int, data: st.DataObject
) -> None:
    photo = PHOTO[::9, ::9] / 255
    noise = np.random.default_rng(seed).integers(0, 99, (9, 8, 3)).astype(dtype)
    if "keep" in options and dtype == "f4":
        options = {**options, "keep": [(0, 0, 0), (1, 1, 1)]}
    for image in (noise, (photo * (1 if dtype == "f4" else np.iinfo(dtype).max)).astype(dtype)):
        if dtype == "f4" and options.get("color_space") == "lab":
            image = image / max(1, image.max())  # Lab takes floats from 0 to 1
        other = data.draw(layouts(image))
        plain = fit(image, 5, **COLOR, **options, n_jobs=1)
        with small_blocks(3):
            assert fit(other, 5, **COLOR, **options) == plain
            assert same_bytes(plain.apply(other), plain.apply(image, n_jobs=1))


@pytest.mark.parametrize("dtype", ["u1", "u2", "f4", "f8"])
def test_the_order_of_pixels_does_not_matter_for_colors(dtype: str) -> None:
    image = (RNG.random((80, 90, 3)) * 200).astype(dtype)
    shuffled = RNG.permutation(image.reshape(-1, 3)).reshape(image.shape)
    for limit in (color_samples.MAX_COLORS, 500):
        with pytest.MonkeyPatch.context() as patch:
            for module in (color_samples, byte_colors):
                patch.setattr(module, "MAX_COLORS", limit)
            one, other = (fit(each, 12, **COLOR) for each in (image, shuffled))
        assert same_bytes(one.centers, other.centers)


FIGURES: dict[str, tuple[np.ndarray, dict[str, Any]]] = {
    "many floats": (RNG.normal(size=(300, 300)), {}),
    "many integers": (RNG.integers(-(2**40), 2**40, (300, 300)), {}),
    "shared levels": (RNG.normal(size=(300, 100, 3)).astype("f4"), {"channel_axis": -1}),
    "many colors": (RNG.integers(0, 256, (600, 600, 3), dtype="u1"), COLOR),
    "colors of floats": (RNG.normal(size=(600, 500, 3)).astype("f4"), COLOR),
}


@pytest.mark.parametrize("name", slow_except(FIGURES, "many floats", "many colors"))
def test_figures_that_need_all_pixels_do_not_depend_on_blocks_or_threads(name: str) -> None:
    image, options = FIGURES[name]
    (expected,) = sweep(image, [7], **options, n_jobs=1)
    assert not expected.samples[0].exact
    for n_threads, block in [(1, 100_000), (3, 30_001)]:
        with small_blocks(n_threads, block):
            (result,) = sweep(image[::-1], [7], **options)
        assert result.quality == expected.quality


@given(images(), ks, st.integers(2, 5), st.integers(1, 40))
def test_threads_and_blocks_do_not_matter(image: np.ndarray, k: int, n_threads: int, block: int) -> None:
    codebook = fit(image, k)
    with small_blocks(n_threads, block):
        assert fit(image, k).centers.tobytes() == codebook.centers.tobytes()
        assert same_bytes(codebook.apply(image), apply_one(image, codebook.centers))
        np.testing.assert_array_equal(codebook.encode(image), encode_one(image, codebook.centers, codebook.n_used))


def assert_same_for_any_number_of_threads(image: np.ndarray, k: int, block: int, **arguments: object) -> None:
    expected = quantize(image, k, **arguments)
    codebook = fit(image, k, **arguments)
    with small_blocks(3, block):
        for n_jobs in (1, 2, 5):
            assert fit(image, k, n_jobs=n_jobs, **arguments) == codebook
            assert same_bytes(quantize(image, k, n_jobs=n_jobs, **arguments), expected)
            assert same_bytes(codebook.apply(image, n_jobs=n_jobs), expected)
            assert same_bytes(codebook.encode(image, n_jobs=n_jobs), codebook.encode(image))
            (result,) = sweep(image, (k,), n_jobs=n_jobs, **arguments)
            assert (same_bytes(result.image, expected), result.codebook) == (True, codebook)


@given(channel_images(), st.sampled_from(LEVEL_MODES), st.booleans(), st.integers(1, 99))
def test_the_number_of_threads_does_not_matter(
    case: tuple[np.ndarray, int], mode: str, alpha: bool, block: int
) -> None:
    image, axis = case
    image = np.array(image)
    np.moveaxis(image, axis, -1)[0, 0] = 1  # a visible pixel
    assert_same_for_any_number_of_threads(image, 4, block, mode=mode, channel_axis=axis, alpha=alpha)


def test_the_number_of_threads_does_not_matter_within_a_mask() -> None:
    rng = np.random.default_rng(0)
    image, mask = rng.normal(size=(90, 80)), rng.random((90, 80)) < 0.3
    assert_same_for_any_number_of_threads(image, 5, 1000, mask=mask, ignore=[(0, 0.5)])


@pytest.mark.parametrize("limit", [1, 2, 5])
def test_limits_of_thread_pools_do_not_matter(limit: int) -> None:
    image = np.random.default_rng(0).normal(size=5000)
    expected = fit(image, 30).centers.tobytes()
    with threadpool_limits(limit):
        assert fit(image, 30).centers.tobytes() == expected


@pytest.mark.parametrize("options", [{}, {"mode": "color", "channel_axis": -1}], ids=str)
def test_limits_of_thread_pools_do_not_matter_for_figures(options: dict[str, Any]) -> None:
    image = np.random.default_rng(0).integers(0, 40_000, (66_000, 3)).astype("f4") / np.float32(7)
    qualities = []
    for limit in (1, 2, 3):
        with threadpool_limits(limit):
            (result,) = sweep(image, [3], **options)
            qualities.append(result.quality)
    assert qualities[0] == qualities[1] == qualities[2]


HASHES_OF_RESULTS = """
import hashlib
import numpy as np
from napari_quantize import fit
rng = np.random.default_rng(0)
images = [rng.normal(size=(300, 301)).astype("f4"), rng.integers(0, 60_000, (300, 300)).astype("u2")]
results = [(codebook.centers, codebook.apply(image)) for image in images for codebook in [fit(image, 40)]]
hashes = [hashlib.sha256(centers.tobytes() + image.tobytes()).hexdigest() for centers, image in results]
"""


@pytest.mark.slow
def test_processes_and_their_threads_do_not_matter() -> None:
    here: dict[str, Any] = {}
    exec(HASHES_OF_RESULTS, here)  # noqa: S102
    assert len(set(here["hashes"])) == 2
    environment = {**os.environ, "OMP_NUM_THREADS": "7", "OPENBLAS_NUM_THREADS": "7"}
    command = [sys.executable, "-W", "error", "-c", HASHES_OF_RESULTS + "print(*hashes)"]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == here["hashes"]
