"""Build the sdist and, from the sdist, the wheel: usage tools/build_dist.py FOLDER."""

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]


def build(folder: Path) -> None:
    """Build both into `folder`, in place of what it held; stop with the whole output of the build if it fails."""
    shutil.rmtree(folder, ignore_errors=True)
    with tempfile.TemporaryDirectory(prefix="build-dist-") as name:
        # From a copy: setuptools also packs what an old egg-info lists, and would leave a new one in the tree.
        leftovers = shutil.ignore_patterns(".git", ".venv*", ".*_cache", "*.egg-info", "__pycache__", "build", "dist")
        source = shutil.copytree(ROOT, Path(name, "source"), symlinks=True, ignore=leftovers)
        command = [sys.executable, "-m", "build", "--no-isolation", "--outdir", str(folder.resolve()), str(source)]
        done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{done.stdout}{done.stderr}\nbuild_dist: the build failed")


if __name__ == "__main__":
    build(Path(sys.argv[1]))
