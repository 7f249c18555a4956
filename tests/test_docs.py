"""What the pages of the documentation say is so: their Python runs, their figures are the library's."""

import csv
import dataclasses
import inspect
import pydoc
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PIL import Image

import napari_quantize
from docs.run_pages import DOCS, run_page
from napari_quantize.cli.tables import as_csv
from napari_quantize.core.codebook.codebook import Codebook
from napari_quantize.core.quality.quality import Quality
from napari_quantize.viewer.table.columns import COLUMNS
from napari_quantize.viewer.table.rows import Sheet

EXAMPLES = sorted(page for page in (DOCS / "examples").glob("*.md") if page.name != "index.md")
PAGES = [*EXAMPLES, *(page for page in DOCS.glob("*.md") if "```python" in page.read_text(encoding="utf-8"))]
API = "".join((DOCS / name).read_text(encoding="utf-8") for name in ("api.md", "files-and-palettes.md"))


@pytest.fixture
def no_windows() -> Iterator[None]:
    """Let pyplot draw without a window, and forget its figures."""
    import matplotlib.pyplot as plt

    plt.switch_backend("agg")
    yield
    plt.close("all")


@pytest.mark.usefixtures("no_windows")
@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_print_what_the_page_shows(page: Path, tmp_path: Path) -> None:
    outputs = run_page(page, tmp_path)
    assert outputs
    assert [printed for printed, _ in outputs] == [said for _, said in outputs]
    pictures = re.findall(r"images/examples/(\S+\.png)\)", page.read_text(encoding="utf-8"))
    for name in pictures:
        with Image.open(tmp_path / name) as drawn, Image.open(DOCS / "images" / "examples" / name) as shown:
            # What text takes differs a little between versions of matplotlib.
            assert drawn.size == pytest.approx(shown.size, rel=0.02)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.stem)
def test_examples_fit_the_width_of_the_page(page: Path) -> None:
    code = "".join(re.findall(r"```python\n(.*?)```", page.read_text(encoding="utf-8"), flags=re.DOTALL))
    assert [line for line in code.splitlines() if len(line) > 88] == []


def test_every_example_is_listed() -> None:
    index = (DOCS / "examples" / "index.md").read_text(encoding="utf-8")
    hidden = index.partition("{toctree}")[2]
    assert [page.stem for page in EXAMPLES] == sorted(re.findall(r"^[a-z]+$", hidden, flags=re.MULTILINE))
    assert all(f"({page.name})" in index for page in EXAMPLES)


def test_every_page_is_in_the_table_of_contents() -> None:
    index = (DOCS / "index.md").read_text(encoding="utf-8")
    assert [page.stem for page in DOCS.glob("*.md") if page.stem != "index" and f"\n{page.stem}\n" not in index] == []


def test_every_field_of_quality_is_defined_and_compared() -> None:
    text = (DOCS / "figures-of-loss.md").read_text(encoding="utf-8")
    code = "".join(re.findall(r"```python\n(.*?)```", text, flags=re.DOTALL))
    compared = " ".join(re.findall(r"^assert .*", code, flags=re.MULTILINE))
    table = text.partition("## What takes part")[0]
    for field in dataclasses.fields(Quality):
        assert f"`{field.name}`" in table
        assert f"quality.{field.name}" in compared
    for name in ("ssim(", "delta_e(", "estimate_noise(", "png_kb("):
        assert name in code


def test_every_column_is_defined() -> None:
    text = (DOCS / "figures-of-loss.md").read_text(encoding="utf-8")
    titles = re.findall(r"^\| ([^|]+?) \|", text.partition("## What takes part")[0], flags=re.MULTILINE)
    assert sorted(titles[1:]) == sorted(column.title for column in COLUMNS.values())


def test_every_column_of_csv_tables_is_explained() -> None:
    text = (DOCS / "figures-of-loss.md").read_text(encoding="utf-8")
    section = text.partition("## Columns of CSV tables\n")[2].partition("\n## ")[0]
    _, _, *rows = [
        [cell.strip() for cell in line.split("|")[1:-1]] for line in re.findall(r"^\|.*", section, re.MULTILINE)
    ]
    [of_command_line] = csv.reader([as_csv([]).strip()])
    assert [name for name, *_ in rows if name] == of_command_line
    [of_dock] = csv.reader([Sheet().numbers(tuple(COLUMNS), delimiter=",").strip()])
    assert {title for _, title, *_ in rows if title} == set(of_dock)
    for column in COLUMNS.values():
        name = column.name if column.name in of_command_line else ""
        assert [name, column.unit_title, column.title] in [row[:3] for row in rows]


def test_every_public_name_is_documented() -> None:
    documented = set(re.findall(r"^\.\. auto[a-z]+:: ([\w.]+)$", API, flags=re.MULTILINE))
    assert {f"napari_quantize.{name}" for name in napari_quantize.__all__} <= documented


def test_docstrings_name_every_parameter() -> None:
    documented = re.findall(r"^\.\. auto(function|class):: ([\w.]+)$", API, flags=re.MULTILINE)
    objects = {name: pydoc.locate(name) for _, name in documented}
    assert [name for name, found in objects.items() if found is None] == []
    methods = {f"Codebook.{name}": getattr(Codebook, name) for name in ("encode", "apply", "save", "load", "from_dict")}
    missing = [
        f"{name}: {given}"
        for name, found in (objects | methods).items()
        for given in inspect.signature(found).parameters
        if given != "self" and not re.search(rf"\b{given}\b.*( :|$)", found.__doc__ or "", flags=re.MULTILINE)
    ]
    assert missing == []
