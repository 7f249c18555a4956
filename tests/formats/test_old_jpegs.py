"""TIFF files with JPEG of the old style are read as far as Pillow reads them; of the others one sentence says so."""

import struct

import numpy as np
import pytest
from photos import encoded

from napari_quantize.formats.load import load

IMAGE = np.repeat(np.add.outer(np.arange(40), np.arange(48))[..., np.newaxis] * 2, 3, axis=-1).astype(np.uint8)
JPEG = encoded(IMAGE, "JPEG", quality=95, subsampling=0)
_SCAN = JPEG.index(b"\xff\xda")
SCAN = _SCAN + 2 + int.from_bytes(JPEG[_SCAN + 2 : _SCAN + 4], "big")  # behind the header of the scan


def old_jpeg(strip: tuple[int, int] | None, rows: int = 40) -> bytes:
    """Build a TIFF around the JPEG: the strip, as its start and its end in the JPEG, and the tags of the old style."""
    offset = 8 + 2 + 12 * (12 if strip else 10) + 4 + 6
    tags = [(256, 4, 1, 48), (257, 4, 1, 40), (258, 3, 3, offset - 6), (259, 3, 1, 6), (262, 3, 1, 6), (277, 3, 1, 3)]
    tags += [(278, 4, 1, rows), (284, 3, 1, 1), (513, 4, 1, offset), (514, 4, 1, SCAN if strip else len(JPEG))]
    if strip:
        tags += [(273, 4, 1, offset + strip[0]), (279, 4, 1, strip[1] - strip[0])]
    entries = b"".join(struct.pack("<HHII", *tag) for tag in sorted(tags))
    return b"II*\0" + struct.pack("<IH", 8, len(tags)) + entries + bytes(4) + struct.pack("<HHH", 8, 8, 8) + JPEG


@pytest.mark.parametrize("strip", [(0, len(JPEG)), (SCAN, len(JPEG))], ids=["a whole JPEG", "without its header"])
def test_what_pillow_reads_is_read(tmp_path, strip):
    (tmp_path / "a.tif").write_bytes(old_jpeg(strip))
    loaded = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(loaded.raster.image, IMAGE)
    assert loaded.raster.rgb


def test_others_are_not_supported_rather_than_damaged(tmp_path, capfd):
    (tmp_path / "a: b.tif").write_bytes(old_jpeg(None, rows=8))
    message = (
        r"^a: b\.tif is of a kind that is not supported: a JPEG of the old style \(it has 1 of the 5 strips that .*\)$"
    )
    with pytest.raises(ValueError, match=message):
        load(tmp_path / "a: b.tif")
    assert capfd.readouterr() == ("", "")  # libtiff would print what it misses
