"""What the table shows, copies and saves of results: no window."""

import csv
import io

import numpy as np
import pytest
from napari.layers import Image

from napari_quantize import sweep
from napari_quantize.core.quality.noise import estimate_noise
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.formats.png.encode import encode_png, png_kb
from napari_quantize.viewer.layers.axes import Plane
from napari_quantize.viewer.layers.provenance import Provenance
from napari_quantize.viewer.layers.rasters import raster_of, told_by
from napari_quantize.viewer.layers.sources import Source
from napari_quantize.viewer.measure.slow_figures import Figure, Measure
from napari_quantize.viewer.table.columns import COLUMNS
from napari_quantize.viewer.table.rows import Sheet, row_of_result, row_of_source

RNG = np.random.default_rng(0)
GREY = RNG.integers(0, 200, (12, 16), dtype=np.uint8)
RGB = RNG.integers(0, 200, (12, 16, 3), dtype=np.uint8)
STACK = RNG.integers(0, 200, (4, 13, 16), dtype=np.uint8)
ALL = tuple(COLUMNS)


def no_tick():
    pass


def made_of(image, k=4, **options):
    [result] = sweep(image, (k,), **options)
    layer = Image(result.image, rgb=options.get("channel_axis") == -1)
    return layer, Provenance.of(result, "id", "cells", layer), result.quality


def sheet(*results):
    rows = [row_of_result(f'K={made.k}, "x"', made, measured, changed=False) for _, made, measured in results]
    source = row_of_source(Source.of(Image(GREY, name="cells; more")), None, {"kb": Figure(1.5)}, None)
    return Sheet("values", ALL, (source, *rows))


def test_numbers_are_those_of_the_quality():
    _, made, quality = made_of(RGB, channel_axis=-1)
    noisy = {"noise": Figure(2.0), "ssim": Figure(0.75), "delta_e": None, "kb": Figure(None, "too large")}
    row = row_of_result("K=4", made, noisy, changed=False)
    values = {name: row.cell(name).value for name in ALL}
    assert values == {
        "k": 4,
        "rmse": quality.rmse,
        "bits": quality.bits_per_pixel,
        "excess": 100 * quality.excess,
        "colours": quality.n_colors,
        "delta_e": None,
        "kb": None,
        "psnr": quality.psnr,
        "ssim": 0.75,
        "max_error": quality.max_error,
        "noise": quality.rmse / 2,
        "mse": quality.mse,
        "explained": 100 * quality.explained,
    }
    texts = {name: row.cell(name).text for name in ALL}
    assert (texts["delta_e"], texts["kb"], texts["ssim"]) == ("…", "–", "0.750")
    assert "too large" in row.tooltip


def test_csv_is_read_back_with_all_digits(tmp_path):
    _, made, quality = made_of(GREY)
    _, lossless, _ = made_of(GREY, 256)
    path = tmp_path / "table.csv"
    sheet((0, made, {"kb": Figure(0.1)}), (0, lossless, {})).save(ALL, path, overwrite=False)
    with path.open(encoding="utf-8-sig", newline="") as file:
        titles, source, *rows = csv.reader(file)
    assert titles == ["layer", "K", "K used", *(COLUMNS[name].unit_title for name in ALL[1:])]
    assert source[:3] == ["cells; more", "", ""]
    first, last = (dict(zip(titles, row, strict=True)) for row in rows)
    assert first["layer"] == 'K=4, "x"'
    assert float(first["error (image units)"]) == quality.rmse
    assert float(first["variance explained (%)"]) == 100 * quality.explained
    assert float(first["PNG (KB)"]) == 0.1
    assert first["colours"] == ""
    assert (last["K"], int(last["K used"])) == ("256", len(np.unique(GREY)))
    assert float(last["PSNR (dB)"]) == np.inf
    assert last["above best (%)"] == ""


def test_copied_lines_hold_the_shown_columns():
    _, made, quality = made_of(GREY)
    copied = sheet((0, made, {})).numbers(("k", "rmse"), delimiter="\t")
    lines = list(csv.reader(io.StringIO(copied), delimiter="\t"))
    assert lines[0] == ["layer", "K", "K used", "error (image units)"]
    assert lines[2] == ['K=4, "x"', "4", "4", repr(quality.rmse)]
    assert sheet((0, made, {})).texts(("k", "bits")).split("\n")[:2] == ["K\tbits/px", "source\t–"]
    assert Sheet().texts(("k",)) == "K"


def test_old_rows_say_so():
    _, made, _ = made_of(GREY)
    row = row_of_result("K=4", made, {}, changed=True)
    assert row.cell("k").text == "4 old"
    assert row.tooltip.startswith("the image has changed since: quantize again")


def test_the_source_says_its_size_and_that_of_its_file():
    row = row_of_source(
        Source.of(Image(GREY)), None, {"kb": Figure(1.25), "noise": Figure(3.0)}, {"format": "PNG", "file_kb": 12.0}
    )
    assert (row.cell("kb").text, row.cell("kb").value) == ("12.0", 12)
    assert "the file: PNG · 12.0 KB" in row.tooltip
    assert "KB as a PNG of ours 1.2" in row.tooltip
    assert "uncompressed: 0.188 KB" in row.tooltip
    assert row.cell("rmse").text == "–"


@pytest.mark.parametrize(("image", "file"), [(GREY, None), (STACK, {"format": "TIFF", "file_kb": 12.0})])
def test_beside_planes_and_what_is_no_file_the_source_has_its_size_as_png(image, file):
    row = row_of_source(Source.of(Image(image)), None, {"kb": Figure(1.25)}, file)
    assert row.cell("kb").text == "1.2"
    assert "KB 1.2" in row.tooltip


@pytest.mark.parametrize(("kb", "larger"), [(12.5, True), (12.0, False), (None, False)])
def test_a_result_that_is_larger_than_the_file_says_so(kb, larger):
    _, made, _ = made_of(GREY)
    row = row_of_result("K=4", made, {"kb": Figure(kb)}, changed=False, file={"file_kb": 12.0})
    assert ("KB 12.5 (larger than the file that the image came from: 12.0 KB)" in row.tooltip) == larger
    assert ("larger" in row.tooltip) == larger


def measure(name, image, layer, *, plane, channel_axis=None):
    source = Image(image, rgb=layer.rgb)
    of = source if name == "noise" else layer
    return Measure.of(name, Source.of(source), source, of, plane, channel_axis)


WHOLE = Plane((None, None), turned=False)


@pytest.mark.parametrize("rgb", [True, False])
def test_figures_are_those_of_the_core(rgb):
    axis = -1 if rgb else None
    image = RGB if rgb else GREY
    layer, _, _ = made_of(image, channel_axis=axis)
    quantized = layer.data
    wanted = {
        "ssim": ssim(image, quantized, channel_axis=axis),
        "kb": png_kb(raster_of(quantized, told_by(layer))),
        "noise": estimate_noise(image, channel_axis=axis),
    }
    if rgb:
        wanted["delta_e"] = delta_e(image, quantized).mean
    for name, value in wanted.items():
        task = measure(name, image, layer, plane=WHOLE)
        assert task.recall() is None
        figure = task.take(no_tick)
        assert figure.value == value
        task.remember(figure)
        assert task.recall() is figure


def test_stacks_are_measured_whole_or_in_the_plane_shown():
    layer, _, _ = made_of(STACK)
    plane = Plane((2, None, None), turned=True)
    similar = measure("ssim", STACK, layer, plane=plane).take(no_tick)
    assert similar.value == ssim(STACK[2].T, layer.data[2].T)
    assert "of the plane that is shown" in similar.note
    whole = measure("noise", STACK, layer, plane=plane).take(no_tick)
    assert whole.value == estimate_noise(STACK)
    assert whole.note == ""


def test_sizes_are_those_of_exported_files():
    layer, made, _ = made_of(RGB, channel_axis=-1, mode="color")
    made.write(layer)
    plain = measure("kb", RGB, layer, plane=WHOLE).take(no_tick)
    layer.scale, layer.units = (0.123456, 0.123456), ("micrometer", "micrometer")
    scaled = measure("kb", RGB, layer, plane=WHOLE)
    assert scaled.recall() is None
    file = encode_png(raster_of(layer.data, layer.as_layer_data_tuple()[1]))
    assert scaled.take(no_tick).value == len(file) / 1024 > plain.value
    # Turned in the display, the file is the same.
    assert measure("kb", RGB, layer, plane=Plane((None, None), turned=True)).take(no_tick).value == len(file) / 1024
    film, made, _ = made_of(STACK)
    made.write(film)
    plane = measure("kb", STACK, film, plane=Plane((2, None, None), turned=False)).take(no_tick)
    assert plane.value == png_kb(raster_of(film.data[2], {}))


def test_large_stacks_are_measured_in_the_plane_shown(monkeypatch):
    monkeypatch.setattr("napari_quantize.viewer.measure.slow_figures._MAX_WHOLE", 100)
    layer, _, _ = made_of(STACK)
    plane = Plane((1, None, None), turned=False)
    assert measure("noise", STACK, layer, plane=plane, channel_axis=0).take(no_tick).value == estimate_noise(STACK[1])
    flat, _, _ = made_of(GREY)
    assert measure("noise", GREY, flat, plane=WHOLE).take(no_tick).value == estimate_noise(GREY)


@pytest.mark.parametrize(
    ("name", "image", "note"),
    [
        ("ssim", GREY[:5], "SSIM looks through 11 × 11 pixels: the image has 5 × 16"),
        ("noise", GREY[:2], "the planes of this image have 2 × 16"),
        ("kb", GREY.astype(np.float32), "a PNG cannot hold 32 bit float values"),
    ],
)
def test_figures_that_there_are_not_say_why(name, image, note):
    layer, _, _ = made_of(image)
    figure = measure(name, image, layer, plane=WHOLE).take(no_tick)
    assert figure.value is None
    assert note in figure.note


def test_without_noise_there_is_no_ratio():
    flat = np.full((12, 12), 7, np.uint8)
    layer, made, _ = made_of(flat)
    figure = measure("noise", flat, layer, plane=WHOLE).take(no_tick)
    assert figure.value == 0
    row = row_of_result("K=4", made, {"noise": figure}, changed=False)
    assert row.cell("noise").text == "–"
    assert "no noise that could be measured" in row.tooltip
