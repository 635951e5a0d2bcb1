"""What a person waits for: `assay --help`, and one signal from a cold process.

`python bench/cold.py [WORKSPACE SYMBOL TIMEFRAME]`. Without a workspace only `--help` is timed. The
floor is Python's own start. Every signal is of another bar, so none is a stored one. Python keeps
the bytecode it compiles, as it does for a user; the first run, which writes it, is not counted.
"""

import os
import statistics
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

RUNS = 7
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str]) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT)
    return time.perf_counter() - start


def show(name: str, times: list[float]) -> None:
    print(f"{name:<28} median {statistics.median(times):.2f} s, best {min(times):.2f} s of {RUNS}")


def main() -> None:
    python = sys.executable
    show("python -c pass (the floor)", [seconds([python, "-c", "pass"]) for _ in range(RUNS)])
    show("assay --help", [seconds([python, "-m", "assay", "--help"]) for _ in range(RUNS)])
    if len(sys.argv) == 4:
        home, symbol, frame = sys.argv[1:]
        first = datetime(2022, 3, 1, 12, tzinfo=UTC)
        times = []
        for number in range(RUNS + 1):
            at = (first + timedelta(hours=number)).isoformat()
            command = [python, "-m", "assay", "--home", home, "signal", symbol]
            times.append(seconds([*command, "--timeframe", frame, "--as-of", at]))
        show(f"assay signal {symbol} {frame}", times[1:])


if __name__ == "__main__":
    main()
