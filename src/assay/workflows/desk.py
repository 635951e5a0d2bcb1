"""The desk: one workspace with its stores, opened when first needed."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from pathlib import Path
from threading import Lock
from typing import TYPE_CHECKING

import polars as pl

from assay.core.clock import Clock
from assay.core.errors import NotFoundError, StoreError
from assay.core.instruments import KNOWN
from assay.core.instruments import instrument as known_instrument
from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.models.contract import Progress
from assay.store.bars import BarStore
from assay.store.loss import has_content, record_lost
from assay.store.seen import seen_between

if TYPE_CHECKING:
    from assay.core.secret import Secret
    from assay.features.sets import Which
    from assay.store.agenda import Agenda
    from assay.store.database import Database
    from assay.store.documents import DocumentStore
    from assay.store.journal import Journal
    from assay.store.snapshot import Snapshot
    from assay.workflows.macro.feed import MacroFeed
    from assay.workflows.news.planning import NewsFeed
    from assay.workflows.quality_kept import KeptQuality
    from assay.workflows.syncing.feeds import Feed, Reach, Terms

Tick = Callable[[str, int, int], None]
"""Called as (what is being done, how many are done, out of how many)."""

HEAD = "journal.head"
SCORER = "rules"
PEER_CLASSES = (
    {AssetClass.FX, AssetClass.METAL},
    {AssetClass.CRYPTO},
    {AssetClass.EQUITY, AssetClass.INDEX},
)
MOST_PEERS = 8
_SCORING = Lock()
FOREVER = datetime.max.replace(tzinfo=UTC)
STORY_COLUMNS = ("seen_at", "source", "text", "score", "novelty")


Watch = Callable[[str, Progress], None]
"""Called as (what is being trained, where it stands)."""


def unwatched(what: str, progress: Progress) -> None:
    """Show nobody how a training goes."""


def no_secret(name: str) -> None:
    """Know no secret."""


def silent(what: str, done: int, total: int) -> None:
    """Report progress to nobody."""


@dataclass(frozen=True, slots=True)
class _Scored:
    """The scored stories of a version of the store that were seen after `since` (None: ever)."""

    version: str
    since: datetime | None
    stories: pl.DataFrame

    def covers(self, version: str, since: datetime | None) -> bool:
        """Say whether they hold everything seen after `since`."""
        early = self.since is None or (since is not None and self.since <= since)
        return self.version == version and early

    def between(self, since: datetime | None, until: datetime) -> pl.DataFrame | None:
        """Return those seen after `since` up to `until`, None without any."""
        found = seen_between(self.stories, since and since + timedelta.resolution, until)
        return None if found.is_empty() else found


@dataclass
class Desk:
    """A workspace: where things are kept, what time it is, and how much may be used.

    `home` holds `bars/`, `documents/`, `models/`, `reports/` and, unless `database_url` names a
    PostgreSQL, `assay.db`; the head of the journal lies beside it in `journal.head`.
    """

    home: Path
    clock: Clock
    database_url: str | None = None
    seed: int = 7
    jobs: int = 2
    risk_fraction: float = 0.005
    device: str = "cpu"
    features: "Which" = "standard"
    history_days: int = 0
    retrain_days: int = 30
    fine_tune: bool = False
    least_coverage: float = 0.8
    feeds: "Mapping[str, Feed]" = field(default_factory=dict)
    news: "NewsFeed | None" = None
    terms: "Mapping[str, Terms]" = field(default_factory=dict)
    secret: "Callable[[str], Secret | None]" = no_secret
    macro: "MacroFeed | None" = None
    _scored: dict[tuple[str, bool], "_Scored"] = field(default_factory=dict, repr=False)

    @cached_property
    def bars(self) -> BarStore:
        """Return the store of bars; it writes nothing while the database is lost."""
        return BarStore(self.home / "bars", before_writing=self.refuse_loss)

    @cached_property
    def reach(self) -> "Reach":
        """Return the way to the providers of data; what they said is kept in `providers/`.

        With a database on a server the use of keys is counted there, for workers on all machines.
        """
        from assay.store.budgets import SqlUses
        from assay.workflows.syncing.feeds import Reach

        uses = SqlUses(self.database) if self.database_url else None
        return Reach(self.home / "providers", self.clock, self.terms, self.secret, uses)

    @cached_property
    def documents(self) -> "DocumentStore":
        """Return the store of stories and releases."""
        from assay.store.documents import DocumentStore

        return DocumentStore(self.home / "documents", self.clock)

    @cached_property
    def agenda(self) -> "Agenda":
        """Return the store of economic events."""
        from assay.store.agenda import Agenda

        return Agenda(self.home / "documents" / "events")

    def as_of(self, moment: datetime) -> "Snapshot":
        """Return what the stores of the workspace held at `moment` (UTC)."""
        from assay.store.snapshot import Snapshot
        from assay.store.universes import Universes

        return Snapshot(moment, self.bars, self.documents, Universes(self._as_it_is))

    @cached_property
    def database(self) -> "Database":
        """Return the database, migrated to this version; the first write makes it.

        One that was lost is a `StoreError`: nothing must be taken for new that is not.
        """
        self.refuse_loss()
        return self._as_it_is

    @cached_property
    def _as_it_is(self) -> "Database":
        from assay.store.database import open_database, sqlite_url

        return open_database(self.database_url or sqlite_url(self._file), create=False)

    def close(self) -> None:
        """Let go of the database's connections; a later use opens new ones."""
        opened = self.__dict__.get("_as_it_is")
        if opened is not None:
            opened.close()

    @property
    def _file(self) -> Path:
        return self.home / "assay.db"

    @property
    def has_database(self) -> bool:
        """Say whether the database exists."""
        if self.database_url is None:
            return has_content(self._file)
        return self._as_it_is.born

    def loss(self) -> str | None:
        """Return what must be said of a database that is not there, but was; else None."""
        if self.has_database:
            return None
        head = self.home / HEAD
        if self.database_url is None:
            return record_lost(str(self._file), self._file, head)
        return record_lost(self._as_it_is.name, self._as_it_is.path, head)

    def refuse_loss(self) -> None:
        """Stop with a `StoreError` if the database was lost: restore it, or accept it, first."""
        lost = self.loss()
        if lost:
            raise StoreError(lost)

    @cached_property
    def journal(self) -> "Journal":
        """Return the journal of issued signals."""
        from assay.store.journal import Journal

        return Journal(self.database, self.home / HEAD, self.clock)

    @cached_property
    def quality(self) -> "KeptQuality":
        """Return what is known of the quality of the stored series."""
        from assay.workflows.quality_kept import KeptQuality

        return KeptQuality(self)

    @property
    def journal_as_it_is(self) -> "Journal":
        """Return the journal to verify or adopt, even if its database was lost."""
        from assay.store.journal import Journal

        return Journal(self._as_it_is, self.home / HEAD, self.clock)

    @property
    def models(self) -> Path:
        """Return the folder of artefacts."""
        return self.home / "models"

    @property
    def reports(self) -> Path:
        """Return the folder of reports."""
        return self.home / "reports"

    def instrument(self, symbol: str) -> Instrument:
        """Return the instrument called `symbol`: a known one, or one defined in this workspace."""
        from assay.store.instruments import Instruments

        try:
            return known_instrument(symbol)
        except NotFoundError:
            return Instruments(self.database).get(symbol)

    def peers_of(self, instrument: Instrument, timeframe: Timeframe) -> list[Instrument]:
        """Return up to `MOST_PEERS` other stored instruments of its kind that have this timeframe.

        For a currency pair or a metal they share one of its sides; in order of their symbols.
        """
        kind = next(kinds for kinds in PEER_CLASSES if instrument.asset_class in kinds)
        names = sorted(
            info.symbol
            for info in self.bars.series()
            if info.timeframe is timeframe and info.symbol != instrument.symbol
        )
        found = [KNOWN[name] if name in KNOWN else self.instrument(name) for name in names]
        sides = {instrument.base, instrument.quote}
        alike = [
            other
            for other in found
            if other.asset_class in kind
            and (instrument.asset_class not in PEER_CLASSES[0] or sides & {other.base, other.quote})
        ]
        return alike[:MOST_PEERS]

    def has(self, symbol: str, timeframe: Timeframe) -> bool:
        """Say whether bars of the series are stored."""
        try:
            self.bars.info(symbol, timeframe)
        except NotFoundError:
            return False
        return True

    def is_simulated(self, symbol: str, timeframe: Timeframe) -> bool:
        """Say whether the stored bars of the series come from a simulation."""
        return self.bars.info(symbol, timeframe).simulated

    def scored_stories(
        self,
        instrument: Instrument,
        *,
        simulated: bool,
        until: datetime | None = None,
        since: datetime | None = None,
    ) -> pl.DataFrame | None:
        """Return the scored stories about `instrument` (`seen_at`, `score` …), None without any.

        `since` is reached a day early, so that a copy of an earlier story is known as one. What was
        scored last of an instrument serves every question inside it until a story is stored.
        """
        by = until or self.clock.now()
        key = (instrument.symbol, simulated)
        with _SCORING:
            version = self.documents.stories_version
            kept = self._scored.get(key)
            if kept is None or not kept.covers(version, since):
                frame = self._score(instrument, simulated=simulated, since=since)
                kept = self._scored[key] = _Scored(version, since, frame)
        return kept.between(since, by)

    def _score(
        self,
        instrument: Instrument,
        *,
        simulated: bool,
        since: datetime | None,
    ) -> pl.DataFrame:
        from assay.text.aggregate import score_stories
        from assay.text.catalog import SCORERS

        stories = self.documents.stories(
            [instrument.symbol],
            FOREVER,
            since - timedelta(days=1) if since else None,
            simulated=simulated,
        )
        return score_stories(stories, SCORERS.get(SCORER)(), instrument.symbol).select(
            STORY_COLUMNS
        )

    def releases(
        self, instrument: Instrument, *, simulated: bool, until: datetime | None = None
    ) -> pl.DataFrame | None:
        """Return the releases that bear on `instrument`, or None without any."""
        frame = self.documents.releases(
            [instrument.base, instrument.quote], until or self.clock.now(), simulated=simulated
        )
        return None if frame.is_empty() else frame
