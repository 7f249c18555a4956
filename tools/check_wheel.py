"""Check a wheel as a user gets it, away from the source tree: usage tools/check_wheel.py WHEEL.

An editable install finds every file of the tree; only the wheel shows what was left out of it.
"""

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterable
from pathlib import Path, PurePosixPath
from zipfile import ZipFile

from npe2 import PluginManifest

ROOT = Path(__file__).resolve().parents[1]
PACKAGE = ROOT / "src" / "napari_quantize"
NOT_IN_WHEEL = {"tests", "benchmarks", "docs", "examples", "tools"}

# Run with the new environment's Python: what napari itself does to find plugins.
DISCOVER = """
import npe2
manager = npe2.PluginManager()
manager.discover()
print(manager.get_manifest("napari-quantize").contributions.model_dump_json())
"""


def run(folder: Path, *command: str | Path) -> str:
    """Run `command` in `folder` and return what it printed; stop with all it said if it fails."""
    # PYTHONPATH could put the source tree back on the import path.
    environment = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\ncheck_wheel: this failed: {' '.join(map(str, command))}")
    return done.stdout


def content_problems(wheel: Path) -> list[str]:
    """Compare the wheel's files with the package's folder."""
    with ZipFile(wheel) as archive:
        packed = {PurePosixPath(name) for name in archive.namelist()}
    wanted = {PurePosixPath(file.relative_to(PACKAGE.parent)) for file in _package_files()}
    problems = [f"{name} is in the source tree, but not in the wheel" for name in sorted(wanted - packed)]
    problems += [f"{name} is in the wheel" for name in sorted(packed) if name.parts[0] in NOT_IN_WHEEL]
    if not any(name.name == "LICENSE" and name.parts[0].endswith(".dist-info") for name in packed):
        problems.append("LICENSE is not in the wheel")
    return problems


def _package_files() -> Iterable[Path]:
    for file in PACKAGE.rglob("*"):
        if file.is_file() and "__pycache__" not in file.parts and not file.name.startswith("."):
            yield file


def installed_contributions(wheel: Path, folder: Path) -> dict[str, object]:
    """Install the wheel in an environment of its own; return the contributions found there."""
    commands = folder / "environment" / "bin"
    run(folder, sys.executable, "-m", "venv", folder / "environment")
    # Bytecode for all that napari needs takes longer to make than the few modules imported here without it.
    pip_install = (commands / "python", "-m", "pip", "--disable-pip-version-check", "install", "--no-compile")
    run(folder, *pip_install, wheel, "napari[pyqt6]")
    run(folder, commands / "npe2", "validate", "napari-quantize", "--imports")
    found: dict[str, object] = json.loads(run(folder, commands / "python", "-c", DISCOVER))
    return found


def report(contributions: dict[str, object]) -> Iterable[str]:
    """Yield a line for each contribution: section, and the command or the menu's commands."""
    for section, entries in contributions.items():
        if isinstance(entries, dict):
            yield from (f"  {section}: {key}: {_names(value)}" for key, value in entries.items())
        elif entries:
            yield f"  {section}: {_names(entries)}"


def _names(entries: object) -> str:
    if not isinstance(entries, list):
        return "…"
    found = (entry.get("id") or entry.get("command") or entry.get("submenu") for entry in entries)
    return ", ".join(map(str, found))


def main() -> None:
    """Run all checks; exit with a message where one fails."""
    wheel = Path(sys.argv[1]).resolve()
    if problems := content_problems(wheel):
        sys.exit("\n".join(f"check_wheel: {problem}" for problem in problems))
    with tempfile.TemporaryDirectory(prefix="check-wheel-") as name:
        found = installed_contributions(wheel, Path(name))
    print(f"{wheel.name}, {wheel.stat().st_size / 1024:.0f} KiB, installed on its own, contributes")
    print(*report(found), sep="\n")
    declared = PluginManifest.from_file(PACKAGE / "napari.yaml").contributions
    if found != json.loads(declared.model_dump_json()):
        sys.exit("check_wheel: napari.yaml declares something else:\n" + declared.model_dump_json(indent=2))


if __name__ == "__main__":
    main()
