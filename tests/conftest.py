"""What all tests share."""

import ctypes
import os
from collections.abc import Iterator

import pytest
from hypothesis import Phase, settings

# napari reads its settings file when first imported and writes it when a window closes. With no file named
# it keeps them in memory: set before any test can import napari, so that the developer's own stay untouched.
os.environ["NAPARI_CONFIG"] = ""

# Without this scikit-learn asks joblib for the number of cores, which warns in containers without /sys.
os.environ.setdefault("OMP_NUM_THREADS", str(os.cpu_count() or 1))

# Times differ too much between machines for hypothesis's deadline. Tests draw the same examples each time and
# everywhere, so that what fails once fails again; `make test-thorough` looks for others, and for many more.
settings.register_profile("same", deadline=None, derandomize=True, database=None, max_examples=20)
settings.register_profile("thorough", deadline=None, max_examples=500)
# A fault that was put in need only be noticed: the smallest example that shows it is not looked for.
settings.register_profile("mutants", settings.get_profile("same"), phases=[Phase.explicit, Phase.generate])
settings.load_profile("same")


_CAPABILITIES_VERSION = 0x20080522
_READ_AND_WRITE_ALL = 0b110  # CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH
_SET_SECURE_BITS, _NO_SETUID_FIXUP = 28, 4


@pytest.fixture
def bound_by_permissions() -> Iterator[None]:
    """Let permissions of files bind this thread even if it is root's."""
    if os.geteuid() != 0:
        yield
        return
    libc = ctypes.CDLL(None, use_errno=True)
    header = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    sets = (ctypes.c_uint32 * 6)()  # effective, permitted and inheritable; each of 64 bits, the lower ones first
    assert libc.capget(header, sets) == 0
    effective = sets[0]
    sets[0] = effective & ~_READ_AND_WRITE_ALL
    assert libc.capset(header, sets) == 0
    # os.access asks for the real user's permissions: these shall be the same.
    assert libc.prctl(_SET_SECURE_BITS, _NO_SETUID_FIXUP, 0, 0, 0) == 0
    yield
    assert libc.prctl(_SET_SECURE_BITS, 0, 0, 0, 0) == 0
    sets[0] = effective
    assert libc.capset(header, sets) == 0


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--fail-on-skip", action="store_true", help="Fail if a test was skipped.")


@pytest.hookimpl(trylast=True)
def pytest_sessionfinish(session: pytest.Session) -> None:
    """Let no test pass unseen that was not run."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if session.config.getoption("--fail-on-skip") and reporter and reporter.stats.get("skipped"):
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
        reporter.write_line("Failed: tests were skipped (see them with -rs).", red=True)
