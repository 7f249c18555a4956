"""A TIFF or a NumPy file that cannot be read is one sentence that names it, and takes no memory."""

import io
import re
import struct
import zlib

import numpy as np
import pytest
import tifffile
from photos import encoded
from rasters import encode_npy, encode_our_tiff, encode_tiff, grey, raster

from napari_quantize.formats import arrays
from napari_quantize.formats.load import load
from napari_quantize.formats.save import save_raster


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
    return encode_tiff(
        grey(3, 40, 50, dtype="int16"), description=xml.encode(), metadata=None, photometric="minisblack"
    )


OME_FILE = encode_our_tiff(grey(3, 40, 50, dtype="int16"), ome=True)
with tifffile.TiffFile(io.BytesIO(OME_FILE)) as opened:
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
        ("slice.dcm", b"II*\0" + bytes(124) + b"DICM", r"^slice\.dcm is not an image that can be read$"),
        ("cut.tif", encode_tiff()[:-500], r"^cut\.tif is truncated or damaged: 500 bytes are missing$"),
        ("cut.tif", encode_tiff(grey(3, 40, 50), imagej=True)[:-500], r"^cut\.tif is truncated or damaged"),
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
        ("waves.tif", encode_tiff(np.ones((5, 7), np.complex64)), r"^waves\.tif: images of dtype complex64 cannot"),
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
        ("cut.npy", encode_npy(grey(40, 50))[:-1], r"^cut\.npy is truncated or damaged"),
        ("cut.npy", encode_npy(grey(40, 50))[:20], r"^cut\.npy is truncated or damaged"),
        (
            "objects.npy",
            encode_npy(np.array([{}, 1], object), allow_pickle=True),
            r"^objects\.npy is truncated or damaged: .*object",
        ),
        ("words.npy", encode_npy(np.array(["a", "b"])), r"^words\.npy: images of dtype <U1 cannot"),
        ("one.npy", encode_npy(np.array(3.0)), r"^one\.npy holds no image: its shape is \(\)$"),
        ("none.npy", encode_npy(np.empty((0, 5))), r"^none\.npy (holds no image|is truncated)"),
        (
            "garbled.npy",
            encode_npy(grey(5, 7)).replace(b"order':", b"order'("),
            r"^garbled\.npy is truncated or damaged: its header",
        ),
        ("huge.npy", huge_npy((50_000, 50_000)) + b"\0" * 99, r"^huge\.npy is truncated or damaged"),
    ],
)
def test_bad_tiff_and_numpy_files_are_errors_of_one_sentence(tmp_path, name, content, message):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=message) as caught:
        load(tmp_path / name)
    assert "\n" not in str(caught.value)


def test_complete_files_above_the_limit_of_memory_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(arrays, "MAX_ARRAY_BYTES", 5999)
    for name, content in {"a.npy": encode_npy(grey(3, 40, 50)), "a.tif": encode_our_tiff(grey(3, 40, 50))}.items():
        (tmp_path / name).write_bytes(content)
        with pytest.raises(
            ValueError, match=rf"{re.escape(name)} would need .* \(3 × 40 × 50 values of uint8\): more than"
        ):
            load(tmp_path / name)


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", encode_tiff(grey(5, 7))),
        ("a.tif", encoded(grey(5, 7), "PNG")),
        ("a.jpg", encode_npy(grey(5, 7))),
        ("a", encode_our_tiff(grey(5, 7), "yx")),
    ],
)
def test_the_content_and_not_the_name_tells_the_format(tmp_path, name, content):
    (tmp_path / name).write_bytes(content)
    np.testing.assert_array_equal(load(tmp_path / name).raster.image, grey(5, 7))


@pytest.mark.parametrize("size", [(0, 5), (5,), "big", (2.5, 3), (True, 3)])
def test_a_size_must_be_two_integers(tmp_path, size):
    path = save_raster(tmp_path / "a.tif", raster(grey(5, 7))).path
    with pytest.raises(ValueError, match=r"^size=.* must be two integers of at least 1: \(width, height\)$"):
        load(path, size)
