"""Images with calibrations, as the tests of saving and loading make them."""

import io

import numpy as np
import tifffile
from hypothesis import strategies as st

from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.formats.tiff.write import write_tiff
from napari_quantize.formats.units import MAX_STEP, MIN_STEP

DTYPES = (
    "bool",
    "uint8",
    "int8",
    "uint16",
    "int16",
    "uint32",
    "int32",
    "uint64",
    "int64",
    "float16",
    "float32",
    "float64",
)
LENGTHS = ("pixel", "nanometer", "micrometer", "millimeter", "meter", "inch")
TIMES = ("pixel", "millisecond", "second", "minute")


def grey(*shape: int, dtype: str = "uint8", seed: int = 0) -> np.ndarray:
    return (np.random.default_rng(seed).random(shape) * 120).astype(dtype)


def raster(
    image: np.ndarray, axes: str = "yx", *, rgb: bool = False, scale: float = 1.0, unit: str = "pixel"
) -> Raster:
    return Raster(image, rgb, Calibration(tuple(axes), (scale,) * len(axes), (unit,) * len(axes)))


def encode_tiff(image: np.ndarray | None = None, **options) -> bytes:
    """Return a TIFF of tifffile."""
    stream = io.BytesIO()
    tifffile.imwrite(stream, grey(40, 50) if image is None else image, **options)
    return stream.getvalue()


def encode_our_tiff(image: np.ndarray, axes: str = "zyx", *, rgb: bool = False, ome: bool = False) -> bytes:
    """Return a TIFF that this package writes."""
    stream = io.BytesIO()
    write_tiff(stream, raster(image, axes, rgb=rgb, scale=0.5, unit="micrometer"), ome=ome)
    return stream.getvalue()


def encode_npy(image: np.ndarray, **options) -> bytes:
    """Return a file of numpy."""
    stream = io.BytesIO()
    np.save(stream, image, **options)
    return stream.getvalue()


def assert_same(got: Raster, wanted: Raster) -> None:
    assert got.image.dtype == wanted.image.dtype.newbyteorder("=")
    np.testing.assert_array_equal(got.image, wanted.image)
    assert got.rgb == wanted.rgb
    assert got.calibration == wanted.calibration
    assert got.codebook == wanted.codebook
    assert got.record == wanted.record


@st.composite
def calibrations(draw: st.DrawFn, n_axes: int) -> Calibration:
    unnamed = st.lists(st.text(max_size=6), min_size=n_axes, max_size=n_axes, unique=True).map(tuple)
    letters = st.permutations("tzcyxw").map(lambda names: tuple(names[:n_axes]))
    names = draw(st.one_of(st.just(tuple("wtzcyx"[-n_axes:])), letters, unnamed))
    sizes = st.one_of(
        st.just(1.0),
        st.floats(1e-3, 1e3),
        st.floats(MIN_STEP, MAX_STEP),
        st.floats(-MAX_STEP, -MIN_STEP),
    )
    units = tuple(draw(st.sampled_from((*TIMES, "degree") if name == "t" else (*LENGTHS, "volt"))) for name in names)
    return Calibration(names, tuple(draw(sizes) for _ in names), units)


@st.composite
def rasters(draw: st.DrawFn) -> Raster:
    shape = draw(st.lists(st.integers(1, 4), min_size=1, max_size=6))
    rgb = len(shape) > 1 and draw(st.booleans())
    dtype = np.dtype(draw(st.sampled_from(DTYPES)))
    image = grey(
        *shape, *([draw(st.sampled_from((3, 4)))] if rgb else []), dtype=dtype.name, seed=draw(st.integers(0, 9))
    )
    image = draw(
        st.sampled_from(
            (
                image,
                np.asfortranarray(image),
                image[..., ::-1],
                image.astype(dtype.newbyteorder(">")),
                np.repeat(image, 2, 0)[::2],
            )
        )
    )
    record = draw(st.sampled_from((None, {"made": "here", "numbers": [1, 2.5, None, True], "ü": '<&>"\n'})))
    return Raster(image, rgb, draw(calibrations(len(shape))), None, record)
