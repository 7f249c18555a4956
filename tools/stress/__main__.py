"""Use the dock in real, painted windows, to find crashes, tracebacks and layers that are left over.

``tools/with-display.sh python -m tools.stress --steps 200 --seeds 20`` takes random steps, each seed in a process of
its own. If one crashes, its operations on layers are replayed five times in plain napari: if that crashes, too, the
crash does not count. ``--commands 50`` calls each command of the dock 50 times in each state instead. The exit code is
1 if anything went wrong.
"""

from __future__ import annotations

import argparse
from collections import Counter
from collections.abc import Iterable

from tools.stress.command_table import call_in_state, format_table
from tools.stress.processes import ROOT, ProcessResult, run_module
from tools.stress.states import STATES

RECORDS = ROOT / "build" / "stress"
N_PRINTED = 10
N_REPLAYS = 5
GOOD, OF_NAPARI = "ok", "crash of plain napari"


def take_random_steps(seeds: range, n_steps: int) -> bool:
    """Take the steps of all seeds, print what went wrong, and return whether nothing did."""
    kinds: list[str] = []
    RECORDS.mkdir(parents=True, exist_ok=True)
    for seed in seeds:
        record = RECORDS / f"{seed}.jsonl"
        ended = run_module("random_steps", "--seed", seed, "--steps", n_steps, "--record", record)
        replays = [run_module("replay", record) for _ in range(N_REPLAYS if ended.has_crashed else 0)]
        kind = kind_of(ended, replays)
        kinds.append(kind)
        print(f"seed {seed}: {kind}{'' if kind == GOOD else report(ended, replays)}", flush=True)
    print(f"{len(seeds)} processes: {count(kinds)}")
    return set(kinds) <= {GOOD, OF_NAPARI}


def kind_of(ended: ProcessResult, replays: list[ProcessResult]) -> str:
    """Return how random steps have ended, in a word or two."""
    if ended.has_crashed:
        return OF_NAPARI if any(replay.has_crashed for replay in replays) else "crash"
    return "hang" if ended.has_hung else "problem" if ended.code else GOOD


def report(ended: ProcessResult, replays: list[ProcessResult]) -> str:
    """Return the last steps, what went wrong, and what plain napari made of it."""
    lines = [
        f" (exit code {ended.code}) after {len(ended.lines)} steps: … {' → '.join(ended.lines[-N_PRINTED:])}",
        ended.errors,
    ]
    if replays:
        n_crashed, n_failed = sum(each.has_crashed for each in replays), sum(each.code > 0 for each in replays)
        lines.append(f"plain napari: {n_crashed} of {len(replays)} crashed, {n_failed} could not do the same")
        lines += [each.errors for each in replays if each.code > 0][:1]
    return "\n".join(filter(None, lines))


def call_commands(n_times: int) -> bool:
    """Call the commands in all states, print what went wrong and a table, and return whether nothing did."""
    columns, is_ok = {}, True
    for state in STATES:
        columns[state.name], reports = call_in_state(state.name, n_times)
        is_ok = is_ok and not reports
        print(f"{state.name}: {count(columns[state.name].values())}", *reports, sep="\n", flush=True)
    print(format_table(columns))
    return is_ok


def count(outcomes: Iterable[str]) -> str:
    """Return how often there was each outcome, in words."""
    return ", ".join(f"{n} {outcome}" for outcome, n in Counter(outcomes).items())


def main() -> int:
    """Do what the arguments ask for, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--steps", type=int, default=200, help="random steps of each seed")
    parser.add_argument("--seeds", type=int, default=20, help="number of seeds")
    parser.add_argument("--first", type=int, default=0, help="first seed")
    parser.add_argument("--commands", type=int, default=0, help="call each command so many times in each state instead")
    options = parser.parse_args()
    seeds = range(options.first, options.first + options.seeds)
    is_ok = call_commands(options.commands) if options.commands else take_random_steps(seeds, options.steps)
    return 0 if is_ok else 1


if __name__ == "__main__":
    raise SystemExit(main())
