"""Put small faults into the modules that matter, one at a time, and fail where the tests notice too few of them.

``python tools/mutants.py [GROUP ...]`` runs mutmut on the groups of modules under ``[tool.mutants]`` in pyproject.toml,
each with its own tests. Faults that no test needs to notice stand in tests/mutants_allowed.txt, with a reason; every
other one that stays unnoticed is printed, and every entry of that file which is not needed.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
WORK = ROOT / "build" / "mutants"
ALLOWED = ROOT / "tests" / "mutants_allowed.txt"
MIN_SHARE = 0.9
# What mutmut says with the exit codes of the tests: a fault that makes them hang or crash is noticed, too.
NOTICED = {1, 3, 24, 36, 152, 255, -24, -11, -9}
# Threads of libraries do not outlive the fork in which mutmut runs each fault.
ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "MKL_NUM_THREADS": "1"}


def main(names: list[str]) -> int:
    """Run the named groups, or all; return the exit code."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    groups = project["tool"]["mutants"]
    allowed = read_allowed()
    found: set[str] = set()
    total = n_noticed = 0
    for name in names or groups:
        codes = run_group(name, groups[name])
        survivors = sorted(fault for fault, code in codes.items() if code not in NOTICED)
        n_group = len(codes) - len(survivors)
        print(f"{name}: {n_group} of {len(codes)} faults noticed", flush=True)
        total, n_noticed = total + len(codes), n_noticed + n_group
        found |= {f"{name}: {describe_fault(name, fault)}" for fault in survivors}
    share = n_noticed / total
    print(f"In all {n_noticed} of {total}: {share:.1%}")
    new = sorted(found - allowed)
    for line in new:
        print(f"Not noticed, and not in {ALLOWED.relative_to(ROOT)}: {line}")
    for line in sorted(allowed - found):
        if line.partition(":")[0] in (names or groups):
            print(f"Noticed or gone, so not needed in {ALLOWED.relative_to(ROOT)}: {line}")
    return 1 if new or share < MIN_SHARE else 0


def read_allowed() -> set[str]:
    """Return the faults that may stay unnoticed; each stands below a comment that says why."""
    allowed: set[str] = set()
    reason = ""
    for line in ALLOWED.read_text().splitlines():
        if not line.strip():
            reason = ""
        elif line.startswith("#"):
            reason = line
        elif reason:
            allowed.add(line)
        else:
            raise SystemExit(f"{ALLOWED.name} gives no reason for: {line}")
    return allowed


def run_group(name: str, group: dict[str, list[str]]) -> dict[str, int]:
    """Run mutmut on a copy of the sources; return the exit code of the tests for each fault."""
    work_folder = WORK / name
    shutil.rmtree(work_folder, ignore_errors=True)
    work_folder.mkdir(parents=True)
    for folder in ("src", "tests"):
        shutil.copytree(ROOT / folder, work_folder / folder, ignore=shutil.ignore_patterns("__pycache__"))
    settings = {
        "source_paths": ["src"],
        "only_mutate": group["modules"],
        "also_copy": [],
        "pytest_add_cli_args": ["-p", "no:cacheprovider", "--no-xvfb", "--hypothesis-profile=mutants"],
        "pytest_add_cli_args_test_selection": group["tests"],
    }
    lines = [f"{key} = {json.dumps(value)}" for key, value in settings.items()]
    lines += ["use_git_change_detection = false", "track_dependencies = false"]
    text = (ROOT / "pyproject.toml").read_text()
    (work_folder / "pyproject.toml").write_text("\n".join([text, "[tool.mutmut]", *lines, ""]))
    environment = {**os.environ, **ONE_THREAD, "PYTHONPATH": ""}
    command = [sys.executable, "-m", "mutmut", "run", "--max-children", str(os.cpu_count() or 1)]
    with (work_folder / "mutmut.log").open("w") as log:
        subprocess.run(command, cwd=work_folder, env=environment, stdout=log, stderr=subprocess.STDOUT)
    codes: dict[str, int] = {}
    for file in work_folder.glob("mutants/src/**/*.meta"):
        codes |= json.loads(file.read_text())["exit_code_by_key"]
    if not codes or None in codes.values():
        raise SystemExit(f"mutmut did not come to an end: see {work_folder / 'mutmut.log'}")
    return codes


def describe_fault(group: str, fault: str) -> str:
    """Return a fault as function and changed lines, without its position in a file or a folder."""
    command = [sys.executable, "-m", "mutmut", "show", fault]
    diff = subprocess.run(command, cwd=WORK / group, capture_output=True, text=True, check=True).stdout.splitlines()
    removed, added = (" ".join(line[1:].strip() for line in diff[3:] if line.startswith(sign)) for sign in "-+")
    function = re.sub(r"__mutmut_\d+$", "", fault.rpartition(".")[2]).replace("ǁ", ".")
    return f"{function.removeprefix('x_').removeprefix('x.')}: {removed} → {added}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
