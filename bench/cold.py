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

RUNS = 7
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "PYTHONDONTWRITEBYTECODE"}


def seconds(command: list[str], **more: str) -> float:
    start = time.perf_counter()
    subprocess.run(command, check=True, capture_output=True, env=ENVIRONMENT | more)
    return time.perf_counter() - start


def show(name: str, times: list[float]) -> None:
    print(f"{name:<28} median {statistics.median(times):.2f} s, best {min(times):.2f} s of {RUNS}")


def main() -> None:
    python = sys.executable
    show("python -c pass (the floor)", [seconds([python, "-c", "pass"]) for _ in range(RUNS)])
    show("import assay", [seconds([python, "-c", "import assay"]) for _ in range(RUNS)])
    pressed = {"_ASSAY_COMPLETE": "complete_bash", "COMP_WORDS": "assay signal ", "COMP_CWORD": "2"}
    pressed |= {"ASSAY_HOME": sys.argv[1]} if len(sys.argv) > 1 else {}
    assay = str(Path(python).with_name("assay"))
    show("a key: assay signal <Tab>", [seconds([assay], **pressed) for _ in range(RUNS)])
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
