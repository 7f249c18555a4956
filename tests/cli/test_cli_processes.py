"""The program as shells run it: exit codes, streams, signals."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from commands import TIMEOUT, RunCommand, ended, environment, save_photo, start
from slow_cases import slow_except

POSIX = pytest.mark.skipif(os.name == "nt", reason="signals and devices of POSIX")


@pytest.fixture
def photos(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Write 40 photos into the folder ``in`` of where commands are run."""
    monkeypatch.chdir(tmp_path)
    for number in range(40):
        save_photo(tmp_path / "in" / f"{number:02}.png", number, shape=(90, 120, 3))
    return tmp_path


def wait_until(true: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    begin = time.monotonic()
    while not true():
        assert process.poll() is None, ended(process)
        assert time.monotonic() - begin < TIMEOUT
        time.sleep(0.01)


def test_exit_codes_and_streams(photos: Path) -> None:
    Path("in/bad.png").write_bytes(b"")
    command = ("run", "in/00.png", "in/bad.png", "-k", "2", "--out", "out", "--csv", "--jobs", "1")
    code, out, err = ended(start(*command))
    assert (code, err.splitlines()) == (1, [f"{Path('in/bad.png')} is empty"])
    assert len(out.splitlines()) == 2
    assert ended(start("run", "in/00.png", "-k", "2", "--out", "out"))[0] == 2


@POSIX
@pytest.mark.parametrize(
    ("number", "jobs"),
    slow_except([(signal.SIGINT, "1"), (signal.SIGINT, "2"), (signal.SIGTERM, "2")], (signal.SIGINT, "2")),
)
def test_a_signal_stops_the_run_and_leaves_no_partial_files(photos: Path, number: signal.Signals, jobs: str) -> None:
    process = start("run", "in", "-k", "1-12", "--out", "out", "--jobs", jobs)
    wait_until(lambda: Path("out/00_k3.indexed.png").exists() or Path("out/01_k3.indexed.png").exists(), process)
    os.killpg(process.pid, number)
    code, _, err = ended(process)
    assert code == 130
    (line,) = err.splitlines()
    assert line.startswith("Interrupted: ")
    files = [path for path in Path("out").iterdir() if path.name != "table.csv"]
    assert len(files) >= 2
    found = re.search(r"(\d+) images? done", line)
    n_done, n_begun = int(found[1]) if found else 0, len({path.name.partition("_")[0] for path in files})
    # Of each process one image that it had begun, and one that was done and not counted yet.
    assert n_done <= n_begun <= n_done + 2 * int(jobs)
    assert all(path.name.endswith((".indexed.png", ".json")) for path in files)  # nothing half-written
    assert all(path.stat().st_size for path in files)


@POSIX
def test_a_signal_while_libraries_are_imported_prints_no_traceback(photos: Path) -> None:
    process = start("run", "in", "--out", "out", "--jobs", "2")
    wait_until(lambda: Path("out").exists(), process)
    os.killpg(process.pid, signal.SIGINT)
    code, out, err = ended(process)
    assert (code, out, err) == (130, "", "Interrupted: no image was done.\n")
    assert not Path("out").exists()


@POSIX
def test_signals_are_blocked_in_new_processes(photos: Path) -> None:
    code = (
        "from job_work import blocked, do_nothing\n"
        "from napari_quantize.cli.batch.process_pool import work_in_processes as work\n"
        "if __name__ == '__main__': print([{2, 15} <= done for _, done in work(blocked, range(2), 2, do_nothing)])"
    )
    Path("masks.py").write_text(code)
    paths = os.pathsep.join((environment()["PYTHONPATH"], str(Path(__file__).parent)))
    done = subprocess.run(
        [sys.executable, "masks.py"],
        capture_output=True,
        encoding="utf-8",
        env=environment(PYTHONPATH=paths),
        check=False,
    )
    assert (done.stdout, done.stderr) == ("[True, True]\n", "")


@pytest.mark.slow
@POSIX
def test_processes_end_when_their_parent_is_killed(photos: Path) -> None:
    process = start("run", "in", "-k", "1-12", "--out", "out", "--jobs", "2")
    wait_until(lambda: len(list(Path().glob("out/*.png"))) > 4, process)
    process.kill()
    # Its processes hold the pipes: these are closed when the last one has ended.
    assert ended(process)[0] == -signal.SIGKILL
    assert not [path for path in Path("out").iterdir() if path.name.startswith(".")]


@pytest.mark.slow
@POSIX
def test_a_closed_pipe_prints_no_message(photos: Path) -> None:
    process = start("run", "in/00.png", "-k", "1-16", "--out", "out", "--json")
    assert process.stdout is not None
    process.stdout.close()
    assert process.stderr is not None
    assert process.stderr.read() == ""
    process.stderr.close()
    assert process.wait(TIMEOUT) == 1
    assert Path("out/00_k16.json").exists()


@POSIX
@pytest.mark.parametrize("closed", ["1", "2"])
def test_child_processes_get_an_open_stream_for_a_closed_one(closed: str) -> None:
    child = f"import os; os.fstat({closed})"
    code = (
        "import subprocess, sys; from napari_quantize.cli import _open_missing_streams; _open_missing_streams(); "
        f"raise SystemExit(subprocess.run([sys.executable, '-c', '{child}']).returncode)"
    )
    line = f'"$0" -c "$1" {closed}>&-'
    assert subprocess.run(["/bin/sh", "-c", line, sys.executable, code], env=environment(), check=False).returncode == 0


@POSIX
@pytest.mark.parametrize(("closed", "jobs"), slow_except([("1", "2"), ("2", "1")], ("1", "2")))
def test_a_run_succeeds_with_closed_standard_streams(photos: Path, closed: str, jobs: str) -> None:
    line = f'"$0" -m napari_quantize run in/00.png in/none.png -k 2 --out out --jobs {jobs} {closed}>&-'
    Path("in/none.png").write_bytes(b"")
    done = subprocess.run(
        ["/bin/sh", "-c", line, sys.executable], capture_output=True, encoding="utf-8", env=environment(), check=False
    )
    assert done.returncode == 1
    assert (done.stdout == "") == (closed == "1")
    assert done.stderr == ("in/none.png is empty\n" if closed == "1" else "")
    assert sorted(path.name for path in Path("out").iterdir()) == ["00_k2.indexed.png", "00_k2.json", "table.csv"]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
@pytest.mark.parametrize("command", [("run", "in/00.png", "-k", "2", "--out", "out"), ("--version",)])
def test_a_full_disk_is_reported_in_one_line(photos: Path, command: tuple[str, ...]) -> None:
    with Path("/dev/full").open("w") as full:
        code, _, err = ended(start(*command, stdout=full))
    assert (code, err) == (1, "napari-quantize: No space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_an_error_of_the_last_flush_is_reported(photos: Path) -> None:
    # Whatever a command prints without flushing: what is told must not depend on the size of Python's buffer.
    program = """
import sys
from napari_quantize.cli import app, main
app.run_app = lambda _: sys.stdout.write("one line") * 0
sys.exit(main(["info"]))
"""
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-c", program], stdout=full, stderr=subprocess.PIPE, env=environment(), text=True
        )
    assert (done.returncode, done.stderr) == (1, "napari-quantize: No space left on device\n")


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="a device of Linux")
def test_the_exit_code_is_kept_if_messages_cannot_be_written(photos: Path) -> None:
    Path("in/none.png").write_bytes(b"")
    for arguments, code in (["run", "in/none.png"], 1), (["run", "missing.png"], 2):
        command = [sys.executable, "-m", "napari_quantize", *arguments]
        with Path("/dev/full").open("w") as full:
            done = subprocess.run(command, stdout=subprocess.PIPE, stderr=full, env=environment(), check=False)
        assert done.returncode == code


@pytest.mark.skipif(sys.platform != "linux", reason="permissions of POSIX, which on Linux can bind root, too")
def test_a_read_only_folder_is_an_error_before_the_run(
    photos: Path, run_command: RunCommand, bound_by_permissions: None
) -> None:
    Path("locked").mkdir(mode=0o500)
    result = run_command("run", "in/00.png", "--out", "locked/out")
    assert (result.code, result.err.count("\n")) == (2, 1)
    assert "--out locked/out cannot be created: Permission denied" in result.err
    result = run_command("run", "in/00.png", "--out", "locked")
    assert (result.code, result.err) == (2, "napari-quantize: --out locked cannot be written to: Permission denied\n")


@pytest.mark.slow
def test_characters_that_the_terminal_cannot_show_become_question_marks(photos: Path) -> None:
    code, out, err = ended(start("run", "in/00.png", "-k", "2", "--out", "out", PYTHONIOENCODING="ascii"))
    assert (code, err) == (0, "")
    assert "error ?" in out
    assert "\x1b" not in out


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="a fake of the program that joblib asks on Linux")
@pytest.mark.parametrize(
    "command",
    [("run", "in/00.png", "-k", "3", "--out", "out"), ("palette", "in/00.png", "-k", "3", "--method", "lloyd")],
)
def test_uncountable_cores_print_no_warning(photos: Path, command: tuple[str, ...]) -> None:
    # joblib counts physical cores by lscpu, which fails in containers without /sys.
    lscpu = photos / "bin" / "lscpu"
    lscpu.parent.mkdir()
    lscpu.write_text("#!/bin/sh\n")
    lscpu.chmod(0o755)
    variables = environment(PATH=os.pathsep.join((str(lscpu.parent), os.environ["PATH"])))
    del variables["OMP_NUM_THREADS"]
    done = subprocess.run(
        [sys.executable, "-m", "napari_quantize", *command],
        capture_output=True,
        encoding="utf-8",
        env=variables,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")


HEAVY = {"napari", "qtpy", "superqt", "magicgui", "matplotlib", "sklearn", "skimage", "PIL", "imagecodecs", "tifffile"}


@pytest.mark.parametrize(
    ("code", "forbidden"),
    [
        ("main(['--help'])", HEAVY | {"numpy", "rich"}),
        ("main(['run', '--help'])", HEAVY | {"numpy", "rich"}),
        ("main(['--version'])", HEAVY | {"numpy", "rich"}),
        (
            "main(['run', *PHOTOS, '--out', 'out', '--jobs', '2', '-k', '1'])",
            HEAVY - {"PIL", "imagecodecs", "tifffile"},
        ),
    ],
)
def test_libraries_are_imported_only_when_needed(photos: Path, code: str, forbidden: set[str]) -> None:
    program = f"""
from napari_quantize.cli import main
PHOTOS = ["in/00.png", "in/01.png"]
if __name__ == "__main__":
    {code}
    import sys
    print("LOADED", *{{name.partition(".")[0] for name in sys.modules}})
"""
    Path("program.py").write_text(program)
    done = subprocess.run(
        [sys.executable, "program.py"],
        capture_output=True,
        text=True,
        encoding="utf-8",
        timeout=TIMEOUT,
        env=environment(),
    )
    assert done.returncode == 0, done.stderr
    assert not set(done.stdout.rpartition("LOADED")[2].split()) & forbidden


@POSIX
def test_the_demo_leaves_no_process_behind_when_it_is_killed(tmp_path: Path) -> None:
    napari = tmp_path / "python"
    napari.write_text('#!/bin/sh\necho $$ "$@"\n')
    napari.chmod(0o700)
    code = f"import sys; from napari_quantize.cli import main; sys.executable = {str(napari)!r}; main(['demo'])"
    process = subprocess.Popen(
        [sys.executable, "-c", code], stdout=subprocess.PIPE, env=environment(DISPLAY=":0"), text=True
    )
    assert process.communicate(timeout=TIMEOUT)[0] == f"{process.pid} -m napari_quantize.viewer.demo\n"
