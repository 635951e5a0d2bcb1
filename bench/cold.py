"""What a person waits for: `import assay`, `--help`, a key pressed in a shell, one cold signal.

`python bench/cold.py [WORKSPACE SYMBOL TIMEFRAME]`. Without a workspace no signal is timed. The
floor is Python's own start. Every signal is of another bar, so none is a stored one. Python keeps
the bytecode it compiles, as it does for a user; the first run, which writes it, is not counted.
"""

import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from figures import Figure, keep

RUNS = 7
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str], **more: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT | more)
    return time.perf_counter() - start


def main() -> int:
    python = sys.executable
    floor = medians([python, "-c", "pass"])
    pressed = {"_ASSAY_COMPLETE": "complete_bash", "COMP_WORDS": "assay signal ", "COMP_CWORD": "2"}
    pressed |= {"ASSAY_HOME": sys.argv[1]} if len(sys.argv) > 1 else {}
    command = str(Path(python).with_name("assay"))
    figures = [
        Figure("import assay", medians([python, "-c", "import assay"]), "s", 0.1, floor),
        Figure("a key: assay signal <Tab>", medians([command], **pressed), "s", 0.15, floor),
        Figure("assay --help", medians([python, "-m", "assay", "--help"]), "s", 0.3, floor),
    ]
    if len(sys.argv) == 4:
        figures.append(Figure("one signal", _signal(*sys.argv[1:]), "s", None, floor))
    return keep("cold", figures)


def medians(command: list[str], **more: str) -> float:
    """Return the median seconds of a command in a process of its own."""
    return statistics.median(seconds(command, **more) for _ in range(RUNS))


def _signal(home: str, symbol: str, frame: str) -> float:
    first = datetime(2022, 3, 1, 12, tzinfo=UTC)
    times = []
    for number in range(RUNS + 1):
        at = (first + timedelta(hours=number)).isoformat()
        command = [sys.executable, "-m", "assay", "--home", home, "signal", symbol]
        times.append(seconds([*command, "--timeframe", frame, "--as-of", at]))
    return statistics.median(times[1:])


if __name__ == "__main__":
    sys.exit(main())
