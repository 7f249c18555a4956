"""Give the package its description: the README, with links that lead somewhere on the package index, too.

All else stands in pyproject.toml and setup.cfg, which cannot change a text.
"""

import re
import tomllib
from pathlib import Path

from setuptools import setup

ROOT = Path(__file__).parent
RELATIVE = r"(?!\w+:|#)"


def absolute_links(markdown: str, repository: str) -> str:
    """Return `markdown` with its relative links and pictures in `repository`, the address of a repository's page."""
    repository = repository.rstrip("/")
    markdown = re.sub(rf"(!\[[^\]]*\]\(){RELATIVE}", rf"\1{repository}/raw/HEAD/", markdown)
    return re.sub(rf"(\]\(){RELATIVE}", rf"\1{repository}/blob/HEAD/", markdown)


urls = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["urls"]
description = (ROOT / "README.md").read_text(encoding="utf-8")
if "Source" in urls:
    description = absolute_links(description, urls["Source"])
setup(long_description=description, long_description_content_type="text/markdown")
