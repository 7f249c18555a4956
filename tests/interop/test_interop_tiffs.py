"""Other programs read the same pixels in our TIFF files."""

import numpy as np
import pytest
import tifffile
from pictures import picture, save
from programs import run

pytestmark = pytest.mark.interop

DTYPES = (
    *("bool", "uint8", "int8", "uint16", "int16", "uint32", "int32", "uint64", "int64"),
    *("float16", "float32", "float64"),
)


@pytest.mark.parametrize("program", [("ImageMagick",), ("GraphicsMagick", "convert")], ids=lambda program: program[0])
@pytest.mark.parametrize("dtype", ["uint8", "uint16"])
@pytest.mark.parametrize("channels", [0, 3])
@pytest.mark.parametrize("ending", [".tif", ".ome.tif"])
def test_magick_reads_the_same_pixels(tmp_path, program, dtype, channels, ending):
    image = picture(300, channels, np.dtype(dtype).type)
    path = save(tmp_path / f"a{ending}", image, rgb=bool(channels), unit="micrometer")
    order = ["-depth", 8 * image.itemsize, "-endian", "LSB", f"{'rgb' if channels else 'gray'}:-"]
    raw = run(*program, path, *order)
    np.testing.assert_array_equal(np.frombuffer(raw, f"<u{image.itemsize}").reshape(image.shape), image)


@pytest.mark.parametrize("dtype", DTYPES)
def test_libtiff_copies_the_same_pixels(tmp_path, dtype):
    image = (np.random.default_rng(0).random((3, 40, 50)) * 120).astype(dtype)
    path = save(tmp_path / "a.tif", image, rgb=False)
    run("tiffcp", "-c", "none", path, tmp_path / "b.tif")
    np.testing.assert_array_equal(tifffile.imread(tmp_path / "b.tif", is_shaped=False, is_ome=False), image)
