"""What the README shows can be done as it stands there."""

import re
import shlex
from pathlib import Path

import pytest
from PIL import Image
from skimage.data import astronaut, coffee

from napari_quantize.cli import main
from napari_quantize.cli.commands import demo

README = Path(__file__).parent.parent / "README.md"
DOCS = README.parent / "docs"
DOCUMENTS = [*sorted(README.parent.glob("*.md")), *sorted(DOCS.rglob("*.md"))]


def test_the_python_lines_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(astronaut()).save("photo.jpg")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out.count("\n") == 3
    assert Path("levels.json").is_file()


def test_the_commands_of_the_readme_run_in_order_and_write_the_files_that_it_names(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    _, _, section = README.read_text(encoding="utf-8").partition("## On the command line\n")
    section, _, _ = section.partition("\n## ")
    (block,) = re.findall(r"```bash\n(.*?)```", section, flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(demo, "has_display", lambda: False)
    Path("photos").mkdir()
    Image.fromarray(astronaut()[::4, ::4]).save("photo.jpg")
    Image.fromarray(astronaut()[::4, ::4]).save("photos/astronaut.jpg")
    Image.fromarray(coffee()[::4, ::4]).save("photos/coffee.jpg")
    Image.fromarray(coffee()[::4, ::4]).save("kodim01.png")
    ((shown, output),) = re.findall(r"^\$ (napari-quantize [^\n]*)\n(.*?)```", section, flags=re.MULTILINE | re.DOTALL)
    for line in [*block.splitlines(), shown]:
        program, command, *arguments = shlex.split(line, comments=True)
        assert program == "napari-quantize"
        code = main([command, *arguments, *["--jobs=1"] * (command == "run")])
        assert (line, code) == (line, 0)
        printed = capsys.readouterr().out
        assert printed
    assert shape_of(printed) == shape_of(output)
    written = [*re.findall(r"(?:--out|-o) (\S+)", block), "series/report.html"]
    assert [name for name in written if not Path(name).exists()] == []
    named = set(re.findall(r"`((?:NAME|palette)_\S+|table\S*\.csv)`", section))
    assert {"NAME_k8.indexed.png", "NAME_k8.json", "NAME_palette.indexed.png", "palette_k32.json"} <= named
    assert [name for name in named if not [*tmp_path.rglob(name.replace("NAME", "*"))]] == []


def shape_of(table: str) -> tuple[list[str], list[str], str]:
    """Return the titles of a printed table, the first word of each row, and the line below it without its sizes."""
    titles, *rows, _, summary = table.splitlines()
    return titles.split(), [row.split()[0] for row in rows], re.sub(r"[\d.,]+ (bytes|KB|MB|GB)", "SIZE", summary)


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_linked_files_exist(path: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert local or path.name not in ("README.md", "guide.md")
    assert [link for link in local if not (path.parent / link).is_file()] == []


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.stem)
def test_linked_headings_exist(path: Path) -> None:
    for target, heading in re.findall(r"\]\(([^)#:]*)#([^)]+)\)", path.read_text(encoding="utf-8")):
        text = (path.parent / target if target else path).read_text(encoding="utf-8")
        titles = re.findall(r"^#+ (.*)$", text, flags=re.MULTILINE)
        anchors = [re.sub(r"[^\w\- ]", "", title.lower()).replace(" ", "-") for title in titles]
        assert heading in anchors


def test_every_picture_is_used() -> None:
    folder = DOCS / "images"
    pictures = [picture.relative_to(DOCS).as_posix() for picture in folder.rglob("*.png")]
    texts = "".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    assert [picture for picture in pictures if f"{picture})" not in texts] == []


def test_named_make_targets_exist() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (README.parent / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    texts = "\n".join(path.read_text(encoding="utf-8") for path in DOCUMENTS)
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", texts, flags=re.MULTILINE))
    assert {"demo", "test"} <= named
    assert named <= targets
