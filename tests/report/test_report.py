"""A report says what there is to say, of any image, and nothing from outside gets a hold on the page."""

import base64
import hashlib
import pickle
import re

import numpy as np
import pytest
from report_pages import GREY, RGB, item, page_of, photo, raster
from slow_cases import slow_except

from napari_quantize import Codebook, fit, sweep
from napari_quantize.core.api import transfer
from napari_quantize.formats.png.encode import encode_png
from napari_quantize.formats.raster import Raster
from napari_quantize.report.item import ReportItem, WrittenFiles
from napari_quantize.report.page import MAX_PICTURED, draw_section, write_report

NAN = np.where(GREY < 20, np.nan, GREY).astype(np.float32)
KINDS = {
    "palette": (RGB, {"rgb": True, "mode": "color", "channel_axis": -1}),
    "levels": (RGB, {"rgb": True, "channel_axis": -1}),
    "own levels": (RGB, {"rgb": True, "mode": "per_channel", "channel_axis": -1}),
    "alpha": (np.dstack((RGB, GREY)), {"rgb": True, "mode": "color", "channel_axis": -1, "alpha": True}),
    "deep colours": (RGB.astype(np.uint16) * 257, {"rgb": True, "mode": "color", "channel_axis": -1}),
    "float colours": (RGB / 255, {"rgb": True, "mode": "color", "channel_axis": -1}),
    "wild colours": (RGB / 100 - 1, {"rgb": True, "channel_axis": -1}),
    "grey": (GREY, {"method": "exact"}),
    "deep": (GREY.astype(np.uint16) * 300, {}),
    "signed": (GREY.astype(np.int16) - 99, {"ignore": [0]}),
    "nan": (NAN, {}),
    "binary": (GREY > 90, {}),
    "constant": (np.full((5, 6), 7, np.uint16), {}),
    "line": (GREY.ravel(), {}),
    "film": (np.stack([GREY, GREY[::-1], GREY // 2]), {"calibration": {"axes": ("t", "y", "x")}}),
    "channels": (np.stack([GREY] * 6), {"mode": "color", "channel_axis": 0}),
    "masked": (GREY, {"mask": GREY > 50}),
    "sixteen channels": (np.stack([GREY] * 16), {"mode": "per_channel", "channel_axis": 0}),
}


@pytest.mark.parametrize(
    "kind", slow_except(KINDS, "palette", "line", "alpha", "wild colours", "deep", "nan", "film", "masked")
)
def test_an_image_of_any_kind_makes_a_page(kind, tmp_path):
    image, options = KINDS[kind]
    page = page_of(tmp_path, item(image, **options))
    ids = [attributes["id"] for _, attributes in page.elements if attributes.get("id")]
    assert len(set(ids)) == len(ids)
    used = [value[1:] for _, attributes in page.elements for name, value in attributes.items() if "href" in name]
    assert set(used) <= set(ids)
    assert len(page.pictures) == 3
    assert all(attributes["alt"] for attributes in page.all("img"))
    assert page.all("html") == [{"lang": "en"}]
    assert len(page.all("svg")) == 4
    assert all(attributes["scope"] for attributes in page.all("th"))
    assert {attributes["role"] for attributes in page.all("svg")} == {"img"}
    for said in ("K=2", "error ±", "quantized to"):
        assert said in page.text
    assert ("sweep(image, [2, 4]" in page.text) == (kind != "masked")


def test_the_table_has_the_figures(tmp_path):
    one = photo()
    page = page_of(tmp_path, one)
    for result in one.results:
        quality = result.quality
        file = encode_png(Raster(result.image, True, one.source.calibration, result.codebook))
        for number in (f"{quality.rmse:.1f}", f"{quality.bits_per_pixel:.1f}", f"{len(file) / 1024:,.1f}"):
            assert number in page.text
    assert "above best" not in [word.strip() for word in page.words[: page.words.index("KB")]]  # nobody knows it


def test_no_line_ends_before_the_number_of_an_error(tmp_path):
    page = page_of(tmp_path, photo(), ReportItem("cells", raster(GREY), list(sweep(GREY, (2, 3, 8)))))
    errors = re.findall(r"±(\s)[0-9]", "\n".join(page.words))
    assert len(errors) > 5
    assert set(errors) == {"\N{NO-BREAK SPACE}"}


def test_files_and_their_sizes_are_shown(tmp_path):
    written = [WrittenFiles("a_k2.png", "a_k2.json", 12.34), WrittenFiles("a_k4.png", "a_k4.json", 99.0)]
    info = {"format": "JPEG", "file_kb": 50.0, "notes": ["turned upright"]}
    page = page_of(tmp_path, photo(written=written, info=info, name="a.jpg", learnt_from="b.jpg"))
    for said in ("a_k4.json", "12.3", "JPEG of 50.0 KB", "turned upright", "learnt from b.jpg, by"):
        assert said in page.text
    assert "K=4: larger than the file" in page.text
    assert "K=2, K=4" not in page.text


def test_the_python_lines_reproduce_the_results(tmp_path):
    one = photo()
    known = {"image": RGB}
    exec(draw_section(one).python, known)  # noqa: S102
    for again, result in zip(known["results"], one.results, strict=True):
        np.testing.assert_array_equal(again.image, result.image)
    exact = ReportItem("a", raster(GREY), [*sweep(GREY, (2,)), *sweep(GREY, (2, 3), method="exact")])
    lines = draw_section(exact).python.splitlines()
    assert [line[: line.index(", mode")] for line in lines[2:]] == [
        "results = list(sweep(image, [2]",
        "results = list(sweep(image, [2, 3]",
    ]
    path = tmp_path / "a.json"
    one.results[0].codebook.save(path)
    shared = ReportItem("b", one.source, one.results[:1], [WrittenFiles(codebook=str(path))], learnt_from="another")
    exec(draw_section(shared).python, known)  # noqa: S102
    np.testing.assert_array_equal(known["result"], one.results[0].image)


def test_a_given_palette_is_named(tmp_path):
    learnt = fit(RGB, 3, mode="color", channel_axis=-1)
    content = {**learnt.to_dict(), "method": "given", "palette": "<b>web</b>"}
    given = transfer(RGB, Codebook.from_dict(content))
    page = page_of(tmp_path, ReportItem("a", raster(RGB, rgb=True), [given]))
    assert "of the palette “<b>web</b>”" in page.text
    assert page.all("b") == []
    assert "k-means" not in page.text.split("What the words mean")[0]


def test_given_palettes_do_not_change_the_error_curve():
    content = fit(GREY, 3).to_dict()
    given = [transfer(GREY, Codebook.from_dict({**content, "method": "given", "palette": name})) for name in "ab"]
    learnt = list(sweep(GREY, (2, 8)))
    alone, both = (
        draw_section(ReportItem("a", raster(GREY), learnt)),
        draw_section(ReportItem("a", raster(GREY), [*given, *learnt])),
    )
    assert both.curve_sentence == alone.curve_sentence
    assert draw_section(ReportItem("a", raster(GREY), given)).curve


def test_the_curve_of_another_images_codebooks_shows_the_best_possible(tmp_path):
    results = [transfer(GREY, fit(GREY[:6], k)) for k in (2, 3)]
    assert "best possible" in page_of(tmp_path, ReportItem("a", raster(GREY), results, learnt_from="b")).text


EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>&amp;{{ 7 * 7 }}"


def test_texts_from_files_are_escaped(tmp_path):
    written = [WrittenFiles(EVIL, EVIL)] * 2
    one = photo(name=EVIL, written=written, info={"notes": [EVIL], "format": EVIL, "file_kb": 1.0}, learnt_from=EVIL)
    page = page_of(tmp_path, one, photo(name=EVIL), title=EVIL, command=EVIL)
    assert page.text.count(EVIL) >= 8
    assert len(page.scripts) == 1
    assert all(attributes["src"].startswith("data:image/png;base64,") for attributes in page.all("img"))
    assert not [name for _, attributes in page.elements for name in attributes if name.startswith("on")]


def test_the_policy_allows_only_the_own_script_and_nothing_is_fetched(tmp_path):
    page = page_of(tmp_path, photo())
    [policy] = [attributes["content"] for attributes in page.all("meta") if "http-equiv" in attributes]
    digest = base64.b64encode(hashlib.sha256("".join(page.scripts).encode()).digest()).decode()
    assert policy == (f"default-src 'none'; img-src data:; style-src 'unsafe-inline'; script-src 'sha256-{digest}'")
    text = (tmp_path / "report.html").read_text("utf-8")
    assert set(re.findall(r"https?://[^\s\"']+", text)) <= {
        "http://www.w3.org/2000/svg",
        "http://www.w3.org/1999/xlink",
    }
    assert "@import" not in text


def test_characters_that_html_forbids_are_replaced(tmp_path):
    page = page_of(tmp_path, photo(name="a\x00\x1b\udcff\u202eb"))
    assert "a���\u202eb" in page.text
    assert len(page.all("bdi")) >= 2  # what turns the direction of writing ends with the name


def test_pages_are_the_same_bytes_from_items_and_pickled_sections(tmp_path):
    items = [photo(name="a"), item(GREY, name="b")]
    sections = [pickle.loads(pickle.dumps(draw_section(one, number, 2))) for number, one in enumerate(items)]
    for name, content in (("1", items), ("2", items), ("3", sections)):
        write_report(tmp_path / name, content, title="x", command="y")
    first = (tmp_path / "1").read_bytes()
    assert first == (tmp_path / "2").read_bytes() == (tmp_path / "3").read_bytes()


def test_many_images_have_no_plots_and_the_last_no_pictures(tmp_path):
    small = item(GREY[:4, :4], (2,), name="small")
    few, some, late = (
        draw_section(small, 0, 12),
        draw_section(small, 0, 13),
        draw_section(small, MAX_PICTURED, MAX_PICTURED + 1),
    )
    assert few.cards[1].plot
    assert some.cards[1].picture
    assert not some.cards[1].plot
    assert late.cards[1].picture is None
    page = page_of(tmp_path, *[some] * MAX_PICTURED, late)
    assert f"The first {MAX_PICTURED} images are shown in pictures" in page.text
    assert len(page.pictures) == 2 * MAX_PICTURED
    assert all(attributes["loading"] == "lazy" for attributes in page.all("img"))
    targets = {attributes["href"] for attributes in page.all("a")}
    assert targets == {f"#image-{number}" for number in range(1, MAX_PICTURED + 2)}
    assert "no histograms" in page_of(tmp_path, *[some] * 13).text


def test_images_with_other_ks_are_listed(tmp_path):
    page = page_of(tmp_path, item(GREY, (2,), name="a"), item(GREY, (2, 3), name="b"))
    assert "Results of each image" in page.text


@pytest.mark.parametrize(
    ("make", "message"),
    [
        (lambda: ReportItem("a", raster(GREY), []), "a has no results to report"),
        (lambda: item(GREY, written=[WrittenFiles()]), "it.png has 2 results, but 1 were written"),
        (
            lambda: ReportItem("a", raster(GREY), list(sweep(GREY, (2,))), records=[None, None]),
            "a has 1 results, but 2 records",
        ),
        (
            lambda: ReportItem("a", raster(GREY), list(sweep(GREY, (2,))), color_differences=[1.0, 2.0]),
            "a has 1 results, but 2 colour differences",
        ),
        (
            lambda: ReportItem("a", raster(GREY), list(sweep(GREY[:2], (2,)))),
            r"a has the shape \(12, 16\), but its result with K=2 has \(2, 16\)",
        ),
        (lambda: write_report("nowhere.html", []), "a report needs at least one image"),
    ],
)
def test_bad_input_is_named(make, message):
    with pytest.raises(ValueError, match=message):
        make()


def test_existing_files_are_kept_and_errors_leave_none(tmp_path):
    path = tmp_path / "a.html"
    path.write_text("mine")
    with pytest.raises(FileExistsError, match=r"a\.html exists already"):
        write_report(path, [photo()])
    broken = photo()
    object.__setattr__(broken, "info", {"file_kb": "much"})
    with pytest.raises((TypeError, ValueError)):
        write_report(path, [broken], overwrite=True)
    assert [file.name for file in tmp_path.iterdir()] == ["a.html"]
    assert path.read_text() == "mine"
