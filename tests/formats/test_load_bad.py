"""A file that cannot be read is one sentence that names it, and takes no memory."""

import io
import os
import re
import struct
import sys
import zlib

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from photos import RGB, encoded, raw_png
from rasters import grey, raster

from napari_quantize.formats import arrays
from napari_quantize.formats.load import load
from napari_quantize.formats.save import save_raster
from napari_quantize.formats.tiff.write import write_tiff


def tiff(image=None, **options) -> bytes:
    stream = io.BytesIO()
    tifffile.imwrite(stream, grey(40, 50) if image is None else image, **options)
    return stream.getvalue()


def ours(image, axes="zyx", *, rgb=False, ome=False) -> bytes:
    stream = io.BytesIO()
    write_tiff(stream, raster(image, axes, rgb=rgb, scale=0.5, unit="micrometer"), ome=ome)
    return stream.getvalue()


def npy(image, **options) -> bytes:
    stream = io.BytesIO()
    np.save(stream, image, **options)
    return stream.getvalue()


def one_strip(data: bytes, width: int = 50, height: int = 40, bits: int = 8, compression: int = 7) -> bytes:
    """Build a TIFF of grey values in one strip."""
    tags = [(256, 4, width), (257, 4, height), (258, 3, bits), (259, 3, compression), (262, 3, 1), (273, 4, 122)]
    tags += [(277, 3, 1), (278, 4, height), (279, 4, len(data))]
    entries = b"".join(struct.pack("<HHII", tag, kind, 1, value) for tag, kind, value in tags)
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + b"\0\0\0\0" + data


def huge_npy(shape: tuple[int, ...], dtype: str = "|u1") -> bytes:
    header = f"{{'descr': '{dtype}', 'fortran_order': False, 'shape': {shape}, }}".encode().ljust(117) + b"\n"
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header


def described(xml: str) -> bytes:
    return tiff(grey(3, 40, 50, dtype="int16"), description=xml.encode(), metadata=None, photometric="minisblack")


WHOLE_OME = ours(grey(3, 40, 50, dtype="int16"), ome=True)
with tifffile.TiffFile(io.BytesIO(WHOLE_OME)) as opened:
    OME = str(opened.ome_metadata)
LAUGHS = "".join(f'<!ENTITY a{i} "' + f"&a{i - 1};" * 9 + '">' for i in range(1, 12))
BOMB = OME.replace("<OME", f'<!DOCTYPE a [<!ENTITY a0 "ha">{LAUGHS}]><OME', 1).replace('Name="Image0"', 'Name="&a11;"')


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("empty.tif", b"", r"^empty\.tif is empty$"),
        ("text.tif", b"dear diary", r"^text\.tif is not an image that can be read$"),
        ("header.tif", b"II*\0", r"^header\.tif is truncated or damaged"),
        ("nothing.tif", b"II*\0\x08\0\0\0\0\0\0\0\0\0", r"^nothing\.tif holds no image"),
        ("cut.tif", tiff()[:-500], r"^cut\.tif is truncated or damaged: 500 bytes are missing$"),
        ("cut.tif", tiff(grey(3, 40, 50), imagej=True)[:-500], r"^cut\.tif is truncated or damaged"),
        (
            "huge.tif",
            one_strip(bytes(100), 50_000, 50_000, 16),
            r"^huge\.tif would need 4\.7 GB \(50,000 × 50,000 values of uint16\): more",
        ),
        (
            "wide.tif",
            described(OME.replace('SizeZ="3"', 'SizeZ="999999999"')),
            r"^wide\.tif is damaged: .* 999,999,999 planes",
        ),
        *(
            (f"{n}.tif", described(OME.replace('SizeZ="3"', size)), rf"^{n}\.tif is damaged: .* 999,999,999 planes")
            for n, size in enumerate(("SizeZ='999999999'", 'SizeZ = "999999999"', 'SizeZ="&#57;99_999_999"'))
        ),
        ("many.tif", described(OME.replace('PlaneCount="3"', 'PlaneCount="99999999999"')), r"^many\.tif is damaged: "),
        ("bomb.tif", described(BOMB), r"^bomb\.tif is truncated or damaged"),
        ("waves.tif", tiff(np.ones((5, 7), np.complex64)), r"^waves\.tif: images of dtype complex64 cannot"),
        (
            "nested.tif",
            one_strip(encoded(np.zeros((300, 200), np.uint8), "JPEG")),
            r"^nested\.tif is truncated or damaged: a part of 50×40 pixels holds a JPEG of 200×300$",
        ),
        (
            "deflated.tif",
            one_strip(zlib.compress(bytes(10**7)), compression=8),
            r"^deflated\.tif is truncated or damaged",
        ),
        ("cut.npy", npy(grey(40, 50))[:-1], r"^cut\.npy is truncated or damaged"),
        ("cut.npy", npy(grey(40, 50))[:20], r"^cut\.npy is truncated or damaged"),
        (
            "objects.npy",
            npy(np.array([{}, 1], object), allow_pickle=True),
            r"^objects\.npy is truncated or damaged: .*object",
        ),
        ("words.npy", npy(np.array(["a", "b"])), r"^words\.npy: images of dtype <U1 cannot"),
        ("one.npy", npy(np.array(3.0)), r"^one\.npy holds no image: its shape is \(\)$"),
        ("none.npy", npy(np.empty((0, 5))), r"^none\.npy (holds no image|is truncated)"),
        (
            "garbled.npy",
            npy(grey(5, 7)).replace(b"order':", b"order'("),
            r"^garbled\.npy is truncated or damaged: its header",
        ),
        ("huge.npy", huge_npy((50_000, 50_000)) + b"\0" * 99, r"^huge\.npy is truncated or damaged"),
        ("huge.png", raw_png(50_000, 50_000, 8, 2, b""), r"^huge\.png has 2,500,000,000 pixels: more than"),
        ("cut.png", encoded(RGB, "PNG")[:-40], r"^cut\.png is truncated or damaged"),
    ],
)
def test_bad_content_is_one_sentence(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        load(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_limits_hold_for_files_that_are_all_there(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "MAX_ARRAY_BYTES", 5999)
    for name, content in {"a.npy": npy(grey(3, 40, 50)), "a.tif": ours(grey(3, 40, 50))}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(
            ValueError, match=rf"{re.escape(name)} would need .* \(3 × 40 × 50 values of uint8\): more than"
        ):
            load(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", tiff(grey(5, 7))),
        ("a.tif", encoded(grey(5, 7), "PNG")),
        ("a.jpg", npy(grey(5, 7))),
        ("a", ours(grey(5, 7), "yx")),
    ],
)
def test_what_a_file_is_is_told_by_its_content(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    np.testing.assert_array_equal(load(tmp_path / name).raster.image, grey(5, 7))


def test_folders_and_missing_files_are_what_they_are(tmp_path):
    with pytest.raises(FileNotFoundError, match=r"missing\.tif"):
        load(tmp_path / "missing.tif")
    with pytest.raises((IsADirectoryError, PermissionError), match=tmp_path.name):
        load(tmp_path)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="there are no pipes in the file system")
def test_a_pipe_is_not_waited_for(tmp_path):
    os.mkfifo(tmp_path / "a.tif")
    with pytest.raises(ValueError, match=r"a\.tif is a pipe or a device"):
        load(tmp_path / "a.tif")


@pytest.mark.skipif(sys.platform != "linux", reason="permissions of POSIX, which on Linux can bind root, too")
def test_no_permission(tmp_path, bound_by_permissions):
    path = save_raster(tmp_path / "a.tif", raster(grey(5, 7))).path
    path.chmod(0)
    with pytest.raises(PermissionError, match=r"a\.tif"):
        load(path)


@pytest.mark.parametrize("size", [(0, 5), (5,), "big", (2.5, 3), (True, 3)])
def test_a_size_is_two_integers(tmp_path, size):
    path = save_raster(tmp_path / "a.tif", raster(grey(5, 7))).path
    with pytest.raises(ValueError, match=r"^size=.* must be two integers of at least 1: \(width, height\)$"):
        load(path, size)


WHOLE = {
    "plain": tiff(),
    "imagej": ours(grey(3, 20, 30)),
    "ome": WHOLE_OME,
    "shaped": ours(grey(3, 20, 30, dtype="float16")),
    "rgb": ours(grey(20, 30, 3), "yx", rgb=True),
    "lzw": tiff(compression="lzw", predictor=True),
    "jpeg": tiff(grey(40, 50, 3), compression="jpeg", photometric="rgb"),
    "tiles": tiff(tile=(16, 16), compression="zstd"),
    "palette": tiff(photometric="palette", colormap=np.zeros((3, 256), np.uint16)),
    "big": tiff(bigtiff=True),
    "npy": npy(grey(40, 50)),
}


@pytest.mark.parametrize("kind", WHOLE)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_cut_file_is_an_error_or_whole_and_never_a_part(tmp_path, kind, data):
    content = WHOLE[kind]
    (tmp_path / "whole").write_bytes(content)
    (tmp_path / "cut").write_bytes(content[: data.draw(st.integers(0, len(content) - 1))])
    try:
        image = load(tmp_path / "cut").raster.image
    except ValueError as error:
        assert str(error).startswith("cut ")  # noqa: PT017
    else:
        np.testing.assert_array_equal(image, load(tmp_path / "whole").raster.image)


@pytest.mark.parametrize("kind", WHOLE)
@given(data=st.data())
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
def test_a_damaged_file_is_read_or_one_error(tmp_path, monkeypatch, kind, data):
    monkeypatch.setattr(arrays, "MAX_ARRAY_BYTES", 10**6)  # else a damaged size can make the test slow
    content = bytearray(WHOLE[kind])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    (tmp_path / "bad").write_bytes(content)
    try:
        load(tmp_path / "bad")
    except ValueError as error:
        assert str(error).startswith("bad")  # noqa: PT017
