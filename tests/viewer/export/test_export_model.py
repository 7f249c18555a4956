"""What is exported, under which names, and what becomes of it: without a window."""

import json
from dataclasses import replace
from pathlib import Path
from threading import Event

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from napari_quantize import Codebook, sweep
from napari_quantize.formats.load import load
from napari_quantize.formats.raster import Calibration, Raster
from napari_quantize.palettes.io import read_palette
from napari_quantize.viewer.export.foresee import foresee_result
from napari_quantize.viewer.export.model import Candidate, OutputFile, existing, legal, stems
from napari_quantize.viewer.export.options import OPTIONS, ROWS, Choice, left_out_notice
from napari_quantize.viewer.export.report import reported
from napari_quantize.viewer.export.write_files import ExportProgress, carry_out, list_jobs
from napari_quantize.viewer.layers.provenance import Provenance, record_of

RNG = np.random.default_rng(0)
PHOTO = RNG.integers(0, 200, (20, 30, 3), dtype=np.uint8)
CELLS = RNG.integers(0, 4000, (20, 30), dtype=np.uint16)
FILM = RNG.integers(0, 200, (3, 8, 9), dtype=np.uint8)


class Layer:
    """As much of a layer as a provenance needs."""

    def __init__(self, layer_id):
        self.unique_id = layer_id


def candidates(image, ks, source="photo", **options):
    """Return what the dock exports of a sweep."""
    rgb = options.get("channel_axis") == -1
    axes = ("t", "z", "y", "x")[-(image.ndim - rgb) :]
    found = []
    for number, result in enumerate(sweep(image, ks, **options)):
        made = Provenance.of(result, "source", source, Layer(f"id{number}"))
        raster = Raster(result.image, rgb, Calibration.of_pixels(*axes), result.codebook, record_of(made))
        found.append(Candidate(made.layer_id, f"K={made.k} · {source}", made, raster, image))
    return found


def photos(*ks):
    return candidates(PHOTO, ks, mode="color", channel_axis=-1)


def choice(folder, results, **options):
    return Choice(folder, "photo", tuple(each.layer_id for each in results), **options)


def write(wanted, results, *, replace=False, stop=None):
    seen = {each.layer_id: foresee_result(each, wanted.for_image(each)) for each in results}
    jobs = list_jobs(wanted, results, seen)
    return jobs, carry_out(jobs, ExportProgress(), stop or Event(), replace=replace)


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("astronaut", "astronaut"),
        ("plate/well: 3", "plate_well_ 3"),
        ('a\\b*c?"<>|\n', "a_b_c______"),
        ("CON", "_CON"),
        ("com1.tif", "_com1.tif"),
        ("ends. . ", "ends"),
        ("Größe 漢字", "Größe 漢字"),
        ("caf\udce9", "caf"),
    ],
)
def test_legal_names(name, expected):
    assert legal(name) == expected


@given(st.text(st.characters(), max_size=400))
def test_every_name_becomes_legal(name):
    found = legal(name)
    assert legal(found) == found
    assert len(found.encode()) <= 150
    assert not set(found) & set('/\\:*?"<>|\0\n')


def test_stems_tell_results_apart():
    one, two = photos(8, 16)
    assert stems("a", [one, two]) == {"id0": "a_k8", "id1": "a_k16"}
    [other] = candidates(PHOTO, [8], mode="per_channel", channel_axis=-1)
    other = Candidate("id7", "K=8 own levels · photo", other.made, other.raster)
    again = Candidate("id8", "K=8 own levels · photo", other.made, other.raster)
    assert stems("a", [one, other, again]) == {"id0": "a_k8", "id7": "a_k8_own_levels", "id8": "a_k8_own_levels_2"}


def test_long_names_leave_room_for_endings():
    [one] = photos(8)
    renamed = [Candidate(layer_id, "ä" * 200, one.made, one.raster) for layer_id in ("a", "b")]
    found = stems(legal("ö" * 200), renamed)
    assert len(set(found.values())) == 2
    assert all(len(f"{stem}.indexed.png".encode()) <= 255 for stem in found.values())


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({}, ""),
        ({"image": ""}, "Choose what to export"),
        ({"layer_ids": ()}, "Tick at least one result."),
        ({"stem": " . "}, "Type the beginning of the file names."),
        ({"stem": "a/b"}, "Files cannot be called “a/b…”: try “a_b”."),
        ({"folder": Path("")}, "Choose the folder where the files go."),
        ({"folder": Path("no such folder")}, "There is no folder “no such folder”: choose another one."),
    ],
)
def test_what_is_wrong_with_a_choice(tmp_path, change, said):
    good = {"folder": tmp_path, "stem": "a", "layer_ids": ("x",)}
    found = Choice(**{**good, **change}).problem
    assert found.startswith(said) if said else found == ""


def test_what_each_result_will_be_is_what_is_written(tmp_path):
    results = photos(2, 16, 300)
    told = [foresee_result(each, Choice(tmp_path, "", ())) for each in results]
    jobs, outcome = write(choice(tmp_path, results), results)
    assert [job.path.name for job in jobs] == ["photo_k2.indexed.png", "photo_k16.indexed.png", "photo_k300.png"]
    assert outcome.saved == tuple(job.path for job in jobs)
    assert outcome.n_bytes == sum(job.path.stat().st_size for job in jobs)
    assert told[0].told.startswith("2 colours, 1 bit · ")
    assert told[1].told.startswith("16 colours, 4 bits · ")
    assert told[2].told.startswith("RGB, 8 bits · ")
    assert told[2].told.endswith(": more than 256 colours")
    for each, job, foreseen in zip(results, jobs, told, strict=True):
        assert f"{job.path.stat().st_size / 1024:.3g}"[:3] in foreseen.told
        with Image.open(job.path) as image:
            np.testing.assert_array_equal(image.convert("RGB"), each.raster.image)
        assert load(job.path).raster.codebook == each.made.codebook


def test_16_bits_do_not_count_as_many_colours(tmp_path):
    [result] = candidates(CELLS, [4])
    foreseen = foresee_result(result, Choice(tmp_path, "", ()))
    assert foreseen.ending == ".png"
    assert foreseen.told.startswith("grey, 16 bits · ")
    assert foreseen.told.endswith(": palettes hold 8 bits")


@pytest.mark.parametrize(
    ("image", "why"),
    [(FILM, "a PNG cannot hold 3 dimensions"), (CELLS.astype(np.float32), "a PNG cannot hold 32 bit float values")],
)
def test_what_a_png_cannot_hold_becomes_a_tiff(tmp_path, image, why):
    results = candidates(image, [4])
    foreseen = foresee_result(results[0], Choice(tmp_path, "", ()))
    assert foreseen.ending == ".tif"
    assert foreseen.told.startswith("TIFF, ")
    assert foreseen.told.endswith(f": {why}")
    [job], _ = write(choice(tmp_path, results), results)
    assert job.path.name == "photo_k4.tif"
    np.testing.assert_array_equal(load(job.path).raster.image, results[0].raster.image)


def test_palettes_codebooks_and_separations(tmp_path):
    results = photos(3)
    for ending in (".gpl", ".json"):
        wanted = choice(tmp_path, results, image="", palette=ending, separations=ending == ".gpl")
        _, outcome = write(wanted, results)
        assert outcome.n_files == (4 if ending == ".gpl" else 1)  # each of a folder's files counts
    codebook = results[0].made.codebook
    assert sorted(path.name for path in tmp_path.iterdir()) == ["photo_k3.gpl", "photo_k3.json", "photo_k3_separations"]
    assert Codebook.load(tmp_path / "photo_k3.json") == codebook
    np.testing.assert_array_equal(read_palette(tmp_path / "photo_k3.gpl").colors, codebook.outputs[0])
    whites = [np.asarray(Image.open(path)) > 0 for path in sorted((tmp_path / "photo_k3_separations").iterdir())]
    np.testing.assert_array_equal(np.argmax(whites, axis=0), codebook.encode(PHOTO))


def test_who_gets_no_palette_and_no_separations(tmp_path):
    wanted = {"palette": ".act", "separations": True}
    many = photos(2, 300)
    assert left_out_notice(choice(tmp_path, many, **wanted), many) == (
        "No palette of K=300: more than 256 colours. No separations of K=300: more than 256 files."
    )
    own = candidates(PHOTO, [4], mode="per_channel", channel_axis=-1)
    assert left_out_notice(choice(tmp_path, own, palette=".gpl"), own) == (
        "No palette of K=4 own: each channel has levels of its own."
    )
    assert left_out_notice(choice(tmp_path, own, palette=".json"), own) == ""
    levels = candidates(PHOTO, [4, 86], mode="global", channel_axis=-1)
    assert left_out_notice(choice(tmp_path, levels, separations=True), levels) == (
        "No separations of K=86 levels: more than 256 files."
    )
    _, outcome = write(choice(tmp_path, levels, image="", separations=True), levels)
    assert (len(outcome.saved), outcome.failures) == (1, ())
    film = candidates(FILM, [4])
    assert left_out_notice(choice(tmp_path, film, separations=True), film) == (
        "No separations of K=4: separations need an image of one plane."
    )
    jobs = list_jobs(choice(tmp_path, many, image="", **wanted), many, {})
    assert [job.path.name for job in jobs] == ["photo_k2.act", "photo_k2_separations"]


def test_dithering_mixes_the_palette(tmp_path):
    fade = np.repeat(np.linspace(0, 255, 64).astype(np.uint8), 96).reshape(64, 32, 3)
    [result] = candidates(fade, [2], mode="color", channel_axis=-1)
    assert result.can_be_dithered
    [job], _ = write(choice(tmp_path, [result], dither=True), [result])
    loaded = load(job.path).raster
    assert loaded.record["dithered"] is True
    palette = result.made.codebook.outputs[0]
    assert {tuple(color) for color in loaded.image.reshape(-1, 3)} <= {tuple(color) for color in palette}
    # Means over a few rows follow the gradient, where the nearest colours make a step.
    means = [image.reshape(8, 8, -1).mean((1, 2)) for image in (fade, result.raster.image, loaded.image)]
    step, mixed = (np.abs(mean - means[0])[2:-2].max() for mean in means[1:])
    assert mixed < step / 2
    assert not candidates(CELLS, [4])[0].can_be_dithered


def test_files_that_are_there_are_kept_or_replaced(tmp_path):
    results = photos(2, 3)
    precious = tmp_path / "photo_k2.indexed.png"
    precious.write_text("precious")
    jobs, outcome = write(choice(tmp_path, results), results)
    assert existing(jobs) == [job.path for job in jobs]
    assert outcome.kept == (precious,)
    assert precious.read_text() == "precious"
    _, outcome = write(choice(tmp_path, results), results, replace=True)
    assert (len(outcome.saved), outcome.kept) == (2, ())
    assert precious.read_bytes().startswith(b"\x89PNG")


def test_one_failure_keeps_nobody_from_writing(tmp_path):
    def fail(path, overwrite):
        raise OSError(28, "No space left on device")

    def succeed(path, overwrite):
        path.write_text("1234")

    jobs = [OutputFile(tmp_path / "a.png", fail), OutputFile(tmp_path / "b.png", succeed)]
    outcome = carry_out(jobs, ExportProgress(), Event(), replace=False)
    assert outcome.saved == (tmp_path / "b.png",)
    assert outcome.n_bytes == 4
    assert outcome.failures == ("“a.png” could not be written: No space left on device.",)


def test_stopped_between_two_files(tmp_path):
    stop = Event()

    def write_and_stop(path, overwrite):
        path.write_text("")
        stop.set()

    jobs = [OutputFile(tmp_path / name, write_and_stop) for name in "ab"]
    outcome = carry_out(jobs, ExportProgress(), stop, replace=False)
    assert outcome.saved == (tmp_path / "a",)
    assert outcome.stopped
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_the_record_is_plain_json(tmp_path):
    [result] = photos(2)
    assert "codebook" not in record_of(result.made)
    assert json.loads(json.dumps(record_of(result.made))) == record_of(result.made)


def test_what_is_not_in_the_report(tmp_path):
    two, four = photos(2, 4)
    gone = replace(two, source=None)
    wanted = choice(tmp_path, [gone, four], report=True, image="")
    assert wanted.problem == ""
    assert (
        left_out_notice(wanted, [gone, four]) == "No report of K=2: the image that it was made from has been removed."
    )
    assert reported(wanted, [gone, four]) == [four]
    assert left_out_notice(choice(tmp_path, [four], report=True), [gone, four]) == ""
    assert reported(choice(tmp_path, [four]), [gone, four]) == []


def test_every_option_is_explained_and_does_something():
    for option in OPTIONS.values():
        assert option.row in ROWS
        assert len(option.tip) > 30
        assert bool(option.title) != bool(option.formats)
        assert option.default in (option.formats.values() if option.formats else (False, True))
        assert bool(option.files) != (option.changes_image is not None)
        assert bool(option.tip_if_idle) == (option.changes_image is not None)


def test_images_depend_on_their_own_options_only(tmp_path):
    [photo], [cells] = photos(4), candidates(CELLS, [4])
    wanted = choice(tmp_path, [photo, cells], dither=True, palette=".gpl", table=True)
    assert wanted.for_image(photo) == choice(Path(), [photo], dither=True).for_image(photo)
    assert (wanted.for_image(photo).dither, wanted.for_image(cells).dither) == (True, False)
    assert (wanted.for_image(photo).palette, wanted.for_image(photo).table) == ("", False)
    assert not replace(wanted, image=".tif").for_image(photo).dither
    assert wanted.idle([photo, cells]) == frozenset()
    assert wanted.idle([cells]) == {"dither"}
    assert replace(wanted, image=".tif").idle([photo, cells]) == {"dither"}
