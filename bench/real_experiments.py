"""The library's experiments on real prices: `python bench/real_experiments.py HOME [--data DIR]`.

DIR (or $ASSAY_SHARED_DATA) is a folder with the files named in `FILES` (public repositories; not
ours to ship), HOME a workspace for them alone. Bars are imported and resampled there and the
experiments run, cheapest first, by the same commands as anybody's; stopped, the same command goes
on where it was, and a second call fits nothing. `--only NAME` runs one (repeatable), `--leave NAME`
all but one. `--page FILE` runs nothing and writes the page from the workspace's database, whatever
it says; `--why NAME=TEXT` says on it why an experiment was left out.

Run it from code that nobody edits meanwhile: folds are kept by the digest of the code.
"""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

from assay.app import open_desk
from assay.core.ids import digest
from assay.store.files import write_atomic
from assay.store.runs import Runs
from assay.store.trials import TrialStatus
from assay.workflows.experiments import built
from assay.workflows.experiments.reading import library, read_experiments
from real_page import page

SHARED = Path(__file__).resolve().parents[2] / "shared/data"
FILES = (
    "fx/EURUSD_1m_2018-2019.parquet",
    "fx/EURUSD_1h_2020-2022.parquet",
    "fx/GBPUSD_1h_2012-2022.parquet",
    "fx/USDJPY_1h_2012-2022.parquet",
    "fx/AUDUSD_1h_2012-2022.parquet",
    "fx/EURJPY_1h_2012-2022.parquet",
    "fx/XAUUSD_1h_2012-2022.parquet",
    "fx/XAGUSD_1h_2011-2022.parquet",
    "equity/US500_1h_2013-2022.parquet",
    "equity/AAPL_15m_2017-2022.parquet",
    "equity/TSLA_15m_2017-2022.parquet",
    "crypto/BTCUSDT_1h_2017-2022.parquet",
    "crypto/ETHUSDT_1h_2017-2022.parquet",
)
CLASSES = ("AAPL=equity", "TSLA=equity", "US500=index")
DAILY = ("GBPUSD", "USDJPY", "AUDUSD", "EURJPY", "XAUUSD", "XAGUSD", "US500")
CHEAPEST_FIRST = (
    "turn-of-month-index", "volatility-managed-index", "gold-and-rates", "first-steps",
    "nothing-to-find", "gold-trend-combinatorial", "index-intraday-momentum", "short-term-reversal",
    "time-series-momentum-daily", "news-tone-equities", "fx-lead-and-lag", "crypto-weekend",
    "momentum-horizons", "london-open-range", "metals-searched-trees", "fx-shapes",
    "crypto-patches",
)  # fmt: skip
"""Those of the library whose bars are in `FILES`; nets last."""


def main() -> int:
    """Import and run, or write the page; return how many experiments did not end well."""
    asked = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    asked.add_argument("home", type=Path, help="the workspace")
    folder = Path(os.environ.get("ASSAY_SHARED_DATA", SHARED))
    asked.add_argument("--data", type=Path, default=folder, help="real bars: fx/ equity/ crypto/")
    asked.add_argument("--only", action="append", default=[], help="run this experiment alone")
    asked.add_argument("--leave", action="append", default=[], help="leave this experiment out")
    asked.add_argument("--jobs", type=int, default=1)
    asked.add_argument("--page", type=Path, help="write the page here, and run nothing")
    asked.add_argument("--why", action="append", default=[], help="NAME=TEXT, for the page")
    given = asked.parse_args()
    if given.page:
        write_atomic(given.page, page(open_desk(given.home), reasons(given.why)).encode())
        print(f"{given.page} says what was found")
        return 0
    import_all(given.home, given.data)
    failed = 0
    for name in given.only or [each for each in CHEAPEST_FIRST if each not in given.leave]:
        if is_done(given.home, name):
            print(f"{name}: done already", flush=True)
            continue
        print(f"\n== {name}", flush=True)
        failed += assay(given.home, "experiment", "run", name, "--jobs", str(given.jobs)) != 0
    return failed


def assay(home: Path, *words: str) -> int:
    """Run a command in the workspace; return its exit code."""
    command = [sys.executable, "-m", "assay", "--home", str(home), *words]
    return subprocess.run(command, check=False).returncode


def import_all(home: Path, data: Path) -> None:
    """Store the bars of every file, and the longer ones that experiments ask for."""
    missing = [name for name in FILES if not (data / name).exists()]
    if missing:
        sys.exit(f"{data} lacks {', '.join(missing)}; name the folder with --data")
    first, *others = (str(data / name) for name in FILES)
    classes = [word for each in CLASSES for word in ("--class", each)]
    steps = [
        ("import", first, "--yes"),
        ("resample", "EURUSD", "--from", "1m", "--to", "1h"),  # before the later years are added
        ("import", *others, *classes, "--yes"),
        *(("resample", each, "--from", "15m", "--to", "1h") for each in ("AAPL", "TSLA")),
        ("resample", "XAUUSD", "--from", "1h", "--to", "4h"),
        *(("resample", each, "--from", "1h", "--to", "1d") for each in DAILY),
    ]
    for step in steps:
        if assay(home, "data", *step):
            sys.exit(f"assay data {' '.join(step)} failed; see above")


def is_done(home: Path, name: str) -> bool:
    """Say whether this very code finished every run of an experiment there."""
    desk = open_desk(home)
    rows = Runs(desk.database).list(name=name) if desk.has_database else []
    desk.close()
    code = (built.code_version(), built.uncommitted_diff())
    there = {
        row.trial.configuration_digest
        for row in rows
        if row.trial.status is TrialStatus.FINISHED
        and (row.facts.code_version, row.facts.uncommitted_diff) == code
    }
    wanted = read_experiments([library()[name]])
    return {digest(each.experiment.configuration()) for each in wanted} <= there


def reasons(given: Sequence[str]) -> dict[str, str]:
    """Return what `--why` said, by the experiment's name."""
    return {name: text for name, _, text in (each.partition("=") for each in given)}


if __name__ == "__main__":
    sys.exit(main())
