"""What --help says runs; versions and completion of shells."""

from __future__ import annotations

import shlex
from pathlib import Path

import numpy as np
import pytest
from commands import CommandResult, RunCommand, ended, save_photo, start

from napari_quantize import __version__
from napari_quantize.cli import help_text as texts
from napari_quantize.palettes.io import write_palette
from napari_quantize.palettes.palette import Palette

EXAMPLES = [
    line.strip()
    for text in (texts.ABOUT, texts.RUN, texts.COMPARE, texts.PALETTE, texts.INFO)
    for line in text.splitlines()
    if line.strip().startswith("napari-quantize ") and "COMMAND" not in line
]


def test_examples_are_found() -> None:
    assert len(EXAMPLES) >= 14


@pytest.mark.parametrize("line", EXAMPLES)
def test_examples_run(run_command: RunCommand, photo: Path, line: str) -> None:
    save_photo(Path("photo.jpg"))
    save_photo(Path("photos/a.png"))
    save_photo(Path("photos/b.png"), 1)
    save_photo(Path("small.png"), 2)
    np.save("cells.npy", np.arange(400, dtype=np.uint16).reshape(20, 20))
    Path("cells.npy").rename("cells.tif")  # read by its content
    write_palette("colours.gpl", Palette(np.array([[0, 0, 0], [255, 200, 9]], dtype=np.uint8), "two"))
    arguments = shlex.split(line, comments=True)[1:]
    if "-o" in arguments:
        arguments.append("--overwrite")
    if arguments[0] == "run":
        arguments += ["--jobs", "1"]
    result = run_command(*arguments)
    assert result.code == 0
    assert [note for note in result.err.splitlines() if "written as ." not in note] == []


@pytest.mark.parametrize("arguments", [[], ["--help"], ["-h"]])
def test_help_names_all_commands(run_command: RunCommand, arguments: list[str]) -> None:
    result = run_command(*arguments)
    assert (result.code, result.err) == (0, "")
    for command in ("run", "compare", "palette", "info", "demo"):
        assert f"\n  {command} " in result.out
    assert "..." not in result.out.partition("Commands:")[2]  # nothing is cut
    assert max(map(len, result.out.splitlines())) <= 80


@pytest.mark.parametrize("command", ["run", "compare", "palette", "info", "demo"])
def test_the_help_of_each_command_has_an_example(run_command: RunCommand, command: str) -> None:
    result = run_command(command, "--help")
    assert (result.code, result.err) == (0, "")
    assert "Example" in result.out
    assert f"  napari-quantize {command}" in result.out


def test_defaults_are_shown_as_they_are_typed(run_command: RunCommand) -> None:
    text = " ".join(run_command("run", "--help").out.split())
    assert "Numbers of values to keep: 8, or 2-6,12; default: 1,2,4,8,16,32. --mode" in text


def test_version_is_printed(run_command: RunCommand) -> None:
    assert run_command("--version") == CommandResult(0, f"napari-quantize {__version__}\n", "")


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts_are_printed_for_each_shell(shell: str) -> None:
    # The shell is that of the process tree; typer lets it be named for tests.
    code, out, _ = ended(start("--show-completion", shell, _TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION="1"))
    assert code == 0
    assert "_NAPARI_QUANTIZE_COMPLETE" in out


def test_completion_is_installed_where_the_shell_reads_it(tmp_path: Path) -> None:
    variables = {"HOME": str(tmp_path), "_TYPER_COMPLETE_TEST_DISABLE_SHELL_DETECTION": "1"}
    code, out, err = ended(start("--install-completion", "bash", **variables))
    assert (code, err) == (0, "")
    script = tmp_path / ".bash_completions" / "napari-quantize.sh"
    assert str(script) in out
    assert "_NAPARI_QUANTIZE_COMPLETE" in script.read_text(encoding="utf-8")
    assert str(script) in (tmp_path / ".bashrc").read_text(encoding="utf-8")


def test_commands_are_completed() -> None:
    words = {"COMP_WORDS": "napari-quantize co", "COMP_CWORD": "1"}
    code, out, err = ended(start(_NAPARI_QUANTIZE_COMPLETE="complete_bash", **words))
    assert (code, out.split(), err) == (0, ["compare"], "")
