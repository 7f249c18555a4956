"""What tests of the command line share: small images in files, and commands that are run in this process."""

from __future__ import annotations

from pathlib import Path

import pytest
from commands import CommandResult, RunCommand, save_photo

from napari_quantize.cli import main


@pytest.fixture
def run_command(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> RunCommand:
    """Run a command in this process."""
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments: object) -> CommandResult:
        capsys.readouterr()
        code = main([str(argument) for argument in arguments])
        written = capsys.readouterr()
        return CommandResult(code, written.out, written.err)

    return run


@pytest.fixture
def photo(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write a photo into the folder where commands are run."""
    monkeypatch.chdir(tmp_path)
    save_photo(tmp_path / "photo.png")
    return Path("photo.png")
