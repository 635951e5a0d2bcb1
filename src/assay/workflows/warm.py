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
from assay.features.join import CurrencyFigures, Figures, currencies_of, figures_for, figures_on
from assay.features.sets import Which
from assay.fusion.fitted import FittedFusion
from assay.models.artefact_files import MANIFEST
from assay.models.loading import LoadedModel, load
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.store.parts import Stamp, stamp_of
from assay.store.seen import seen_between
from assay.text.aggregate import COPY_WINDOW, score_stories
from assay.text.catalog import SCORERS
from assay.workflows.desk import FOREVER, SCORER, STORY_COLUMNS, Desk
from assay.workflows.gather import Prepared, Series, prepare
from assay.workflows.speak import Kept, Voices, summon
from assay.workflows.warm_stores import WarmBars, WarmDocuments

MOST_FUSIONS = 1_024
"""So many are kept, for many series were trained again and again while a process ran for months."""
_UNASKED = figures_on("", None)
"""Of a coin pegged to a currency, `Desk.releases` asks for the coin's own figures alone."""


@dataclass(frozen=True, slots=True)
class _Told:
    """The scored stories about an instrument after `since`, copies once.

    They are of the first `count` stories of those that `root` stands for, see `BySubject.marks`.
    """

    since: datetime | None
    root: object
    count: int
    scored: pl.DataFrame


@dataclass(frozen=True, slots=True)
class _Opened:
    """The models of a fusion, and the manifests they were opened by, as these were then."""

    fusion: str
    paths: tuple[Path, ...]
    stamps: tuple[Stamp | None, ...]
    voices: Voices

    def stands(self) -> bool:
        """Say whether the manifests are what they were."""
        return tuple(map(stamp_of, self.paths)) == self.stamps


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
    def _voices(self) -> dict[Series, _Opened]:
        return {}

    @cached_property
    def said(self) -> Kept:
        """Return what each model last said and what moved it, for `speak`."""
        return {}

    @cached_property
    def _prepared(self) -> dict[tuple[Any, ...], tuple[tuple[Any, ...], Prepared]]:
        return {}

    def _score(
        self, instrument: Instrument, *, simulated: bool, since: datetime | None
    ) -> pl.DataFrame:
        """See `Desk._score`; of stories that only went on, the new ones alone are scored.

        Whether a new one is a copy depends on the originals of the day before it.
        """
        key = (instrument.symbol, simulated)
        kept = self._told.get(key)
        if kept and (kept.since is None or (since is not None and since > kept.since)):
            since = kept.since
        root, count = self.documents.mark(instrument.symbol, simulated=simulated)
        if kept and (kept.since, kept.root, kept.count) == (since, root, count):
            return kept.scored
        stories = self.documents.stories([instrument.symbol], FOREVER, simulated=simulated)
        scorer = SCORERS.get(SCORER)()
        if kept and (kept.since, kept.root) == (since, root):
            fresh, found = stories[kept.count :], kept.scored
            before = seen_between(found, fresh["seen_at"][0] - COPY_WINDOW, None)
            more = score_stories(fresh, scorer, instrument.symbol, before)
            if len(more):
                found = pl.concat([found, more[list(STORY_COLUMNS)]], rechunk=True)
        else:
            begin = since - timedelta(days=1) if since else None
            late = seen_between(stories, begin, None)
            found = score_stories(late, scorer, instrument.symbol).select(STORY_COLUMNS)
        self._told[key] = _Told(since, root, count, found)
        return found

    @cached_property
    def _fusions(self) -> dict[str, tuple[Stamp | None, FittedFusion]]:
        return {}

    def fusion(self, path: Path, fusion_id: str) -> FittedFusion:
        """Return the fitted fusion in a file, which is read again when the file is another."""
        stamp = stamp_of(path)
        kept = self._fusions.get(fusion_id)
        if kept is None or kept[0] != stamp:
            text = path.read_text(encoding="utf-8")
            kept = stamp, FittedFusion.from_json(text, expected_id=fusion_id)
            self._fusions[fusion_id] = kept
            if len(self._fusions) > MOST_FUSIONS:  # others came in place of the first by now
                del self._fusions[next(iter(self._fusions))]
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
        series = Series(fitted.symbol, fitted.timeframe)
        kept = self._voices.get(series)
        if kept is None or kept.fusion != fitted.id or not kept.stands():
            paths = tuple(self.models / one.artefact / MANIFEST for one in fitted.producers)
            stamps = tuple(map(stamp_of, paths))
            kept = _Opened(fitted.id, paths, stamps, summon(self, fitted, self._opened))
            if kept.voices.blocks:
                return kept.voices
            self._voices[series] = kept
            used = {path.parent for one in self._voices.values() for path in one.paths}
            for path in self._models.keys() - used:
                del self._models[path]
        return kept.voices

    @cached_property
    def _models(self) -> dict[Path, tuple[Stamp | None, LoadedModel]]:
        return {}

    def _opened(self, path: Path) -> LoadedModel:
        """Return the model in a folder; the fusions of many series share those of a panel."""
        stamp = stamp_of(path / MANIFEST)
        kept = self._models.get(path)
        if kept is None or kept[0] != stamp:
            kept = self._models[path] = stamp, load(path)
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
    def _figures_on(self) -> dict[tuple[str, bool], tuple[pl.DataFrame, CurrencyFigures]]:
        return {}

    @cached_property
    def _figures(
        self,
    ) -> dict[tuple[str, str, AssetClass, bool], tuple[CurrencyFigures, CurrencyFigures, Figures]]:
        return {}

    def _figures_of(self, instrument: Instrument, series: Series) -> Figures:
        """Return what all releases say; of a row only those that had been seen by then count."""
        simulated = self.is_simulated(series.symbol, series.timeframe)
        legs = instrument.base, instrument.quote
        base, quote = (
            self._said_on(money, simulated=simulated) if money in legs else _UNASKED
            for money in currencies_of(instrument)
        )
        key = *legs, instrument.asset_class, simulated
        kept = self._figures.get(key)
        if kept is None or kept[0] is not base or kept[1] is not quote:
            kept = self._figures[key] = base, quote, figures_for(instrument, base, quote)
        return kept[2]

    def _said_on(self, currency: str, *, simulated: bool) -> CurrencyFigures:
        """Return what the releases on a currency say, made again once there is another."""
        releases = self.documents.releases([currency], FOREVER, simulated=simulated)
        kept = self._figures_on.get((currency, simulated))
        if kept is None or kept[0] is not releases:
            kept = releases, figures_on(currency, releases)
            self._figures_on[currency, simulated] = kept
        return kept[1]

    def _made_of(
        self, series: Series, until: datetime, peers: Sequence[str] | None
    ) -> tuple[Any, ...] | None:
        """Return what the newest rows of a series are made of; None where `until` cuts them."""
        if not self.bars.glance.trusting:
            return self._put_together(series, until, peers)
        made_of, versions = self.bars.glance.made_of, self.documents.versions
        key = series, until, None if peers is None else tuple(peers)
        if key not in made_of or made_of[key][0] != versions:
            made_of[key] = versions, self._put_together(series, until, peers)
        return made_of[key][1]

    def _put_together(
        self, series: Series, until: datetime, peers: Sequence[str] | None
    ) -> tuple[Any, ...] | None:
        """Return what `_made_of` does, having asked of every part of it."""
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
        instrument, simulated = self.instrument(symbol), infos[0].simulated
        legs = (instrument.base, instrument.quote)
        told = self.documents.marks_until(infos[0].last, symbol, legs, simulated=simulated)
        return (*read, *stamps, *told)


def warm(desk: Desk) -> WarmDesk:
    """Return a desk of the same workspace that remembers."""
    return WarmDesk(**{one.name: getattr(desk, one.name) for one in fields(desk) if one.init})
