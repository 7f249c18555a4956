"""Call each command in one state: ``python -m tools.stress.call_commands --state Tile --times 50``.

The name of each command is printed, and once more with how its calls went. The process ends after the first that
went wrong.
"""

from __future__ import annotations

import argparse
import gc
import tempfile
from pathlib import Path

from napari_quantize.viewer.demo import wait
from tools.stress.commands import Commands
from tools.stress.processes import restart_watchdog
from tools.stress.session import PAUSES_MS, Command, Session, print_problems, random_images
from tools.stress.states import STATES, StateSetup

# The results of K=5 of these images are above the best, so that *Use best* is offered.
SEED, SIZE = 9, 40
OK, OFF, OK_OR_OFF = "ok", "off", "ok/off"


def call_often(session: Session, scene: StateSetup, command: Command, n_times: int) -> str:
    """Call a command `n_times` for the images of a state, close the dock, and return how it went."""
    n_called, images = 0, scene.state.images
    for index, image in enumerate(images):
        scene.open(image)
        for _ in range(index, n_times, len(images)):
            restart_watchdog()
            session.take(scene.enter)
            n_called += session.take(command) is True
            wait(session.random.choice(PAUSES_MS))
            if session.problems:
                return session.problems[0].kind
        session.close_dock_and_find_left_over()
    if session.problems:
        return session.problems[0].kind
    return OK if n_called == n_times else OK_OR_OFF if n_called else OFF


def load_all(session: Session, scene: StateSetup) -> None:
    """Load all that the dock needs, and spare the garbage collector what stays for good.

    napari collects garbage after each removed layer, which took four fifths of the time.
    """
    scene.open(scene.state.images[0])
    session.take(scene.enter)
    session.close_dock_and_find_left_over()
    gc.collect()
    gc.freeze()


def main() -> int:
    """Call the commands, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--state", choices=[state.name for state in STATES], required=True)
    parser.add_argument("--times", type=int, required=True)
    parser.add_argument("--after", help="leave out the commands up to this one")
    options = parser.parse_args()
    index = [state.name for state in STATES].index(options.state)
    session = Session(index, random_images(SEED, SIZE))
    scene = StateSetup(session, STATES[index])
    load_all(session, scene)
    with tempfile.TemporaryDirectory() as folder:
        commands = Commands(session, Path(folder)).by_name()
        names = list(commands)
        for name in names[names.index(options.after) + 1 if options.after else 0 :]:
            print(f"{name}\t", flush=True)
            print(f"{name}\t{call_often(session, scene, commands[name], options.times)}", flush=True)
            if session.problems:
                break
    print_problems(session.problems)
    session.viewer.close()
    return 1 if session.problems else 0


if __name__ == "__main__":
    raise SystemExit(main())
