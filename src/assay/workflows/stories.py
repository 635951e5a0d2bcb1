"""Bring stories out of anybody's files into the store, and say what is stored."""

from collections import Counter
from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import polars as pl
from pydantic import TypeAdapter, ValidationError

from assay.core.errors import AssayError, NotFoundError, SettingsError
from assay.core.values.instrument import AssetClass
from assay.core.values.story import Story
from assay.sources.contract import Finding
from assay.sources.file_stories import Stories, Told, stories_of
from assay.sources.reading.raw import Raw, read_tables
from assay.sources.told import Told as FileTold
from assay.store.circumstances import COUNTS
from assay.store.documents import STORY_SCHEMA
from assay.workflows.desk import FOREVER, Desk, Tick, silent
from assay.workflows.experiments.units import Duration
from assay.workflows.imported import Refused
from assay.workflows.imports import files_of

MARKET = "the whole market"
"""What a story without instruments is about."""
_BY_BASE = (AssetClass.CRYPTO, AssetClass.METAL)
"""Kinds that are called by their base alone; a currency is in many pairs."""
_SAME = ["text", "of", "day"]
"""A story that agrees in these with another is the same one told again."""


@dataclass(frozen=True, slots=True)
class StoriesRead:
    """What one table of stories holds, and what was stored of it.

    `rows` are all rows; of these `without_text`, `without_time` cannot be read, `repeats` say the
    same of the same instruments on the same day as an earlier one, `known` are stored already and
    `added` are new (with a mere look: would be). `dated` name a day alone. `known_earlier` are
    those of `known` whose stored first-seen time, which they keep, lies before the one asked now.
    `about` counts the read stories by instrument, `strangers` are tickers without an instrument
    here, `unread` those whose bars here are simulated, which read simulated stories alone. `first`
    and `last` are first-seen times, None without any.
    """

    file: Path
    name: str
    rows: int
    without_text: int
    without_time: int
    repeats: int
    known: int
    known_earlier: int
    added: int
    dated: int
    first: datetime | None
    last: datetime | None
    about: dict[str, int]
    strangers: tuple[str, ...]
    unread: tuple[str, ...]
    sources: tuple[str, ...]
    findings: tuple[Finding, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        plain = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("file", "name", "findings")
        }
        findings = [
            {"what": f.what, "value": f.value, "evidence": f.evidence, "flag": f.flag}
            for f in self.findings
        ]
        return {"file": self.name, **plain, "findings": findings}


@dataclass(frozen=True, slots=True)
class StoriesRun:
    """What an import of several files of stories did."""

    read: tuple[StoriesRead, ...]
    refused: tuple[Refused, ...]

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "read": [one.to_json() for one in self.read],
            "refused": [one.to_json() for one in self.refused],
        }


def told_of(
    *,
    text: str | None = None,
    time: str | None = None,
    symbol: str | None = None,
    source: str | None = None,
    zone: str | None = None,
    delay: str | None = None,
    dates: str | None = None,
) -> Told:
    """Return what a person says of a table of stories; what means nothing is a `SettingsError`."""
    try:
        late = TypeAdapter(Duration).validate_python(delay or timedelta())
    except ValidationError as error:
        said = error.errors()[0]["msg"].removeprefix("Value error, ")
        raise SettingsError(f"--delay {said}") from error
    file = FileTold.of(clock=zone, dates=dates)
    return Told(text, time, symbol, source, file.clock, file.dates, late)


def import_stories(
    desk: Desk, paths: Sequence[Path], told: Told, *, store: bool = True, tick: Tick = silent
) -> StoriesRun:
    """Store the stories of files; safe to repeat. With `store` off, say what would be stored.

    A story that is stored keeps the first-seen time it was stored with. A table that cannot be read
    is named with the reason beside the others.
    """
    linked = _Linked(desk)
    read: list[StoriesRead] = []
    refused: list[Refused] = []
    files = files_of(paths)
    for number, file in enumerate(files, 1):
        try:
            for raw in read_tables(file):
                read.append(_of_table(desk, file, raw, told, linked, store=store))
        except AssayError as error:
            refused.append(Refused(file, str(file), error))
        tick("Reading stories", number, len(files))
    return StoriesRun(tuple(read), tuple(refused))


def stored_stories(desk: Desk) -> list[dict[str, Any]]:
    """Return what is stored, a row for each instrument and world: count, span, sources.

    A story about several instruments counts for each. `first` and `last` are first-seen times, UTC;
    of these `assumed` were not seen by anybody. `suspect` are those in which something was found
    that an honest publisher has no use for. `sources` come with the largest first.
    """
    found: list[dict[str, Any]] = []
    for simulated in (False, True):
        stories = desk.documents.told(FOREVER, simulated=simulated).filter(COUNTS)
        each = stories.with_columns(
            about=pl.when(pl.col("instruments").list.len() == 0)
            .then(pl.lit([MARKET]))
            .otherwise(pl.col("instruments"))
        ).explode("about", empty_as_null=True, keep_nulls=True)
        for about, rows in sorted(each.partition_by("about", as_dict=True).items()):
            counted = Counter(rows["source"].to_list())
            found.append(
                {
                    "instrument": about[0],
                    "stories": rows.height,
                    "first": rows["seen_at"].min(),
                    "last": rows["seen_at"].max(),
                    "assumed": int(rows["assumed"].sum()),
                    "suspect": int((rows["suspect"] != "").sum()),
                    "sources": [name for name, _ in counted.most_common()],
                    "simulated": simulated,
                }
            )
    return found


class _Linked:
    """The instruments of the workspace that tickers stand for, each looked up once."""

    def __init__(self, desk: Desk) -> None:
        self._desk = desk
        self._found: dict[str, str | None] = {}
        self._by_base: dict[str, str] = {}
        series = desk.bars.series()
        real = {info.symbol for info in series if not info.simulated}
        self.simulated = {info.symbol for info in series} - real
        if series and not real:
            self.simulated.add(MARKET)
        for symbol in sorted({info.symbol for info in series}):
            with suppress(NotFoundError):
                instrument = desk.instrument(symbol)
                if instrument.asset_class in _BY_BASE:
                    self._by_base.setdefault(instrument.base, symbol)

    def of(self, ticker: str) -> str | None:
        """Return the symbol: an instrument's, or that of the stored coin or metal (BTC, XAU)."""
        if ticker not in self._found:
            self._found[ticker] = self._by_base.get(ticker)
            with suppress(NotFoundError):
                self._found[ticker] = self._desk.instrument(ticker).symbol
        return self._found[ticker]

    def all(self, tickers: Iterable[str]) -> list[str]:
        """Return the symbols of several tickers; one nobody knows stands for itself."""
        return sorted({self.of(ticker) or ticker for ticker in tickers})


def _of_table(
    desk: Desk, file: Path, raw: Raw, told: Told, linked: _Linked, *, store: bool
) -> StoriesRead:
    found = stories_of(raw, told, default_source=file.name.partition(".")[0])
    named = _named(found, linked)
    single = named.sort("seen_at", maintain_order=True).unique(
        _SAME, keep="first", maintain_order=True
    )
    stored = _keyed(desk.documents.stories(None, FOREVER, simulated=False))
    before = stored.sort("seen_at").unique(_SAME, keep="first").select(*_SAME, had="seen_at")
    both = single.join(before, on=_SAME, how="left", maintain_order="left")
    new = both.filter(pl.col("had").is_null())
    if store:
        desk.documents.add_stories(_as_stories(new), simulated=False)
    span: Any = single["seen_at"]
    every = single.explode("instruments", empty_as_null=True, keep_nulls=True)["instruments"]
    about = Counter(every.fill_null(MARKET).to_list())
    return StoriesRead(
        file=file,
        name=raw.name,
        rows=found.rows,
        without_text=found.without_text,
        without_time=found.without_time,
        repeats=named.height - single.height,
        known=both.height - new.height,
        known_earlier=both.filter(pl.col("had") < pl.col("seen_at")).height,
        added=new.height,
        dated=int(single["dated"].sum()),
        first=span.min(),
        last=span.max(),
        about=dict(about.most_common()),
        strangers=tuple(t for t in about if t != MARKET and linked.of(t) is None),
        unread=tuple(sorted(linked.simulated & set(about))),
        sources=tuple(name for name, _ in Counter(single["source"].to_list()).most_common()),
        findings=found.findings,
    )


def _named(found: Stories, linked: _Linked) -> pl.DataFrame:
    """Return the stories with the instruments they are about, and their day."""
    if found.about is not None:
        lists = [linked.all([found.about])] * found.frame.height
    else:
        lists = [linked.all(tickers or []) for tickers in found.frame["tickers"].to_list()]
    instruments = pl.Series("instruments", lists, dtype=pl.List(pl.String()))
    return _keyed(found.frame.with_columns(instruments))


def _keyed(stories: pl.DataFrame) -> pl.DataFrame:
    """Return the stories with the two things that tell one from its repeats beside the text."""
    return stories.with_columns(
        day=pl.col("event_at").dt.date(), of=pl.col("instruments").list.join(" ")
    )


def _as_stories(rows: pl.DataFrame) -> list[Story]:
    return [
        Story(event_at, seen_at, source, text, tuple(instruments))
        for event_at, seen_at, source, text, instruments in rows.select(
            [name for name in STORY_SCHEMA if name != "id"]
        ).iter_rows()
    ]
