"""Make `docs/benchmarks.md` of the figures that were kept; `--check` says whether it is up to date.

    python bench/page.py

Only what was measured is on the page: a bench that was not run, or a peer that was not there, has
no line and no ratio.
"""

import json
import sys
from pathlib import Path
from typing import Any

from figures import RESULTS, Figure

PAGE = Path(__file__).resolve().parents[1] / "docs/benchmarks.md"
TITLES = {
    "features": "Features",
    "imports": "Import",
    "store": "Store",
    "data": "The data platform",
    "backfill": "A backfill through the keeper",
    "report": "Report",
    "gate": "The gate",
    "experiments": "Experiments",
    "cluster": "Experiments on a cluster of two nodes",
    "service": "The service under load",
    "push": "What the service pushes",
    "day": "Two days of a market, faster than life",
    "cold": "From a cold process",
    "demo": "The demo",
    "peers": "Peers in environments of their own",
}
HEAD = """# Benchmarks

Made by `make bench` and `make bench-peers`; nothing here is typed by hand. A figure is the median
of several rounds on the clock, and depends on the machine and on what else it did: both stand above
each table. *Floor* is the least that any program could take for it there (bare parsing, one
`fdatasync`, the same files read unchecked). A ratio, in brackets, is above 1 where we are the
quicker. What was not measured is not here.
"""


def main() -> int:
    """Write the page, or compare it; return 1 where it differs."""
    text = HEAD + "".join(section(name) for name in TITLES if (RESULTS / f"{name}.json").exists())
    if "--check" in sys.argv:
        same = PAGE.exists() and PAGE.read_text(encoding="utf-8") == text
        print("docs/benchmarks.md is up to date" if same else "Run python bench/page.py")
        return int(not same)
    PAGE.write_text(text, encoding="utf-8")
    print(f"{PAGE} says what was measured")
    return 0


def section(name: str) -> str:
    """Return one bench's heading, circumstances and table."""
    found = json.loads((RESULTS / f"{name}.json").read_text(encoding="utf-8"))
    figures = [Figure(**one) for one in found["figures"]]
    rows = "\n".join(_row(one) for one in figures)
    return (
        f"\n## {TITLES[name]}\n\n{_circumstances(found['machine'])}\n\n"
        f"| what | figure | goal | floor | peers |\n|---|--:|--:|--:|---|\n{rows}\n"
    )


def _row(one: Figure) -> str:
    sign = "≤" if one.better == "lower" else "≥"
    goal = (
        "" if one.goal is None else f"{sign} {_number(one.goal)}{'' if one.reached else ', missed'}"
    )
    what = f"{one.what} ({one.note})" if one.note else one.what
    floor = "" if one.floor is None else _number(one.floor)
    peers = "; ".join(_peer(one, name, value) for name, value in one.peers.items())
    return f"| {what} | {_number(one.value)} {one.unit} | {goal} | {floor} | {peers} |"


def _peer(one: Figure, name: str, value: float) -> str:
    ratio = value / one.value if one.better == "lower" else one.value / value
    return f"{name} {_number(value)} {one.unit} ({ratio:.2g} x)"


def _number(value: float) -> str:
    if value >= 100:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def _circumstances(machine: dict[str, Any]) -> str:
    versions = ", ".join(f"{name} {version}" for name, version in machine["versions"].items())
    load = "" if machine["load"] is None else f", load {machine['load']:.1f}"
    return (
        f"{machine['at']}, {machine['cpu']}, {machine['cores']} cores{load}, {machine['system']}; "
        f"{versions}."
    )


if __name__ == "__main__":
    sys.exit(main())
