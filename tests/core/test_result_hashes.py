"""Results of fixed images, kept as hashes: what must not change unnoticed when the code around it is rearranged.

Run as a program, this file writes the hashes anew, for results that are meant to change.
"""

import hashlib
import json
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from skimage.data import astronaut
from sklearn.cluster import KMeans, MiniBatchKMeans

from napari_quantize import Codebook, Palette, codebook_from, fit

Case = tuple[np.ndarray, dict[str, Any]]

HASHES = Path(__file__).with_name("result_hashes.json")
PHOTO = astronaut()[::10, ::10]
CODES = ("?", "u1", "i1", "<u2", ">u2", "i2", "u4", "i4", "i8", "f2", "<f4", ">f4", "f8")
OPTION_CODES = ("u1", "<u2", "<f4")
METHODS = {"global": ("minibatch", "lloyd", "exact"), "per_channel": ("minibatch", "exact")}
METHODS["color"] = ("minibatch", "lloyd")
KS = {"global": (5, 40), "per_channel": (7,), "color": (5, 40)}


def noise(*shape: int) -> np.ndarray:
    """Integers below 2**32 that look random and are the same everywhere."""
    numbers = np.arange(np.prod(shape), dtype=np.uint64) * np.uint64(2654435761)
    return ((numbers ^ numbers >> np.uint64(15)) % np.uint64(2**32)).reshape(shape)


def photo(code: str) -> np.ndarray:
    """The photo in a dtype, with more levels where there is room, and values that are not finite among floats."""
    dtype = np.dtype(code)
    if dtype.kind == "b":
        return PHOTO > 90
    if dtype.itemsize == 1:
        return (PHOTO.astype(np.int16) - (128 if dtype.kind == "i" else 0)).astype(dtype)
    fine = PHOTO.astype(np.int64) * 200 + (noise(*PHOTO.shape) % 199).astype(np.int64)
    if dtype.kind in "iu":
        scale = 1 if dtype.itemsize == 2 else 40_000
        return ((fine - (20_000 if dtype.kind == "i" else 0)) * scale).astype(dtype)
    image = (fine / 51_200).astype(dtype)
    image[::7, 0, 0], image[3, ::5, 1], image[:4, 9, 2] = np.nan, np.inf, -np.inf
    return image


def with_alpha(image: np.ndarray) -> np.ndarray:
    """The image with a channel of alpha, 0 in a tenth of the pixels."""
    full = 1 if image.dtype.kind in "bf" else np.iinfo(image.dtype).max
    alpha = np.where(noise(*image.shape[:2], 1) % 10 == 0, 0, full)
    return np.concatenate((image, alpha.astype(image.dtype)), axis=2)


def within_gamut(image: np.ndarray) -> np.ndarray:
    return np.nan_to_num(image, nan=0.5, posinf=1, neginf=0).astype(image.dtype)


def options(code: str, mode: str) -> Iterator[tuple[str, Case]]:
    """What is learnt from the photo with each option."""
    image = photo(code)
    finite = np.sort(image[np.isfinite(image)])
    low, high = finite[len(finite) // 10].item(), finite[len(finite) // 2].item()
    asked = {"mode": mode, "channel_axis": -1}
    yield "seed", (image, asked | {"random_state": 3})
    yield "planes", (np.moveaxis(image, -1, 0), asked | {"channel_axis": 0})
    yield "alpha", (with_alpha(image), asked | {"alpha": True})
    yield "mask", (image, asked | {"mask": PHOTO[..., 1] > 60})
    yield "mask of values", (image, asked | {"mask": noise(*image.shape) % 3 > 0})
    yield "ignore", (image, asked | {"ignore": [finite[0].item(), (low, high)]})
    if mode != "color":
        yield "grey", (image[..., 0], {"mode": mode})
        return
    keep = [(high, low, low), (low, low, high)]
    yield "keep", (image, asked | {"keep": keep})
    yield "keep lloyd", (image, asked | {"keep": keep, "method": "lloyd"})
    yield "balance", (image, asked | {"balance": True})
    together = {"balance": True, "keep": keep, "alpha": True, "mask": PHOTO[..., 1] > 60, "ignore": [low]}
    yield "together", (with_alpha(image), asked | together)
    yield "lab", (within_gamut(image), asked | {"color_space": "lab"})
    yield "lab keep lloyd", (within_gamut(image), asked | {"color_space": "lab", "keep": keep, "method": "lloyd"})


def learnt() -> Iterator[tuple[str, Case]]:
    """A name for each way to learn, an image, and the arguments of `fit` but k."""
    for mode, methods in METHODS.items():
        for code in CODES:
            for method in methods if code in OPTION_CODES else methods[:1]:
                yield f"{mode} {method} {code}", (photo(code), {"mode": mode, "method": method, "channel_axis": -1})
        for code in OPTION_CODES:
            yield from ((f"{mode} {option} {code}", case) for option, case in options(code, mode))
    for mode, code in (("global", "u4"), ("global", "f8"), ("color", "<u2"), ("color", "<f4")):
        # More distinct values than are kept apart, or colours.
        many = noise(150, 150, 3) if mode == "global" else noise(300, 300, 3)
        image = (many / 2**32 if "f" in code else many >> 16 if code == "<u2" else many).astype(code)
        yield f"{mode} many {code}", (image, {"mode": mode, "channel_axis": -1})


LEARNT = dict(learnt())


def given() -> Iterator[tuple[str, tuple[Codebook, np.ndarray]]]:
    """A name for each look-up of given centers, the codebook, and an image of any bits."""
    for code in CODES:
        dtype = np.dtype(code)
        image = noise(10_000).astype(f"u{dtype.itemsize}").view(code) if dtype.kind != "b" else noise(10_000) % 3 > 0
        if code == "i8":
            image = image * 2**21
        for n in (1, 2, 17, 300, 3000):
            centers = np.unique(_spread(n, dtype))
            yield f"levels {n} {code}", (Codebook(len(centers), (centers,), dtype), image)
    for code in ("u1", "<u2", "f4", "f8"):
        for space in ("rgb", "lab"):
            for n in (1, 2, 17, 300):
                palette = Palette((noise(n, 3) % 256).astype(np.uint8))
                codebook = codebook_from(palette, code, channel_axis=-1, color_space=space)
                yield f"colors {n} {space} {code}", (codebook, within_gamut(photo(code)))


def _spread(n: int, dtype: np.dtype) -> np.ndarray:
    """Centers that lie close together and far apart, within a dtype."""
    if dtype.kind == "f":
        return (noise(n) / 2**31 - 1) ** 3 * 100
    limits = np.iinfo(np.uint8 if dtype.kind == "b" else dtype)
    low, high = max(limits.min, -(2**53)), 1 if dtype.kind == "b" else min(limits.max, 2**53)
    return low + (high - low) * (noise(n) / 2**32) ** 2


GIVEN = dict(given())


def text_of(numbers: np.ndarray) -> bytes:
    """Nine digits of the largest, and as many places of all: processors differ in how they round the rest."""
    with np.errstate(invalid="ignore"):  # NaN that signals
        wide = numbers.astype(np.float64).ravel()
    largest = np.abs(wide[np.isfinite(wide)]).max(initial=1e-300)
    # 0.999… and 1 get as many places: which of them a processor makes of a full channel differs.
    places = 8 - int(np.floor(np.log10(largest * (1 + 1e-9))))
    return " ".join(repr(round(number, places) + 0.0) for number in wide.tolist()).encode()


def looked_up(codebook: Codebook, image: np.ndarray) -> list[bytes]:
    """The bytes of indices and of quantized pixels; of floats, nine digits."""
    indices, pixels = codebook.encode(image), codebook.apply(image)
    parts = [f"{indices.dtype} {pixels.dtype} {indices.shape} {pixels.shape}".encode(), indices.tobytes()]
    if pixels.dtype.kind != "f":
        return [*parts, pixels.tobytes()]
    return [*parts, pixels[~np.isfinite(pixels)].tobytes(), text_of(pixels)]


def digest(parts: list[bytes]) -> str:
    return hashlib.sha256(b"|".join(parts)).hexdigest()[:16]


def learnt_digest(case: Case) -> str:
    image, arguments = case
    parts: list[bytes] = []
    for k in KS[arguments["mode"]]:
        codebook = fit(image, k, **arguments)
        parts += [*map(text_of, codebook.levels), *looked_up(codebook, image)]
    return digest(parts)


def stand_in(self: KMeans | MiniBatchKMeans, points: np.ndarray, sample_weight: np.ndarray) -> Any:
    """Choose centers among the points by all that scikit-learn is told, so that none of its versions matters."""
    told = [getattr(self, name, None) for name in ("n_clusters", "random_state", "n_init", "max_iter", "batch_size")]
    chosen = np.argsort((noise(len(points)) + zlib.crc32(repr(told).encode())) % 2**32 / sample_weight, kind="stable")
    centers = points[np.sort(chosen[: self.n_clusters])]
    self.cluster_centers_ = 0.62 * centers + 0.38 * np.roll(centers, 1, axis=0)  # a point between would be a tie
    if not isinstance(self.init, str):
        self.cluster_centers_ = (self.cluster_centers_ + self.init) / 2
    return self


@pytest.fixture(scope="module")
def expected() -> dict[str, str]:
    return json.loads(HASHES.read_text())


def test_every_hash_has_its_case(expected: dict[str, str]) -> None:
    assert list(expected) == [*LEARNT, *GIVEN]


@pytest.mark.parametrize("name", LEARNT)
def test_what_is_learnt_stays_the_same(name: str, expected: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> None:
    for estimator in (KMeans, MiniBatchKMeans):
        monkeypatch.setattr(estimator, "fit", stand_in)
    assert learnt_digest(LEARNT[name]) == expected[name]


@pytest.mark.parametrize("name", GIVEN)
def test_what_is_looked_up_stays_the_same(name: str, expected: dict[str, str]) -> None:
    assert digest(looked_up(*GIVEN[name])) == expected[name]


def write_hashes() -> None:
    with pytest.MonkeyPatch.context() as patch:
        for estimator in (KMeans, MiniBatchKMeans):
            patch.setattr(estimator, "fit", stand_in)
        found = {name: learnt_digest(case) for name, case in LEARNT.items()}
    found |= {name: digest(looked_up(*case)) for name, case in GIVEN.items()}
    HASHES.write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    write_hashes()
