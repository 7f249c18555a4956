"""ARCHITECTURE.md names every module, and no file that is not there."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SOURCE = ROOT / "src" / "napari_quantize"
PAGE = (ROOT / "ARCHITECTURE.md").read_text("utf-8")
TREE = PAGE.split("```text\n")[1].split("```")[0]
FOLDERS = sorted(path.parent for path in SOURCE.rglob("__init__.py") if path.parent != SOURCE)


def lines_of(folder: Path) -> str:
    """Return what the tree says of a folder: its line, and those that continue it."""
    depth = len(folder.relative_to(SOURCE).parts) - 1
    start = f"{'  ' * depth}{folder.name}/ "
    parents = [f"{'  ' * n}{part}/ " for n, part in enumerate(folder.relative_to(SOURCE).parts[:-1])]
    text = TREE
    for parent in parents:
        text = text[re.search(f"^{re.escape(parent)}", text, re.MULTILINE).start() :]
    text = text[re.search(f"^{re.escape(start)}", text, re.MULTILINE).start() :]
    first, *others = text.splitlines()
    continued = []
    for line in others:
        if not line.startswith("  " * (depth + 1)) or re.match(r" *\w+/ ", line):
            break
        continued.append(line)
    return "\n".join([first, *continued])


@pytest.mark.parametrize("folder", FOLDERS, ids=lambda folder: str(folder.relative_to(SOURCE)))
def test_the_tree_names_each_module(folder: Path) -> None:
    told = lines_of(folder)
    for module in folder.glob("*.py"):
        if module.stem != "__init__":
            assert re.search(rf"\b{module.stem}\b", told), f"{module.relative_to(SOURCE)} is missing in ARCHITECTURE.md"


def test_each_named_file_exists() -> None:
    paths = re.findall(r"`([a-z_]+(?:/[a-z_]+)*(?:/|\.py))`", PAGE)
    assert len(paths) > 30
    assert [path for path in paths if not (SOURCE / path).exists()] == []
