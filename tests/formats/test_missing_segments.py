"""A TIFF whose strips or tiles are fewer or smaller than its size needs is refused, not read as zeros."""

import io
import tracemalloc

import numpy as np
import pytest
import tifffile
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from rasters import encode_tiff, grey

from napari_quantize.formats.load import load

ONE_FOLDER = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
STRIPS, TILES = (273, 279), (324, 325)
GREY, COLORS = grey(40, 50) + np.uint8(1), grey(40, 50, 3) + np.uint8(1)
LAYOUTS = {
    "strips": (encode_tiff(GREY, rowsperstrip=8), STRIPS, r"4 of the 5 strips that 50×40 pixels need"),
    "deflate": (
        encode_tiff(GREY, rowsperstrip=8, compression="zlib"),
        STRIPS,
        r"4 of the 5 strips that 50×40 pixels need",
    ),
    "tiles": (encode_tiff(GREY, tile=(16, 16)), TILES, r"11 of the 12 tiles that 50×40 pixels need"),
    "compressed tiles": (
        encode_tiff(GREY, tile=(16, 16), compression="zlib"),
        TILES,
        r"11 of the 12 tiles that 50×40 pixels need",
    ),
    "planes": (
        encode_tiff(np.moveaxis(COLORS, -1, 0), planarconfig="separate", photometric="rgb", rowsperstrip=20),
        STRIPS,
        r"5 of the 6 strips that 50×40 pixels in 3 planes need",
    ),
    "tiled planes": (
        encode_tiff(np.moveaxis(COLORS, -1, 0), planarconfig="separate", photometric="rgb", tile=(32, 32)),
        TILES,
        r"11 of the 12 tiles that 50×40 pixels in 3 planes need",
    ),
    "colours": (encode_tiff(COLORS, rowsperstrip=8), STRIPS, r"4 of the 5 strips that 50×40 pixels need"),
    "palette": (
        encode_tiff(GREY, rowsperstrip=8, photometric="palette", colormap=np.full((3, 256), 65535, np.uint16)),
        STRIPS,
        r"4 of the 5 strips that 50×40 pixels need",
    ),
    "big": (encode_tiff(GREY, rowsperstrip=8, bigtiff=True), STRIPS, r"4 of the 5 strips that 50×40 pixels need"),
}
STACKS = {
    "pages": encode_tiff(
        np.stack([GREY] * 3), rowsperstrip=8, compression="zlib", metadata=None, photometric="minisblack"
    ),
    "imagej": encode_tiff(
        np.stack([GREY] * 3), rowsperstrip=8, compression="zlib", imagej=True, photometric="minisblack"
    ),
    "ome": encode_tiff(np.stack([GREY] * 3), rowsperstrip=8, compression="zlib", ome=True, photometric="minisblack"),
    "uncompressed": encode_tiff(np.stack([GREY] * 3), rowsperstrip=8, metadata=None, photometric="minisblack"),
}


def byte_order(content: bytes) -> str:
    return "big" if content.startswith(b"MM") else "little"


def changed(content: bytes, code: int, page: int = 0, **entry: int) -> bytes:
    """Return a TIFF with another number of values (`count`) or another only value (`value`) in a tag."""
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        tag, big = opened.pages[page].aspage().tags[code], opened.is_bigtiff
    file = bytearray(content)
    (name, number), size = next(iter(entry.items())), 8 if big else 4
    position = tag.offset + 4 + (size if name == "value" else 0)
    file[position : position + size] = number.to_bytes(size, byte_order(content))
    return bytes(file)


def with_values(content: bytes, code: int, values: dict[int, int], page: int = 0) -> bytes:
    """Return a TIFF with other values at these indices of a tag that holds several."""
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        tag = opened.pages[page].aspage().tags[code]
        size = {3: 2, 4: 4, 16: 8}[int(tag.dtype)]
    file = bytearray(content)
    for index, value in values.items():
        position = tag.valueoffset + size * index
        file[position : position + size] = value.to_bytes(size, byte_order(content))
    return bytes(file)


def refusal(tmp_path, content: bytes) -> str:
    (tmp_path / "a.tif").write_bytes(content)
    with pytest.raises(ValueError, match=r"^a\.tif is truncated or damaged: ") as caught:
        load(tmp_path / "a.tif")
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("which", [(0,), (1,), (0, 1)], ids=["offsets", "byte counts", "both"])
@pytest.mark.parametrize("layout", LAYOUTS)
def test_fewer_segments_than_the_size_needs_are_refused_with_both_numbers(tmp_path, layout, which):
    content, codes, sentence = LAYOUTS[layout]
    (tmp_path / "whole.tif").write_bytes(content)
    assert load(tmp_path / "whole.tif").raster.image.all()
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        count = opened.pages[0].tags[codes[0]].count
    for index in which:
        content = changed(content, codes[index], count=count - 1)
    assert refusal(tmp_path, content).endswith(f"it has {sentence}")


@pytest.mark.parametrize("page", [0, 1, 2])
@pytest.mark.parametrize("stack", STACKS)
def test_each_plane_of_a_stack_needs_its_segments(tmp_path, stack, page):
    content = STACKS[stack]
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        page = min(page, len(opened.pages) - 1)
    for code in STRIPS:
        content = changed(content, code, page, count=3)
    refusal(tmp_path, content)  # in words of tifffile, which compares pages itself, or in ours


def test_segments_beyond_the_end_of_the_file_are_counted(tmp_path):
    content = with_values(LAYOUTS["deflate"][0], 273, {1: 10**6, 3: 2 * 10**6})
    assert refusal(tmp_path, content).endswith("2 of its 5 strips reach beyond the end of the file")


def test_strips_without_offset_or_bytes_are_refused(tmp_path):
    content = LAYOUTS["deflate"][0]
    assert refusal(tmp_path, with_values(content, 273, {1: 0})).endswith("1 of its 5 strips have no offset or no bytes")
    assert refusal(tmp_path, with_values(content, 279, {1: 0, 2: 0})).endswith(
        "2 of its 5 strips have no offset or no bytes"
    )
    nothing = dict.fromkeys(range(5), 0)
    nothing_at_all = with_values(with_values(content, 273, nothing), 279, nothing)
    assert refusal(tmp_path, nothing_at_all).endswith("all of its 5 strips are missing")


def test_strips_that_were_left_out_on_purpose_are_noted(tmp_path):
    content = with_values(with_values(LAYOUTS["deflate"][0], 273, {1: 0}), 279, {1: 0})
    (tmp_path / "a.tif").write_bytes(content)
    loaded = load(tmp_path / "a.tif")
    assert not loaded.raster.image[8:16].any()
    assert loaded.info["notes"] == ["1 of 5 strips are not in the file; they were read as 0."]


def test_strips_of_a_photo_that_were_left_out_are_noted(tmp_path):
    content = encode_tiff(GREY, tile=(16, 16), photometric="palette", colormap=np.full((3, 256), 65535, np.uint16))
    (tmp_path / "a.tif").write_bytes(with_values(with_values(content, 324, {1: 0}), 325, {1: 0}))
    assert load(tmp_path / "a.tif").info["notes"] == ["1 of 12 tiles are not in the file; they were read as 0."]


def test_all_rows_in_one_strip_are_read_though_the_header_says_fewer(tmp_path):
    content = changed(encode_tiff(GREY), 278, value=8)
    (tmp_path / "a.tif").write_bytes(content)
    np.testing.assert_array_equal(load(tmp_path / "a.tif").raster.image, GREY)


@pytest.mark.parametrize("compression", [None, "zlib", "lzw", "packbits"])
def test_a_small_file_takes_little_memory_whatever_size_it_claims(tmp_path, compression):
    content = encode_tiff(GREY, compression=compression)
    for code, value in ((256, 30_000), (257, 30_000), (278, 30_000)):
        content = changed(content, code, value=value)
    tracemalloc.start()
    message = refusal(tmp_path, content)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert "30,000×30,000 pixels" in message or "bytes are missing" in message
    assert peak < 10**7


@given(data=st.data())
@ONE_FOLDER
def test_dropped_segments_are_never_read_as_zeros(tmp_path, data):
    content, codes, _ = LAYOUTS[data.draw(st.sampled_from(sorted(LAYOUTS)))]
    with tifffile.TiffFile(io.BytesIO(content)) as opened:
        count = opened.pages[0].tags[codes[0]].count
    for code in data.draw(st.sampled_from([codes[:1], codes[1:], codes])):
        content = changed(content, code, count=data.draw(st.integers(1, count)))
    if data.draw(st.booleans()):
        content = with_values(content, codes[0], {data.draw(st.integers(0, count - 1)): 0})
    (tmp_path / "a.tif").write_bytes(content)
    try:
        loaded = load(tmp_path / "a.tif")
    except ValueError as error:
        assert str(error).startswith("a.tif is ")  # noqa: PT017
    else:
        assert loaded.raster.image.all() or loaded.info["notes"]


@pytest.mark.parametrize("height", [41, 400, 10**5])
@pytest.mark.parametrize("layout", ["strips", "deflate", "tiles", "compressed tiles"])
def test_a_larger_height_in_the_header_is_refused(tmp_path, layout, height):
    content = changed(LAYOUTS[layout][0], 257, value=height)
    if height == 41 and layout.endswith("tiles"):
        height = 49
        content = changed(LAYOUTS[layout][0], 257, value=height)
    assert f"{height:,} pixels need" in refusal(tmp_path, content)


@pytest.mark.parametrize("dtype", ["uint8", "uint16", ">u2"])
@pytest.mark.parametrize("predictor", [False, True])
@pytest.mark.parametrize("planes", [1, 3])
def test_a_last_deflated_strip_with_more_rows_than_the_image_is_cut(tmp_path, dtype, predictor, planes):
    image = grey(planes, 48, 50, dtype=dtype)
    content = encode_tiff(
        image,
        rowsperstrip=16,
        photometric="minisblack",
        compression="zlib",
        predictor=predictor,
        metadata=None,
        byteorder=dtype[:1] if dtype[0] in "<>" else None,
    )
    for page in range(planes):
        content = changed(content, 257, page, value=41)
    (tmp_path / "a.tif").write_bytes(content)
    loaded = load(tmp_path / "a.tif")
    np.testing.assert_array_equal(loaded.raster.image, image[:, :41].squeeze())
    assert loaded.raster.image.dtype == image.dtype.newbyteorder("=")
    assert loaded.info["notes"] == []


def write_ome_set(folder, planes, **options):
    """Write each plane into a file of its own, as one image of several channels; return the files."""
    uuids = [f"urn:uuid:00000000-0000-0000-0000-00000000000{number}" for number in range(len(planes))]
    names = [f"a_C{number}.ome.tif" for number in range(len(planes))]
    parts = "".join(
        f'<TiffData FirstC="{number}" IFD="0" PlaneCount="1"><UUID FileName="{name}">{uuid}</UUID></TiffData>'
        for number, (name, uuid) in enumerate(zip(names, uuids, strict=True))
    )
    channels = "".join(f'<Channel ID="Channel:0:{number}" SamplesPerPixel="1"/>' for number in range(len(planes)))
    height, width = planes[0].shape
    for name, uuid, plane in zip(names, uuids, planes, strict=True):
        words = (
            f'<?xml version="1.0"?><OME xmlns="http://www.openmicroscopy.org/Schemas/OME/2016-06" UUID="{uuid}">'
            f'<Image ID="Image:0"><Pixels ID="Pixels:0" DimensionOrder="XYZCT" Type="uint8" SizeX="{width}" '
            f'SizeY="{height}" SizeZ="1" SizeC="{len(planes)}" SizeT="1">{channels}{parts}</Pixels></Image></OME>'
        )
        tifffile.imwrite(folder / name, plane, description=words, metadata=None, photometric="minisblack", **options)
    return [folder / name for name in names]


@pytest.mark.parametrize("options", [{}, {"compression": "zlib"}, {"compression": "jpeg"}, {"rowsperstrip": 7}])
def test_an_image_in_several_files_is_read_from_each_of_them(tmp_path, options):
    planes = [np.full((40, 50), 7, np.uint8), GREY]  # of which the first is smaller when it is compressed
    files = write_ome_set(tmp_path, planes, **options)
    for path in files:
        loaded = load(path)
        expected = tifffile.imread(files[0])
        np.testing.assert_array_equal(loaded.raster.image, expected)
        assert loaded.raster.image.shape == (2, 40, 50)
        assert loaded.channel_axis == 0


def test_a_damaged_file_of_several_is_refused(tmp_path):
    files = write_ome_set(tmp_path, [GREY, np.full((40, 50), 7, np.uint8)], compression="zlib", rowsperstrip=8)
    whole = files[0].read_bytes()
    with tifffile.TiffFile(files[0]) as file:
        last = file.pages[0].dataoffsets[-1]
    files[0].write_bytes(whole[: last + 3])
    for path in files:
        with pytest.raises(ValueError, match="truncated or damaged"):
            load(path)
