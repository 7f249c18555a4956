"""The description that the package index shows is the README, with links that lead somewhere there."""

import re
import runpy
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

ROOT = Path(__file__).parents[1]
ADDRESS = "https://forge.example/team/napari-quantize"


@pytest.fixture
def description(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    """Return what the package's description is for a README and a setting of the project's address."""

    def described(readme: str, setting: str) -> str:
        (tmp_path / "setup.py").write_bytes((ROOT / "setup.py").read_bytes())
        (tmp_path / "README.md").write_text(readme, encoding="utf-8")
        (tmp_path / "pyproject.toml").write_text(f"[project.urls]\n{setting}", encoding="utf-8")
        given: dict[str, str] = {}
        # Development environments have setuptools of any age, or none; a build brings its own.
        monkeypatch.setitem(sys.modules, "setuptools", SimpleNamespace(setup=given.update))
        runpy.run_path(str(tmp_path / "setup.py"))
        assert given.pop("long_description_content_type") == "text/markdown"
        return given["long_description"]

    return described


def test_without_an_address_the_description_is_the_readme(description):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert description(readme, "") == readme


def test_with_an_address_all_links_are_absolute(description):
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    text = description(readme, f'Source = "{ADDRESS}"')
    targets = re.findall(r"\]\(([^)]*)\)", text)
    assert len(targets) == len(re.findall(r"\]\(", readme)) > 5
    assert all(target.startswith("https://") for target in targets)
    assert f"({ADDRESS}/raw/HEAD/docs/images/photo-4-tile.png)" in text
    assert f"({ADDRESS}/blob/HEAD/docs/guide.md)" in text
    assert text.replace(f"{ADDRESS}/blob/HEAD/", "").replace(f"{ADDRESS}/raw/HEAD/", "") == readme


@pytest.mark.parametrize(
    ("readme", "expected"),
    [
        ("[a](b.md#c)", f"[a]({ADDRESS}/blob/HEAD/b.md#c)"),
        ("![two\nlines](b.png)", f"![two\nlines]({ADDRESS}/raw/HEAD/b.png)"),
        ("[![b](c.png)](d.md)", f"[![b]({ADDRESS}/raw/HEAD/c.png)]({ADDRESS}/blob/HEAD/d.md)"),
        ("[a](https://b.example/c)", "[a](https://b.example/c)"),
        ("[a](mailto:b@c.example)", "[a](mailto:b@c.example)"),
        ("[a](#heading)", "[a](#heading)"),
    ],
)
def test_links_of_each_kind_become_absolute(description, readme, expected):
    assert description(readme, f'Source = "{ADDRESS}/"') == expected
