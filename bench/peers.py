"""Peers that share no environment with us: each gets one, does the job, and is set beside ours.

    python bench/peers.py [NAME …] [--folder .bench-peers]

Each file of `bench/peers/` says in its docstring what it needs (`Needs: duckdb numpy`), is run by
an interpreter of its own and prints JSON: a list of {"of": bench, "what": our figure, "peer": name,
"value": number, "unit": unit}. A peer that cannot be installed, or fails, is said and left out. Its
figure stands beside ours of the last `make bench` on the same machine.
"""

import argparse
import json
import re
import subprocess
import sys
import venv
from pathlib import Path
from typing import Any

from figures import RESULTS, Figure, keep

FOLDER = Path(__file__).parent / "peers"
PLACE = Path(".bench-peers")
NEEDS = re.compile(r"^Needs: (.+)$", re.MULTILINE)
FAILURES = (subprocess.CalledProcessError, ValueError, OSError)
"""Of a peer: it is said and left out."""


def main() -> int:
    """Run the named peers, or all; what fails is printed and no failure of ours."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    known = sorted(path.stem for path in FOLDER.glob("*.py"))
    parser.add_argument("names", nargs="*", help=f"of {', '.join(known)}")
    parser.add_argument("--folder", type=Path, default=PLACE)
    asked = parser.parse_args()
    unknown = sorted(set(asked.names) - set(known))
    if unknown:
        parser.error(f"there is no peer {', '.join(unknown)}; there are {', '.join(known)}")
    ours, figures = _ours(), []
    for name in asked.names or known:
        print(f"== {name}", flush=True)
        try:
            said = measured(FOLDER / f"{name}.py", asked.folder / name)
        except FAILURES as error:
            print(f"not measured: {why(error)}")
            continue
        figures += [_beside(one, ours) for one in said]
    if figures:
        keep("peers", figures)
    return 0


def measured(script: Path, folder: Path, *arguments: str) -> list[dict[str, Any]]:
    """Return what a peer's script said, run with `arguments` in the environment in `folder`.

    The environment is made, and what the script needs put into it, where it is not there yet; what
    goes wrong is one of `FAILURES`.
    """
    python = folder / ("Scripts/python.exe" if sys.platform == "win32" else "bin/python")
    needs = NEEDS.findall(script.read_text(encoding="utf-8"))[0].split()
    if not python.exists():
        venv.create(folder, with_pip=True)
    install = [
        str(python),
        "-m",
        "pip",
        "install",
        "--quiet",
        "--disable-pip-version-check",
        *needs,
    ]
    subprocess.run(install, check=True, capture_output=True, text=True)
    command = [str(python), str(script), *arguments]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    found = json.loads(done.stdout)
    assert isinstance(found, list)
    return found


def _ours() -> dict[tuple[str, str], Figure]:
    found = {}
    for path in RESULTS.glob("*.json"):
        if path.stem != "peers":
            for one in json.loads(path.read_text(encoding="utf-8")).get("figures", ()):
                found[path.stem, one["what"]] = Figure(**one)
    return found


def _beside(said: dict[str, Any], ours: dict[tuple[str, str], Figure]) -> Figure:
    """Return our figure with the peer's; without ours the peer's stands alone, with no ratio."""
    own = ours.get((said["of"], said["what"]))
    name, value = str(said["peer"]), float(said["value"])
    if own is None:
        return Figure(f"{name}: {said['what']}", value, str(said["unit"]))
    return Figure(own.what, own.value, own.unit, better=own.better, peers={name: value})


def why(error: Exception) -> str:
    """Return the last line of what a peer said of its failure."""
    text = str(getattr(error, "stderr", None) or error).strip()
    return text.splitlines()[-1] if text else type(error).__name__


if __name__ == "__main__":
    sys.exit(main())
