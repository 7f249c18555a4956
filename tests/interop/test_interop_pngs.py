"""Other programs read our PNG files, and we read what they make of them."""

import numpy as np
import pytest
from pictures import picture, save
from PIL import Image
from programs import run

from napari_quantize import load, read_image

pytestmark = pytest.mark.interop

KINDS = [(bool, 0), (np.uint8, 0), (np.uint8, 3), (np.uint8, 4), (np.uint16, 0), (np.uint16, 3), (np.uint16, 4)]
RECORD = {"source_name": "Zelle ü 😀", "quality": {"psnr": float("inf"), "mse": 0.1}, "n": [1, None, True]}


@pytest.mark.parametrize("n_colors", [2, 16, 257])
@pytest.mark.parametrize(("dtype", "channels"), KINDS)
def test_imagemagick_and_pngcheck_read_the_same_pixels(dtype, channels, n_colors, tmp_path):
    image = picture(n_colors, channels, dtype)
    path = save(tmp_path / "a.png", image, rgb=bool(channels))
    run("pngcheck", "-q", path)
    wanted = image if dtype is not bool else image * np.uint8(255)
    kind = {0: "gray", 3: "rgb", 4: "rgba"}[channels]
    raw = run("ImageMagick", path, "-depth", 8 * wanted.itemsize, "-endian", "LSB", f"{kind}:-")
    np.testing.assert_array_equal(np.frombuffer(raw, f"<u{wanted.itemsize}").reshape(wanted.shape), wanted)


GREY = picture(9, 0)
PICTURES = {
    "palette": picture(9, 3),
    "grey levels": GREY,
    "grey as colours": np.dstack([GREY] * 3),
    "opaque": np.dstack([picture(300, 3), np.full_like(GREY, 255)]),
    "opaque grey": np.dstack([GREY, GREY, GREY, np.full_like(GREY, 255)]),
    "two equal bytes": GREY * np.uint16(257),
    "16 bit": picture(9, 4, np.uint16),
    "bits": GREY > 99,
}
REWRITE = {
    "optipng": ("-quiet", "-force"),
    "exiftool": ("-q", "-overwrite_original", "-Title=hello"),
}


@pytest.mark.parametrize("program", REWRITE)
@pytest.mark.parametrize("image", PICTURES.values(), ids=PICTURES)
def test_pixels_survive_programs_that_rewrite_the_file(image, program, tmp_path):
    path = save(tmp_path / "a.png", image, rgb=image.ndim == 3, record=RECORD)
    before = path.read_bytes()
    run(program, *REWRITE[program], path)
    assert path.read_bytes() != before
    loaded = load(path)
    assert (loaded.raster.record, loaded.info["notes"]) == (RECORD, [])
    assert loaded.raster.image.dtype == image.dtype
    np.testing.assert_array_equal(loaded.raster.image, image)


def test_palettes_of_pngquant_are_read(tmp_path):
    path = save(tmp_path / "a.png", picture(300, 4), rgb=True)
    run("pngquant", "--nofs", "--output", tmp_path / "b.png", "32", path)
    with Image.open(tmp_path / "b.png") as opened:
        assert opened.mode == "P"
        wanted = np.asarray(opened.convert("RGBA"))
    image, _ = read_image(tmp_path / "b.png")
    np.testing.assert_array_equal(image, wanted)
    assert len(np.unique(image.reshape(-1, 4), axis=0)) == 32
