"""Stories and macro releases, with the time each could first be known."""

import hashlib
import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any
from urllib.parse import quote

import polars as pl

from assay.core.clock import Clock, utc
from assay.core.errors import DataError
from assay.core.values.release import Release
from assay.core.values.story import Story
from assay.store.circumstances import CIRCUMSTANCES_SCHEMA, COUNTS, Circumstances
from assay.store.seen import SeenLog

TIME = pl.Datetime("us", "UTC")
STORY_SCHEMA = pl.Schema(
    {
        "event_at": TIME,
        "seen_at": TIME,
        "source": pl.String(),
        "text": pl.String(),
        "instruments": pl.List(pl.String()),
        "id": pl.String(),
    }
)
TOLD_SCHEMA = pl.Schema({**STORY_SCHEMA, **CIRCUMSTANCES_SCHEMA})
RELEASE_SCHEMA = pl.Schema(
    {
        "series": pl.String(),
        "currency": pl.String(),
        "event_at": TIME,
        "seen_at": TIME,
        "actual": pl.Float64(),
        "consensus": pl.Float64(),
        "period": pl.String(),
        "assumed": pl.Boolean(),
    }
)
SCORE_SCHEMA = pl.Schema(
    {"id": pl.String(), "subject": pl.String(), "score": pl.Float64(), "spread": pl.Float64()}
)
_WORLD = {"simulated": pl.Boolean()}
_STORED = {"stored_at": TIME}
"""When a row came into this store; null for what came before that was written down."""
_ENCODE = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_SCORE_KEY = ["id", "subject"]
_FIGURE = ["series", "currency", "period"]
_RELEASE_ORDER = ["seen_at", "series", "currency", "event_at", "period"]


@dataclass(frozen=True, slots=True)
class DocumentInfo:
    """How much is stored of one kind, of one world; times UTC, None where there is nothing."""

    rows: int
    first_seen: datetime | None
    last_seen: datetime | None


class DocumentStore:
    """Stories, releases and the scores of stories under `root`, each a folder of Parquet files.

    Everything is read as of a first-seen time. Simulated and real documents are kept apart by
    `simulated`: no read mixes them. Writes are atomic and safe to repeat. With a `clock` each row
    says when it came here, and `stored_by` reads what had come by then: a story of last year that
    is brought in today was first seen last year, and was not here yesterday.
    """

    def __init__(self, root: Path, clock: Clock | None = None) -> None:
        self._root, self._clock = root, clock
        self._stories = self._log("stories", TOLD_SCHEMA, ["seen_at", "id"])
        self._releases = self._log("releases", RELEASE_SCHEMA, _RELEASE_ORDER)

    def add_stories(
        self,
        stories: Sequence[Story],
        *,
        simulated: bool,
        circumstances: Sequence[Circumstances] | None = None,
    ) -> int:
        """Store the stories not stored yet, each with its `circumstances`; return how many.

        A story is known by its content (`story_id`): met again, it keeps the first-seen time it
        was first stored with. Within one call the earliest counts.
        """
        met = [Circumstances()] * len(stories) if circumstances is None else circumstances
        rows = pl.DataFrame(
            {
                "event_at": [story.event_at for story in stories],
                "seen_at": [story.seen_at for story in stories],
                "source": [story.source for story in stories],
                "text": [story.text for story in stories],
                "instruments": [list(story.instruments) for story in stories],
                "id": [story_id(story) for story in stories],
                **{name: [getattr(one, name) for one in met] for name in CIRCUMSTANCES_SCHEMA},
                "simulated": simulated,
                "stored_at": self._now,
            },
            schema={**TOLD_SCHEMA, **_WORLD, **_STORED},
        )
        rows = rows.sort("seen_at", "id").unique("id", keep="first", maintain_order=True)
        return self._stories.add(
            rows, lambda stored: rows.join(stored, on=["id", "simulated"], how="anti")
        )

    @property
    def _now(self) -> datetime | None:
        return self._clock.now() if self._clock else None

    @property
    def versions(self) -> tuple[str, str]:
        """Return what changes whenever a story or a release is stored."""
        return self._stories.version, self._releases.version

    @property
    def stories_version(self) -> str:
        """Return what changes whenever a story is stored."""
        return self._stories.version

    def stories(
        self,
        symbols: Collection[str] | None,
        seen_until: datetime,
        seen_from: datetime | None = None,
        *,
        simulated: bool,
        stored_by: datetime | None = None,
    ) -> pl.DataFrame:
        """Return the stories about `symbols` first seen by `seen_until`, as `STORY_SCHEMA`.

        Both ends are included, UTC; sorted by first-seen time, then id. A story without
        instruments is about the whole market and always among them; None means every story. A copy
        is there for the instruments alone that no earlier telling was about.
        """
        every = self.told(seen_until, seen_from, simulated=simulated, stored_by=stored_by)
        found = every.filter(COUNTS)
        if symbols is not None:
            about = pl.col("instruments").list.set_intersection(sorted(symbols)).list.len() > 0
            found = found.filter(about | (pl.col("instruments").list.len() == 0))
        return found.select(list(STORY_SCHEMA))

    def told(
        self,
        seen_until: datetime,
        seen_from: datetime | None = None,
        *,
        simulated: bool,
        stored_by: datetime | None = None,
    ) -> pl.DataFrame:
        """Return every telling of a story first seen by `seen_until`, copies too.

        As `TOLD_SCHEMA`, see `Circumstances`; both ends included, UTC, in order.
        """
        found = self._stories.read(seen_until, seen_from).filter(
            pl.col("simulated") == simulated, _had(stored_by)
        )
        return found.select(list(TOLD_SCHEMA))

    def add_releases(self, releases: Sequence[Release], *, simulated: bool) -> int:
        """Store the releases that say something new at their first-seen time; return how many.

        A release repeats if the version in force at its `seen_at`, same series, currency, event
        time and period, has the same figures; a revision, also one back to an older figure, is new.
        """
        for release in releases:
            _refuse_not_finite(release)
        rows = pl.DataFrame(
            {
                "series": [release.series for release in releases],
                "currency": [release.currency for release in releases],
                "event_at": [release.event_at for release in releases],
                "seen_at": [release.seen_at for release in releases],
                "actual": [release.actual for release in releases],
                "consensus": [release.consensus for release in releases],
                "period": [release.period for release in releases],
                "assumed": [release.assumed for release in releases],
                "simulated": simulated,
                "stored_at": self._now,
            },
            schema={**RELEASE_SCHEMA, **_WORLD, **_STORED},
        )
        return self._releases.add(rows, lambda stored: _news(rows, stored))

    def releases(
        self,
        currencies: Collection[str] | None,
        seen_until: datetime,
        seen_from: datetime | None = None,
        *,
        simulated: bool,
        stored_by: datetime | None = None,
    ) -> pl.DataFrame:
        """Return the releases on `currencies` first seen by `seen_until`, as `RELEASE_SCHEMA`.

        Every version is a row, sorted by first-seen time; both ends included, UTC; None means
        every currency. `consensus` is null where nobody was asked. A figure whose first-seen time
        is assumed gives way to one of the same period that somebody told.
        """
        mine = (pl.col("simulated") == simulated) & _had(stored_by)
        found = self._releases.read(seen_until, seen_from).filter(mine)
        if found["assumed"].any():
            found = without_superseded(found, self._releases.read().filter(mine))
        if currencies is not None:
            found = found.filter(pl.col("currency").is_in(sorted(currencies)))
        return found.select(list(RELEASE_SCHEMA))

    def add_scores(self, scorer: str, version: int, scores: pl.DataFrame, at: datetime) -> int:
        """Store the scores one version of a scorer gave; return how many were new.

        `scores` has the columns of `SCORE_SCHEMA`: `id` of the story, `subject` the symbol whose
        price the tone is about ("" for none), `score` in [-1, 1], `spread` in [0, 1]. `at` (UTC)
        is when they were made. A version that contradicts itself is refused with `DataError`.
        """
        name = f"{scorer} version {version}"
        if scores.schema != SCORE_SCHEMA:
            raise DataError(
                f"{name}: scores need the columns {dict(SCORE_SCHEMA)}; found {dict(scores.schema)}"
            )
        wrong = scores.filter(
            ~(pl.col("score").is_between(-1, 1) & pl.col("spread").is_between(0, 1)).fill_null(
                value=False
            )
        )
        if wrong.height:
            raise DataError(
                f"{name}: a score lies in [-1, 1] and its spread in [0, 1]; {wrong.height:,} do "
                f"not, first {wrong.row(0)}"
            )
        rows = scores.unique(maintain_order=True).with_columns(
            seen_at=pl.lit(utc(at, "time of the scores"), TIME)
        )
        return self._scores(scorer, version).add(rows, lambda stored: _unscored(name, rows, stored))

    def scores(self, scorer: str, version: int) -> pl.DataFrame:
        """Return all scores of one version of a scorer, as `SCORE_SCHEMA`, sorted by key."""
        found = self._scores(scorer, version).read()
        return found.select(list(SCORE_SCHEMA)).sort(_SCORE_KEY)

    def info(self) -> Mapping[tuple[str, bool], DocumentInfo]:
        """Return what is stored, by kind ("stories", "releases") and whether simulated."""
        found: dict[tuple[str, bool], DocumentInfo] = {}
        every = {
            "stories": self._stories.read().filter(COUNTS),
            "releases": self._releases.read(),
        }
        for kind, rows in every.items():
            for simulated in (False, True):
                seen: Any = rows.filter(pl.col("simulated") == simulated)["seen_at"]
                found[kind, simulated] = DocumentInfo(seen.len(), seen.min(), seen.max())
        return found

    def _scores(self, scorer: str, version: int) -> SeenLog:
        folder = f"scores/scorer={quote(scorer, safe='')}/version={version}"
        return self._log(folder, SCORE_SCHEMA, ["seen_at", *_SCORE_KEY], {"seen_at": TIME})

    def _log(
        self,
        folder: str,
        schema: pl.Schema,
        order: list[str],
        extra: Mapping[str, pl.DataType] = {**_WORLD, **_STORED},
    ) -> SeenLog:
        path = self._root / folder
        way_out = f"restore it from a copy, or move {path} away and import again"
        return SeenLog(path, pl.Schema({**schema, **extra}), order, way_out)


def in_force(every: pl.DataFrame) -> pl.DataFrame:
    """Return releases without the assumed figures that somebody told."""
    return without_superseded(every, every) if every["assumed"].any() else every


def without_superseded(found: pl.DataFrame, every: pl.DataFrame) -> pl.DataFrame:
    """Return releases without the assumed figures that somebody told, at whatever time, in `every`.

    Were it told ones seen so far alone, the past would change when one comes later.
    """
    told = every.filter(~pl.col("assumed")).select(_FIGURE).unique()
    both = found.join(told.with_columns(is_told=True), on=_FIGURE, how="left")
    superseded = pl.col("assumed") & pl.col("is_told").fill_null(value=False)
    return both.filter(~superseded).select(found.columns).sort(_RELEASE_ORDER)


def stories_by_symbol(rows: pl.DataFrame, *, simulated: bool) -> dict[str | None, pl.DataFrame]:
    """Return stored stories that count, as `STORY_SCHEMA`, by the instruments they are about."""
    mine = rows.filter((pl.col("simulated") == simulated) & COUNTS).select(list(STORY_SCHEMA))
    is_wide = pl.col("instruments").list.len() == 0
    wide, named = mine.filter(is_wide), mine.filter(~is_wide)
    told = named.with_columns(about=pl.col("instruments").list.unique()).explode("about")
    found = _by(told, "about", list(STORY_SCHEMA))
    return found if wide.is_empty() else {**found, None: wide}


def releases_by_currency(rows: pl.DataFrame, *, simulated: bool) -> dict[str | None, pl.DataFrame]:
    """Return stored releases, as `RELEASE_SCHEMA`, by the currency they bear on."""
    return _by(rows.filter(pl.col("simulated") == simulated), "currency", list(RELEASE_SCHEMA))


def _by(rows: pl.DataFrame, name: str, columns: list[str]) -> dict[str | None, pl.DataFrame]:
    parts = rows.partition_by(name, maintain_order=True, as_dict=True)
    return {subject: part.select(columns) for (subject,), part in parts.items()}


def _had(stored_by: datetime | None) -> pl.Expr:
    """Return the condition that a row had come into the store by a time."""
    if stored_by is None:
        return pl.lit(value=True)
    came = pl.col("stored_at")
    return came.is_null() | (came <= utc(stored_by, "time at which something was stored"))


def story_id(story: Story) -> str:
    """Return the name of a story's content: event time, source, text and instruments.

    When it was seen is not part of it: the same story met later is the same story.
    """
    at = utc(story.event_at).isoformat()
    content = _ENCODE([at, story.source, story.text, sorted(story.instruments)])
    return hashlib.sha256(content.encode()).hexdigest()[:32]


def _refuse_not_finite(release: Release) -> None:
    for what, value in (("figure", release.actual), ("consensus", release.consensus)):
        if value is not None and not abs(value) < float("inf"):
            raise DataError(
                f"{release.series} at {release.event_at}: the {what} was {value}; "
                "only finite numbers can be stored"
            )


def _news(rows: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the rows that differ from the version in force when they were seen."""
    key = ["simulated", "series", "currency", "event_at", "period"]
    both = pl.concat(
        [stored.with_columns(is_stored=True), rows.with_columns(is_stored=False)]
    ).sort("seen_at", "is_stored", descending=[False, True], maintain_order=True)
    same = pl.lit(value=True)
    for name in ("actual", "consensus", "assumed"):
        same = same & pl.col(name).eq_missing(pl.col(name).shift(1).over(key))
    repeats = same & (pl.int_range(pl.len()).over(key) > 0)
    return both.filter(~pl.col("is_stored") & ~repeats).select(rows.columns)


def _unscored(name: str, rows: pl.DataFrame, stored: pl.DataFrame) -> pl.DataFrame:
    """Return the rows whose key is not stored; a key with two scores is refused."""
    whole = pl.concat([stored, rows]).select(list(SCORE_SCHEMA)).unique()
    twice = whole.filter(pl.struct(_SCORE_KEY).is_duplicated())
    if twice.height:
        raise DataError(
            f"{name} gave story {twice['id'][0]} two different scores; raise the scorer's version"
        )
    return rows.join(stored, on=_SCORE_KEY, how="anti")
