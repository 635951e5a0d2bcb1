"""A desk that remembers: the same answers as the plain one, without reading the same again.

For a process that issues signals bar after bar. What is kept is keyed by what it was made of (the
stamps of files, the hashes of parts, the ids of artefacts), so that whoever writes is noticed.
"""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime, timedelta
from functools import cached_property
from pathlib import Path
from typing import Any

import polars as pl

from assay.core.values.instrument import AssetClass, Instrument
from assay.core.values.timeframe import Timeframe
from assay.features.join import Figures, figures
from assay.features.sets import Which
from assay.fusion.fitted import FittedFusion
from assay.models.artefact_files import MANIFEST
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.store.parts import Stamp, stamp_of
from assay.text.aggregate import COPY_WINDOW, score_stories
from assay.text.catalog import SCORERS
from assay.workflows.desk import FOREVER, SCORER, STORY_COLUMNS, Desk
from assay.workflows.gather import Prepared, Series, prepare
from assay.workflows.speak import Accounts, Voices, summon
from assay.workflows.warm_stores import WarmBars, WarmDocuments


@dataclass(frozen=True, slots=True)
class _Told:
    """The stories about an instrument after `since`, and those of them that are no copies."""

    since: datetime | None
    stories: pl.DataFrame
    originals: pl.DataFrame


class WarmDesk(Desk):
    """See the module; made of a plain desk by `warm`."""

    @cached_property
    def bars(self) -> WarmBars:
        """See `Desk.bars`."""
        return WarmBars(self.home / "bars", before_writing=self.refuse_loss)

    @cached_property
    def documents(self) -> WarmDocuments:
        """See `Desk.documents`."""
        return WarmDocuments(self.home / "documents", self.clock)

    @cached_property
    def _told(self) -> dict[tuple[str, bool], _Told]:
        return {}

    @cached_property
    def _voices(self) -> dict[str, tuple[tuple[Stamp | None, ...], Voices]]:
        return {}

    @cached_property
    def accounts(self) -> Accounts:
        """Return what moved each model's last answer, for `speak`."""
        return {}

    @cached_property
    def _prepared(self) -> dict[tuple[Any, ...], tuple[tuple[Any, ...], Prepared]]:
        return {}

    def _score(
        self, instrument: Instrument, *, simulated: bool, since: datetime | None
    ) -> pl.DataFrame:
        """See `Desk._score`; of stories that only went on, the new ones alone are scored.

        Whether a new one is a copy depends on the originals of the day before it: they are handed
        in again, and found to be originals again.
        """
        key = (instrument.symbol, simulated)
        kept = self._told.get(key)
        if kept and (kept.since is None or (since is not None and since > kept.since)):
            since = kept.since
        begin = since - timedelta(days=1) if since else None
        stories = self.documents.stories([instrument.symbol], FOREVER, begin, simulated=simulated)
        scorer = SCORERS.get(SCORER)()
        if kept and kept.since == since and _goes_on(kept.stories, stories):
            fresh = stories[len(kept.stories) :]
            found = kept.originals
            if len(fresh):
                recent = found.filter(pl.col("seen_at") >= fresh["seen_at"][0] - COPY_WINDOW)
                again = pl.concat([recent.select(stories.columns), fresh])
                scored = score_stories(again, scorer, instrument.symbol)
                found = pl.concat([found, scored.filter(pl.col("id").is_in(fresh["id"].implode()))])
        else:
            found = score_stories(stories, scorer, instrument.symbol)
        self._told[key] = _Told(since, stories, found)
        return found.select(STORY_COLUMNS)

    @cached_property
    def _fusions(self) -> dict[str, tuple[Stamp | None, FittedFusion]]:
        return {}

    def fusion(self, path: Path, fusion_id: str) -> FittedFusion:
        """Return the fitted fusion in a file, which is read again when the file is another."""
        stamp = stamp_of(path)
        kept = self._fusions.get(fusion_id)
        if kept is None or kept[0] != stamp:
            text = path.read_text(encoding="utf-8")
            kept = self._fusions[fusion_id] = (
                stamp,
                FittedFusion.from_json(text, expected_id=fusion_id),
            )
        return kept[1]

    def fusion_rows(self, timeframe: Timeframe) -> list[ArtefactRow]:
        """Return the fusions at a timeframe, the newest first, listed again once one is another."""
        registry = Artefacts(self.database)
        version = registry.version()
        kept = self._fusion_rows.get(timeframe)
        if kept is None or kept[0] != version:
            found = registry.list(kind=ArtefactKind.FUSION, timeframe=timeframe)
            kept = self._fusion_rows[timeframe] = version, found
        return kept[1]

    @cached_property
    def _fusion_rows(self) -> dict[Timeframe, tuple[tuple[object, ...], list[ArtefactRow]]]:
        return {}

    def voices(self, fitted: FittedFusion) -> Voices:
        """Return what `summon` does; models whose files stayed are not opened again."""
        stamps = tuple(stamp_of(self.models / one.artefact / MANIFEST) for one in fitted.producers)
        kept = self._voices.get(fitted.id)
        if kept is None or kept[0] != stamps:
            found = summon(self, fitted)
            if found.blocks:
                return found
            kept = self._voices[fitted.id] = (stamps, found)
        return kept[1]

    def prepared(
        self,
        series: Series,
        until: datetime,
        rows: int,
        peers: Sequence[str] | None,
        which: Which,
    ) -> Prepared:
        """Return what `prepare` does; the same question about the same data is not asked twice."""
        key = (series, rows, None if peers is None else tuple(peers), which)
        made_of = self._made_of(series, until, peers)
        kept = self._prepared.get(key)
        if made_of is not None and kept is not None and kept[0] == made_of:
            return kept[1]
        told = self._figures_of(self.instrument(series.symbol), series)
        found = prepare(
            self, series, until=until, rows=rows, peers=peers, which=which, figures=told
        )
        if made_of is not None:
            self._prepared[key] = (made_of, found)
        return found

    @cached_property
    def _figures(self) -> dict[tuple[str, str, AssetClass, bool], tuple[pl.DataFrame, Figures]]:
        return {}

    def _figures_of(self, instrument: Instrument, series: Series) -> Figures:
        """Return what all releases say; of a row only those that had been seen by then count."""
        simulated = self.is_simulated(series.symbol, series.timeframe)
        key = instrument.base, instrument.quote, instrument.asset_class, simulated
        releases = self.documents.releases(key[:2], FOREVER, simulated=simulated)
        kept = self._figures.get(key)
        if kept is None or not (kept[0] is releases or kept[0].equals(releases)):
            told = figures(releases, instrument)
            kept = self._figures[key] = releases, told
        return kept[1]

    def _made_of(
        self, series: Series, until: datetime, peers: Sequence[str] | None
    ) -> tuple[Any, ...] | None:
        """Return what the newest rows of a series are made of; None where `until` cuts them."""
        symbol, timeframe = series.symbol, series.timeframe
        if peers is None:
            others = self.peers_of(self.instrument(symbol), timeframe)
            peers = [one.symbol for one in others]
        read = [(symbol, timeframe), *((name, timeframe) for name in peers)]
        if timeframe.higher is not None and self.has(symbol, timeframe.higher):
            read.append((symbol, timeframe.higher))
        infos = [self.bars.info(*one) for one in read]
        if any(info.last > until for info in infos):
            return None
        stamps = [self.bars.stamps(*one) for one in read]
        return (*read, *stamps, *self.documents.versions_until(infos[0].last))


def warm(desk: Desk) -> WarmDesk:
    """Return a desk of the same workspace that remembers."""
    return WarmDesk(**{one.name: getattr(desk, one.name) for one in fields(desk) if one.init})


def _goes_on(before: pl.DataFrame, now: pl.DataFrame) -> bool:
    """Say whether `now` is `before` with later stories behind it, none seen at the same moment."""
    known = len(before)
    if len(now) < known or not before["id"].equals(now["id"].head(known)):
        return False
    return len(now) == known or not known or now["seen_at"][known] > before["seen_at"][-1]
