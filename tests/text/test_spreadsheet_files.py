"""CSV files that spreadsheets open as UTF-8."""

import codecs

import pytest

from napari_quantize.text.spreadsheet import csv_text, write_csv


def test_spreadsheets_know_the_encoding_by_its_mark(tmp_path):
    path = tmp_path / "areas.csv"
    write_csv(path, csv_text([["area (µm²)"], [0.5]]), overwrite=False)
    assert path.read_bytes() == codecs.BOM_UTF8 + "area (µm²)\n0.5\n".encode()
    with pytest.raises(FileExistsError):
        write_csv(path, "", overwrite=False)
    write_csv(path, "caf\udce9.tif\n", overwrite=True)  # how Python shows a file's name that is not UTF-8
    assert path.read_text("utf-8-sig") == "caf?.tif\n"
