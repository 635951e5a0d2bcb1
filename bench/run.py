"""Run every benchmark of this folder, one after the other, each in a process of its own.

`python bench/run.py [NAME …]`; without names all of them. Figures go to the terminal; they are
never asserted, for a busy machine is no bug.
"""

import subprocess
import sys
from pathlib import Path

FOLDER = Path(__file__).parent
NO_BENCH = {"run", "figures", "market", "page", "peers", "real_page"}


def main() -> int:
    """Run the named benchmarks, or all; return how many of them failed."""
    known = sorted(p.stem for p in FOLDER.glob("*.py") if p.stem not in NO_BENCH)
    names = sys.argv[1:] or known
    unknown = set(names) - set(known)
    if unknown:
        print(f"There is no benchmark {', '.join(sorted(unknown))}; there are {', '.join(known)}")
        return 2
    failed = 0
    for name in names:
        print(f"\n== {name}", flush=True)
        done = subprocess.run([sys.executable, str(FOLDER / f"{name}.py")], check=False)
        failed += done.returncode != 0
    return failed


if __name__ == "__main__":
    sys.exit(main())
