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


def test_the_files_it_points_to_are_there() -> None:
    links = re.findall(r"\]\(([^)#]+)\)", README.read_text(encoding="utf-8"))
    local = [link for link in links if "://" not in link]
    assert local
    assert [link for link in local if not (README.parent / link).is_file()] == []


def test_the_make_targets_it_names_exist() -> None:
    targets = set(
        re.findall(r"^([a-z-]+):", (README.parent / "Makefile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    )
    named = set(re.findall(r"make ([a-z-]+)", README.read_text(encoding="utf-8")))
    assert {"demo", "test"} <= named
    assert named <= targets
