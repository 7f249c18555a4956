"""What the README shows can be done as it stands there."""

import re
from pathlib import Path

import pytest
from PIL import Image
from skimage.data import astronaut

README = Path(__file__).parent.parent / "README.md"


def test_the_python_lines_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    (code,) = re.findall(r"```python\n(.*?)```", README.read_text(encoding="utf-8"), flags=re.DOTALL)
    monkeypatch.chdir(tmp_path)
    Image.fromarray(astronaut()).save("photo.jpg")
    exec(compile(code, "README.md", "exec"), {})  # noqa: S102
    assert capsys.readouterr().out.count("\n") == 3
    assert Path("levels.json").is_file()


@pytest.mark.parametrize("document", ["README.md", "docs/guide.md", "docs/benchmarks.md"])
def test_the_files_it_points_to_are_there(document: str) -> None:
    path = README.parent / document
    links = re.findall(r"\]\(([^)#]+)\)", path.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert local or document == "docs/benchmarks.md"
    assert [link for link in local if not (path.parent / link).is_file()] == []


def test_every_picture_is_shown() -> None:
    folder = README.parent / "docs" / "images"
    texts = "".join((README.parent / name).read_text(encoding="utf-8") for name in ("README.md", "docs/guide.md"))
    assert [picture.name for picture in folder.glob("*.png") if f"images/{picture.name}" not in texts] == []


def test_the_make_targets_it_names_exist() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (README.parent / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    named = set(re.findall(r"make ([a-z-]+)", README.read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named
    assert named <= targets
