"""Begin a workspace: its settings file, a database that answers, data, and what to run next."""

import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from assay.core.errors import SettingsError
from assay.core.instruments import instrument as known_instrument
from assay.core.values.timeframe import Timeframe
from assay.features.sets import Which
from assay.store.database import open_database
from assay.store.files import write_atomic
from assay.store.series import SeriesInfo
from assay.workflows.data import list_series
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.doctor import Diagnosis, examine
from assay.workflows.simulate import MarketPlan, simulate_apart

FILE = "assay.toml"
SQLITE = "sqlite"
TIMEFRAMES = (Timeframe.H1, Timeframe.H4)
START = datetime(2016, 1, 4, tzinfo=UTC)
MARKETS = ("EURUSD", "GBPUSD", "USDJPY", "XAUUSD")
"""What is simulated unless somebody asks for more: over in seconds."""
HEAD = """\
# Settings of this workspace; all of them: docs/reference/settings.md. A flag beats the environment
# (ASSAY_SEED and so on), which beats this file.
"""
TABLES = """
# What assay data sync keeps up to date; keys of sources come from the environment, never from here
# [feeds.EURUSD]
# sources = ["yahoo", "massive"]
# timeframes = ["15m", "1h"]
# since = 2020-01-01

# What assay news sync and assay macro sync keep up to date
# [news]
# sources = ["rss", "alpaca"]
# [macro]
# sources = ["fred"]

# What is different about a source: limits of your plan as [calls, seconds], names of instruments
# [providers.yahoo.symbols]
# XAUUSD = "GC=F"

# Where assay serve listens, and when its jobs are due (as of cron, UTC)
# [serve]
# port = 8420
# [schedule.backup]
# when = "15 3 * * *"
"""


@dataclass(frozen=True, slots=True)
class Choices:
    """What is written into the settings file; `database_url` None keeps SQLite in the workspace."""

    jobs: int
    seed: int = 7
    features: Which = "standard"
    database_url: str | None = None


@dataclass(frozen=True, slots=True)
class Begun:
    """A workspace as it stands after it was begun.

    `written` says whether the settings file is new; `next` are commands for just this workspace.
    """

    home: Path
    settings: Path
    written: bool
    series: tuple[SeriesInfo, ...]
    diagnosis: Diagnosis
    next: tuple[str, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "home": str(self.home),
            "settings": str(self.settings),
            "written": self.written,
            "series": [
                {name: value for name, value in asdict(one).items() if name != "folder"}
                for one in self.series
            ],
            "doctor": self.diagnosis.to_json(),
            "next": self.next,
        }


def settings_text(choices: Choices) -> str:
    """Return the settings file; every line says what it is, what is left out is a comment."""
    url = choices.database_url
    database = (
        '# database_url = "postgresql+pg8000://user@host/name"'
        if url is None
        else f"database_url = {json.dumps(url)}"
    )
    rows = (
        (
            f"seed = {choices.seed}",
            "of everything that uses chance; the same one, the same results",
        ),
        (f"jobs = {choices.jobs}", "fits and replays at once; more than processors gains nothing"),
        (
            f'features = "{choices.features}"',
            "what members read: standard, or full (twice as long)",
        ),
        (database, "where signals and models are registered; SQLite in this folder if left out"),
        (
            '# redis_url = "redis://host:6379/0"',
            "where several services share answers and messages",
        ),
        ("# workers = false", "whether assay worker does the jobs, on any machine, under Celery"),
        ("# job_days = 90", "for how many days jobs that ended are remembered"),
        ('# device = "auto"', "train nets on CUDA if there is one; only a CPU repeats to the byte"),
        ("# history_days = 0", "train on the last so many days of history; on all of it if 0"),
        ("# retrain_days = 30", "assay retrain: after so many days of new bars"),
        ("# fine_tune = false", "assay retrain: go on from the last weights where a member can"),
        ("# risk_fraction = 0.005", "share of equity lost when a stop is hit at its price"),
        ("# least_coverage = 0.8", "share of expected bars without which nothing is trained"),
    )
    return HEAD + "".join(f"\n# {why}\n{line}\n" for line, why in rows) + TABLES


def write_settings(home: Path, choices: Choices) -> Path:
    """Write the settings file of `home`, whole or not at all; return its path.

    One with a database's URL may be read by its owner alone.
    """
    refuse_file(home)
    place = home / FILE
    write_atomic(place, settings_text(choices).encode())
    if choices.database_url is not None:
        place.chmod(0o600)
    return place


def refuse_file(home: Path) -> None:
    """Stop with a `SettingsError` if `home` cannot be a workspace."""
    if home.is_file():
        raise SettingsError(f"The workspace {home} is a file; name a folder")
    if (home / FILE).is_dir():
        raise SettingsError(f"{home / FILE} must be a file of settings, but it is a folder")


def database_named(text: str) -> str | None:
    """Return the URL that `text` names, None for SQLite in the workspace, after connecting to it.

    One that cannot be reached, or is no database of ours, is a `StoreError`; nothing is made there.
    """
    if text.strip().lower() in ("", SQLITE):
        return None
    url = text.strip()
    opened = open_database(url, create=False)
    try:
        opened.check()
    finally:
        opened.close()
    return url


def markets_named(text: str) -> tuple[str, ...]:
    """Return the known symbols that `text` names, with commas between them; none for "all"."""
    if text.strip().lower() == "all":
        return ()
    names = [name.strip() for name in text.split(",") if name.strip()]
    if not names:
        raise SettingsError(f"Markets are symbols such as EURUSD,XAUUSD, or all; found {text!r}")
    return tuple(known_instrument(name).symbol for name in names)


def add_simulated(
    desk: Desk, symbols: tuple[str, ...], years: float, *, tick: Tick = silent
) -> None:
    """Store a simulated market of these symbols; none means all that are known."""
    simulate_apart(desk, MarketPlan(desk.seed, years, TIMEFRAMES, START, symbols), tick=tick)


def begun(desk: Desk, named: str | None, *, written: bool, tick: Tick = silent) -> Begun:
    """Return how the workspace stands: what is stored, what the doctor finds, what to run next.

    `named` is what `--home` must say to reach it, None if nothing.
    """
    stored = tuple(list_series(desk, []))
    return Begun(
        desk.home,
        desk.home / FILE,
        written,
        stored,
        examine(desk, tick=tick),
        next_commands(stored, named),
    )


def next_commands(stored: Sequence[SeriesInfo], named: str | None) -> tuple[str, ...]:
    """Return three commands to go on with; with bars they name a stored series.

    It is the one with the most bars of an hour or longer.
    """
    assay = "assay" if named is None else f"assay --home {shlex.quote(named)}"
    if not stored:
        return (f"{assay} data import FILE", f"{assay} train", f"{assay} daily")
    long = [info for info in stored if info.timeframe.minutes >= Timeframe.H1.minutes] or stored
    best = max(long, key=lambda info: info.rows)
    series = f"{best.symbol} --timeframe {best.timeframe}"
    return (
        f"{assay} train {best.symbol}",
        f"{assay} signal {series}",
        f"{assay} backtest {series}",
    )
