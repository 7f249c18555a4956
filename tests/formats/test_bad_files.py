"""A file that is damaged, cut or huge is one clear error."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photos import RGB, STEPS, TIMES, animation, encoded, raw_png, written
from PIL import Image

from napari_quantize.formats.photo.read import read_image


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.jpg", b"", r"^empty\.jpg is empty$"),
        ("notes.txt", b"dear diary", r"^notes\.txt is not an image that can be read$"),
        ("page.jpg", b"<html>" * 99, r"^page\.jpg is not an image that can be read$"),
        ("drawing.eps", b"%!PS-Adobe-3.0 EPSF-3.0\n%%BoundingBox: 0 0 9 9\n", r"^drawing\.eps is not an image that"),
        ("cut.jpg", encoded(RGB, "JPEG")[:-30], r"^cut\.jpg is truncated or damaged: "),
        ("cut.png", encoded(RGB, "PNG")[:-40], r"^cut\.png is truncated or damaged: "),
        ("cut.gif", encoded(RGB, "GIF")[:-1], r"^cut\.gif is truncated or damaged: its end is missing$"),
        (
            "huge.png",
            raw_png(50_000, 50_000, 8, 2, b""),
            r"^huge\.png has 2,500,000,000 pixels: more than the safety limit of [\d,]+ pixels$",
        ),
    ],
)
def test_bad_content_is_one_sentence(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message):
        read_image(tmp_path / name)


def test_missing_files_and_folders_stay_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError):
        read_image(tmp_path / "no.png")
    with pytest.raises((IsADirectoryError, PermissionError)):
        read_image(tmp_path)


CUTTABLE = {
    "JPEG": encoded(RGB, "JPEG"),
    "progressive JPEG": encoded(RGB, "JPEG", progressive=True),
    "PNG": encoded(RGB, "PNG"),
    "WebP": encoded(RGB, "WEBP"),
    "AVIF": encoded(RGB, "AVIF"),
    "JPEG 2000": encoded(RGB, "JPEG2000"),
    "BMP": encoded(RGB, "BMP"),
    "GIF": encoded(RGB, "GIF"),
    "TIFF": encoded(RGB, "TIFF", compression="tiff_lzw"),
    "animated GIF": animation(STEPS, "GIF", duration=TIMES),
    "animated PNG": animation(STEPS, "PNG", duration=TIMES),
    "animated WebP": animation(STEPS, "WEBP", duration=TIMES),
}


def attempt(path: Path) -> tuple[np.ndarray | None, str | None]:
    try:
        return read_image(path)[0], None
    except ValueError as error:
        return None, str(error)


@pytest.mark.parametrize("kind", CUTTABLE)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_file_is_an_error_or_whole_and_never_a_part(tmp_path, kind, data):
    content = CUTTABLE[kind]
    (tmp_path / "whole").write_bytes(content)
    (tmp_path / "cut").write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    pixels, error = attempt(tmp_path / "cut")
    if error is None:
        np.testing.assert_array_equal(pixels, read_image(tmp_path / "whole")[0])
    else:
        assert error.startswith("cut is ")


@pytest.mark.parametrize("kind", CUTTABLE)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_one_error(tmp_path, monkeypatch, kind, data):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 10_000)  # else a damaged size can make the test slow
    content = bytearray(CUTTABLE[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad").write_bytes(content)
    _, error = attempt(tmp_path / "bad")
    assert error is None or error.startswith("bad ")


def test_rest_after_the_end_of_a_gif_is_allowed(tmp_path):
    (tmp_path / "a.gif").write_bytes(animation(STEPS, "GIF") + b"\0\0more")
    np.testing.assert_array_equal(read_image(tmp_path / "a.gif")[0], STEPS)


def test_large_but_allowed_image_is_read_with_a_note(tmp_path, monkeypatch):
    monkeypatch.setattr(Image, "MAX_IMAGE_PIXELS", 34)
    data, info = read_image(written(tmp_path, RGB, "a.png", "PNG"))
    np.testing.assert_array_equal(data, RGB)
    assert info["notes"] == ["The image is unusually large: 35 pixels."]
