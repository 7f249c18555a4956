"""Call each command in each state, each state in a process of its own, and tell in a table how that went."""

from __future__ import annotations

from tools.stress.processes import ProcessResult, run_module

CRASH, HANG, DEAD = "crash", "hang", "dead"

Cells = dict[str, str]
"""How the calls of each command went, by its name."""


def call_in_state(state: str, n_times: int) -> tuple[Cells, list[str]]:
    """Call all commands in a state, in another process after each one that goes wrong; return reports of these, too."""
    cells: Cells = {}
    reports: list[str] = []
    while True:
        last = list(cells)[-1:]
        ended = run_module("call_commands", "--state", state, "--times", n_times, *(f"--after={name}" for name in last))
        found = read_cells(ended)
        cells |= found
        if ended.code == 0:
            return cells, reports
        reports.append(f"{state}, {[*found, 'no command'][len(found) - 1]}: exit code {ended.code}\n{ended.errors}")
        if not found:  # it would go wrong again
            return cells, reports


def read_cells(ended: ProcessResult) -> Cells:
    """Return what a process tells of its commands; the one that it did not come back from is what ended it."""
    cells = dict(line.split("\t") for line in ended.lines if line.count("\t") == 1)
    kind = CRASH if ended.has_crashed else HANG if ended.has_hung else DEAD
    return {name: outcome or kind for name, outcome in cells.items()}


def format_table(columns: dict[str, Cells]) -> str:
    """Return a table of commands (rows) and states (columns)."""
    names = list(dict.fromkeys(name for cells in columns.values() for name in cells))
    rows = [["", *columns], *([name, *(cells.get(name, "") for cells in columns.values())] for name in names)]
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(map(str.ljust, row, widths)).rstrip() for row in rows)
