"""What the dock says of the file that an image was read from."""

import pytest

from napari_quantize.text.photo import file_line, file_tooltip, short_file_line

PNG = {
    "format": "PNG",
    "original_size": [512, 512],
    "file_kb": 683.2,
    "bits_per_pixel": 21.35,
    "compression_ratio": 1.124,
}


def test_the_facts_of_a_photo():
    assert file_line(PNG) == "PNG 512×512 · 683 KB · 21.4 bits/px · 1.12 : 1"
    assert short_file_line(PNG) == "PNG 683 KB"
    assert file_tooltip(PNG).startswith("The file: PNG 512×512 · 683 KB")


def test_the_facts_of_several_files():
    several = {"files": ["a.png", "b.png"], "file_kb": 1500.0, "bits_per_pixel": 3.0, "compression_ratio": 8.0}
    assert file_line(several) == "2 files · 1,500 KB · 3.00 bits/px · 8.00 : 1"
    assert short_file_line(several) == "files 1,500 KB"


def test_facts_written_by_an_earlier_release():
    assert file_line({"format": "JPEG", "original_size": [4, 3], "file_kb": 97.0}) == "JPEG 4×3 · 97.0 KB"


@pytest.mark.parametrize(
    "file", [None, "a.png", [], {}, {"format": 7, "original_size": "big", "file_kb": "much", "bits_per_pixel": None}]
)
def test_unknown_metadata_give_no_text(file):
    assert (file_line(file), short_file_line(file), file_tooltip(file)) == ("", "", "")
