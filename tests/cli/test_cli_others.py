"""The commands about one or two files: compare, palette, info, demo."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from commands import Said, save_photo
from PIL import Image

from napari_quantize import Codebook, fit
from napari_quantize.core.quality.perception import delta_e, ssim
from napari_quantize.palettes.io import read_palette

Say = Callable[..., Said]


def test_compare_tells_the_figures_of_loss(say: Say, photo: Path) -> None:
    one = np.asarray(Image.open(photo))
    other = (one // 16 * 16).astype(np.uint8)
    Image.fromarray(other).save("other.png")
    told = json.loads(say("compare", photo, "other.png", "--json").out)
    errors = one.astype(float) - other
    assert told["mse"] == pytest.approx(np.mean(errors**2))
    assert told["psnr"] == pytest.approx(10 * np.log10(255**2 / np.mean(errors**2)))
    assert told["max_error"] == np.abs(errors).max()
    assert told["changed"] == pytest.approx(np.mean(errors != 0))
    assert told["delta_e"] == pytest.approx(delta_e(one, other).mean)
    assert told["ssim"] == pytest.approx(ssim(one, other, channel_axis=-1))
    said = say("compare", photo, "other.png")
    assert said.code == 0
    assert f"PSNR           {told['psnr']:.1f} dB" in said.out


def test_compare_equal_images(say: Say, photo: Path) -> None:
    told = json.loads(say("compare", photo, photo, "--json").out)
    assert told == {"rmse": 0, "mse": 0, "psnr": None, "max_error": 0, "changed": 0, "delta_e": 0, "ssim": 1}
    assert "PSNR           ∞" in say("compare", photo, photo).out


def test_compare_any_dtype_and_shape(say: Say, photo: Path) -> None:
    one = np.linspace(-5, 5, 4 * 30 * 20).reshape(4, 30, 20)
    one[0, 0, 0] = np.nan
    np.save("one.npy", one)
    np.save("other.npy", one + 0.5)
    told = json.loads(say("compare", "one.npy", "other.npy", "--json").out)
    assert told["rmse"] == pytest.approx(0.5)
    assert told["psnr"] == pytest.approx(20 * np.log10((5 - one[0, 0, 1]) / 0.5))
    assert told["delta_e"] is told["ssim"] is None


def test_compare_leaves_out_what_is_invisible(say: Say, photo: Path) -> None:
    one = save_photo(Path("one.png"), shape=(20, 20, 4))
    other = one.copy()
    other[one[..., 3] == 0] = 7
    other[10, 10, 0] ^= 1
    Image.fromarray(other).save("other.png")
    told = json.loads(say("compare", "one.png", "other.png", "--json").out)
    assert told["max_error"] == 1
    assert told["mse"] == pytest.approx(1 / (3 * 16 * 20))


def test_compare_unlike_images_names_both(say: Say, photo: Path) -> None:
    save_photo(Path("grey.png"), shape=(24, 32))
    said = say("compare", photo, "grey.png")
    assert said.code == 2
    assert "photo.png is 8 bit RGB · 32×24, but grey.png is 8 bit · 32×24" in said.err


def test_palette_is_printed_and_written(say: Say, photo: Path) -> None:
    codebook = fit(np.asarray(Image.open(photo)), 5, mode="color", channel_axis=-1)
    expected = [f"#{bytes(color).hex()}" for color in codebook.outputs[0]]
    assert say("palette", photo, "-k", "5").out.split() == expected
    said = say("palette", photo, "-k", "5", "-o", "five.gpl")
    assert said.code == 0
    assert said.out.startswith("five.gpl: 5 colours, error ± ")
    np.testing.assert_array_equal(read_palette("five.gpl").colors, codebook.outputs[0])
    assert "five.gpl exists already: use --overwrite" in say("palette", photo, "-k", "5", "-o", "five.gpl").err
    assert say("palette", photo, "-k", "5", "-o", "five.json").code == 0
    assert Codebook.load("five.json") == codebook
    assert Codebook.from_dict(json.loads(say("palette", photo, "-k", "5", "--json").out)) == codebook


def test_levels_are_printed_with_their_digits(say: Say, photo: Path) -> None:
    np.save("a.npy", np.array([[0.25, 0.5], [1e-7, 3]]))
    assert say("palette", "a.npy", "-k", "4").out.split() == ["1e-07", "0.25", "0.5", "3"]
    said = say("palette", photo, "-k", "2", "--mode", "per-channel")
    assert said.out.count("channel") == 3


def test_info_of_images_and_results(say: Say, photo: Path) -> None:
    said = say("info", photo)
    assert said.code == 0
    assert "8 bit RGB · 32×24" in said.out
    told = json.loads(say("info", photo, "--json").out)
    size = photo.stat().st_size
    assert told["compression_ratio"] == pytest.approx(24 * 32 * 3 / size, abs=0.006)
    assert told["bits_per_pixel"] == pytest.approx(8 * size / (24 * 32), abs=0.006)
    assert say("run", photo, "-k", "3", "--out", "out").code == 0
    said = say("info", "out/photo_k3.indexed.png")
    assert "made from" in said.out
    assert "MiniBatchKMeans" in said.out
    told = json.loads(say("info", "out/photo_k3.indexed.png", "--json").out)
    outputs = Codebook.load("out/photo_k3.json").outputs[0].tolist()
    assert (told["k"], told["made_from"], told["outputs"]) == (3, "photo.png", [outputs])


@pytest.mark.parametrize(
    ("value", "note"),
    [
        (np.nan, "the image has no finite, visible value to learn from."),
        (2**60, "the image holds 1152921504606846976: integers beyond 2**53 cannot be told apart in float64."),
    ],
)
def test_info_of_values_that_cannot_be_described(say: Say, photo: Path, value: float, note: str) -> None:
    np.save("a.npy", np.full((5, 7), value))
    said = say("info", "a.npy", "--json")
    assert (said.code, said.err) == (0, "")
    told = json.loads(said.out)
    assert (told["values"], told["notes"]) == (None, [note])
    assert say("info", "a.npy").code == 0


def test_info_of_palettes_and_codebooks(say: Say, photo: Path) -> None:
    Path("two.gpl").write_text("GIMP Palette\nName: pair\n255 0 0 red\n0 0 1\n")
    said = say("info", "two.gpl")
    assert "pair" in said.out
    assert "#ff0000, #000001" in said.out
    assert say("palette", photo, "-k", "40", "-o", "forty.json").code == 0
    assert "(40 in all)" in say("info", "forty.json").out
    assert json.loads(say("info", "forty.json", "--json").out)["used"] == 40


def test_demo_prints_the_table_where_there_is_no_display(say: Say, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("napari_quantize.cli.commands.demo.has_display", lambda: False)
    said = say("demo")
    assert said.code == 0
    assert [line.split()[0] for line in said.out.splitlines()[2:7]] == ["2", "4", "8", "16", "32"]
    assert "There is no display" in said.out
