"""Importing the library stays light; asked of fresh interpreters, since this one has loaded everything."""

import ast
import importlib
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SCRIPTS = [path for folder in ("benchmarks", "docs", "examples", "tools") for path in (ROOT / folder).rglob("*.py")]
WINDOW = {"napari", "magicgui", "superqt", "qtpy", "PyQt5", "PyQt6", "PySide2", "PySide6"}
HEAVY = WINDOW | {"matplotlib", "dask", "sklearn", "skimage", "PIL"}

IMPORT_PACKAGE = "import napari_quantize"
IMPORT_ALL_BELOW = """
import importlib, pkgutil, {package} as package
for module in pkgutil.walk_packages(package.__path__, package.__name__ + "."):
    importlib.import_module(module.name)
"""
SHOW_LOADED = "\nimport sys; print(*{name.partition('.')[0] for name in sys.modules})"


def _loaded_by(code: str) -> set[str]:
    """Return the top-level modules loaded after `code` has run in an interpreter of its own."""
    done = subprocess.run([sys.executable, "-c", code + SHOW_LOADED], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return set(done.stdout.split())


def test_the_package_alone_loads_nothing_heavy() -> None:
    loaded = _loaded_by(IMPORT_PACKAGE)
    assert "napari_quantize" in loaded
    assert loaded & HEAVY == set()


@pytest.mark.parametrize("folder", ["core", "text", "formats", "palettes", "plots", "report", "cli"])
def test_all_but_the_viewer_needs_no_window(folder: str) -> None:
    loaded = _loaded_by(IMPORT_ALL_BELOW.format(package=f"napari_quantize.{folder}"))
    assert "napari_quantize" in loaded
    assert loaded & WINDOW == set()


def test_loaded_modules_are_detected() -> None:
    assert "matplotlib" in _loaded_by("import matplotlib")


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_scripts_import_only_names_that_exist(script: Path) -> None:
    tree = ast.parse(script.read_text(encoding="utf-8"))
    imports = [node for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)]
    for node in imports:
        if node.module and node.module.partition(".")[0] == "napari_quantize":
            module = importlib.import_module(node.module)
            assert [alias.name for alias in node.names if not hasattr(module, alias.name)] == []


def test_no_module_assigns_a_name_twice() -> None:
    for path in sorted((ROOT / "src").rglob("*.py")):
        module = ast.parse(path.read_text(encoding="utf-8"))
        assigned = [node.targets[0] for node in module.body if isinstance(node, ast.Assign)]
        names = [target.id for target in assigned if isinstance(target, ast.Name)]
        assert len(names) == len(set(names)), path.name
