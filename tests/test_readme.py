"""What the README shows can be done as it stands there."""

import re
from pathlib import Path

import pytest
from PIL import Image
from skimage.data import astronaut

README = Path(__file__).parent.parent / "README.md"
DOCS = README.parent / "docs"
DOCUMENTS = [README, *sorted(DOCS.rglob("*.md"))]


def test_the_python_lines_of_the_readme_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(astronaut()).save("photo.jpg")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out.count("\n") == 3
    assert Path("levels.json").is_file()


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
    named = set(re.findall(r"make ([a-z-]+)", README.read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named
    assert named <= targets
