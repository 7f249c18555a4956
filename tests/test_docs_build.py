"""The pages are made without a warning. Where Sphinx is not installed, `make docs` tells."""

import re
import subprocess
import sys
from html.parser import HTMLParser
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent

pytestmark = pytest.mark.slow  # one build of the pages takes several seconds


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make the pages."""
    for library in ("furo", "myst_parser", "numpydoc", "sphinx"):
        pytest.importorskip(library)
    folder = tmp_path_factory.mktemp("site")
    command = [sys.executable, "-m", "sphinx", "--fail-on-warning", "--quiet", "-d", folder / "cache", ROOT / "docs"]
    done = subprocess.run([*command, folder / "pages"], capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return folder / "pages"


class Loaded(HTMLParser):
    """Collects what a browser loads to show a page."""

    def __init__(self) -> None:
        super().__init__()
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = dict(attrs)
        if tag in ("script", "img", "iframe"):
            self.addresses.append(given.get("src") or "")
        if tag == "link" and given.get("rel") == "stylesheet":
            self.addresses.append(given["href"] or "")


def test_pages_load_nothing_from_elsewhere(site: Path) -> None:
    for page in site.rglob("*.html"):
        parser = Loaded()
        parser.feed(page.read_text(encoding="utf-8"))
        assert [address for address in parser.addresses if "//" in address] == []


def test_formulas_are_rendered(site: Path) -> None:
    html = (site / "figures-of-loss.html").read_text(encoding="utf-8")
    assert html.count("<math") > 20
    assert "$$" not in html


def test_pictures_and_links_of_the_readme_exist(site: Path) -> None:
    html = (site / "index.html").read_text(encoding="utf-8")
    for target in re.findall(r'(?:src|href)="((?:_images|guide|benchmarks)[^"#]*)', html):
        assert (site / target).is_file(), target
    assert 'href="guide.html' in html
