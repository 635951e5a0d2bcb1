"""A stop inside a callback of a C library still stops, and nothing is printed of it."""

import subprocess
import sys

SWALLOWS_A_STOP = """
import ctypes, time
from assay.workflows.stopping import keep_interrupts
keep_interrupts()
@ctypes.CFUNCTYPE(None)
def callback():
    raise {error}
try:
    callback()
    time.sleep(0.2)
    print("went on")
except KeyboardInterrupt:
    print("stopped")
"""


def run(error: str) -> subprocess.CompletedProcess[str]:
    code = SWALLOWS_A_STOP.format(error=error)
    return subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)


def test_a_stop_that_was_swallowed_is_raised_again_in_silence() -> None:
    said = run("KeyboardInterrupt")

    assert (said.stdout.strip(), said.stderr) == ("stopped", "")


def test_another_error_is_reported_as_before() -> None:
    said = run("ValueError('seen')")

    assert said.stdout.strip() == "went on"
    assert "ValueError: seen" in said.stderr
