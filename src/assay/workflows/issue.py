"""Issue one signal: forecasts, a blind view sealed first, the pool, the verdict, the decision."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from urllib.parse import quote

import numpy as np
import polars as pl

from assay.analyst.blind import ask_blind
from assay.analyst.brief import OpenBrief
from assay.analyst.referee import ask_referee
from assay.core.calendars.calendar import calendar
from assay.core.errors import ArtefactError, NotFoundError
from assay.core.ids import short_id
from assay.core.values.conviction import Conviction
from assay.core.values.decision import Decision
from assay.core.values.instrument import Instrument
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import Verdict
from assay.evaluation.splits import Part
from assay.fusion.conviction import fuse
from assay.fusion.fitted import FittedFusion
from assay.llm.catalog import PROVIDERS
from assay.risk.decide import Context, bars_per_year, decide
from assay.risk.limits import Limits, PortfolioState, allow
from assay.risk.settings import RiskSettings
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.store.files import locked
from assay.store.journal import Writing
from assay.store.signals import SignalRow, Signals
from assay.workflows.briefing import STORY_DAYS, brief_at
from assay.workflows.desk import Desk
from assay.workflows.gather import (
    HORIZON_BARS,
    Prepared,
    Series,
    last_close,
    micros,
    pipeline_of,
    prepare,
)
from assay.workflows.payload import Made, payload_of, round_trip
from assay.workflows.promoting import standing
from assay.workflows.recorded import as_recorded
from assay.workflows.speak import Spoken, Voices, speak, summon
from assay.workflows.train import FUSION
from assay.workflows.warm import WarmDesk

SPARE_ROWS = 60
LOCK = "locks/issuing-{symbol}-{timeframe}.lock"
"""Held from the sealed view to the signal: two who ask at once issue one signal, not two halves.
Of two series nobody waits for the other."""


@dataclass(frozen=True, slots=True)
class Heard:
    """What the models of a series say of its bar that closed at `at` (UTC), and what they read."""

    at: datetime
    fitted: FittedFusion
    frames: dict[Timeframe, Prepared]
    spoken: Spoken
    bars_read: int


def issue(
    desk: Desk, symbol: str, timeframe: Timeframe, *, as_of: datetime | None = None
) -> SignalRow:
    """Issue the signal of the last bar of a series, or of the last bar by `as_of` (UTC).

    Stages are journalled in order: the analyst's blind view is sealed before anything that the
    models said is written. The same bar and the same models give the same signal, which is issued
    once; asked again, the stored one is returned.
    """
    heard = hear(desk, symbol, timeframe, as_of=as_of)
    fitted, frames, spoken, at = heard.fitted, heard.frames, heard.spoken, heard.at
    decision_frame = frames[timeframe]
    blocks = (*spoken.blocks, *_corrected(desk, fitted))
    promoted = standing(desk, fitted)
    signal_id = _name(fitted, frames, at, (*blocks, *_retired(fitted, promoted)), heard.bars_read)
    signals = Signals(desk.journal)
    stored = signals.get(signal_id)
    if stored is not None:
        return as_recorded(desk, stored)
    lock = LOCK.format(symbol=quote(fitted.symbol, safe=""), timeframe=timeframe)
    with locked(desk.home / lock):
        stored = signals.get(signal_id)  # whoever was quicker has issued it
        if stored is not None:
            return as_recorded(desk, stored)
        provider = PROVIDERS.get("rules")()
        brief = brief_at(at, decision_frame.series, frames, _stories(desk, decision_frame, at))
        view = ask_blind(brief, provider)
        conviction = fuse(
            spoken.forecasts,
            fitted,
            as_of=at,
            volatility=float(decision_frame.volatility[-1] * np.sqrt(HORIZON_BARS)),
            ages=spoken.ages,
            promoted=promoted,
        )
        with desk.journal.sealing(view, signal_id) as (sealed, writing):
            verdict = ask_referee(OpenBrief(sealed, brief, spoken.forecasts, conviction), provider)
            cost, settings = round_trip(decision_frame), risk_settings(desk)
            decision = _decide(decision_frame, conviction, verdict, cost, blocks, settings)
            reached = (sealed, conviction, verdict, cost, decision)
            told = Made(decision_frame, fitted, spoken, *reached, promoted)
            return _issued(desk, signals, signal_id, told, writing)


def hear(desk: Desk, symbol: str, timeframe: Timeframe, *, as_of: datetime | None = None) -> Heard:
    """Return what the models say of the last bar of a series, or of the last one by `as_of` (UTC).

    Nothing is written. A desk that remembers has then everything open that the next bar needs.
    """
    instrument = desk.instrument(symbol)
    at = last_close(desk, Series(instrument.symbol, timeframe), as_of)
    fitted = fusion_of(desk, instrument, timeframe, at)
    voices = desk.voices(fitted) if isinstance(desk, WarmDesk) else summon(desk, fitted)
    series = [
        Series(fitted.symbol, each) for each in dict.fromkeys((timeframe, *voices.timeframes))
    ]
    longest = sorted(series[1:], key=lambda each: each.timeframe.minutes, reverse=True)
    made = {each: _recent(desk, each, at, voices) for each in (series[0], *longest)}
    frames = {each.timeframe: made[each] for each in series}
    kept = desk.said if isinstance(desk, WarmDesk) else None
    spoken = speak(voices, frames[timeframe], frames, at, kept)
    return Heard(at, fitted, frames, spoken, voices.bars_read)


def _issued(
    desk: Desk, signals: Signals, signal_id: str, made: Made, writing: Writing
) -> SignalRow:
    """Write down what was decided, with the stages that led to it, behind the sealed view."""
    conviction, payload = made.conviction, payload_of(desk, signal_id, made)
    return signals.issue(
        SignalRow(
            id=signal_id,
            symbol=conviction.symbol,
            timeframe=conviction.timeframe,
            as_of=conviction.as_of,
            made_at=desk.clock.now(),
            conviction=conviction.score,
            tier=conviction.tier,
            evidence=conviction.evidence,
            decision=made.decision.side,
            simulated=bool(payload["simulated"]),
            payload=payload,
        ),
        [("conviction", payload["conviction_detail"]), ("verdict", payload["verdict"])],
        writing,
    )


def risk_settings(desk: Desk) -> RiskSettings:
    """Return the workspace's risk settings; a challenge caps the size as it says, 0 is a veto."""
    return _risk(desk.risk_fraction)


@cache
def _risk(fraction: float) -> RiskSettings:
    return RiskSettings(sizing_settings={"fraction": fraction}, challenge_vetoes=False)


def fusion_of(
    desk: Desk, instrument: Instrument, timeframe: Timeframe, at: datetime | None = None
) -> FittedFusion:
    """Return the newest fitted fusion of a series; none yet says what to run.

    With `at` (UTC) it is the newest that had been fitted on outcomes known by then; where none had,
    the newest of all, and what it says of `at` is in its sample.
    """
    rows = [
        row
        for row in _fusion_rows(desk, timeframe)
        if row.member == FUSION and instrument.symbol in row.symbols and row.quarantined is None
    ]
    if not rows:
        raise NotFoundError(
            f"{instrument.symbol} {timeframe} has no trained models; run assay train "
            f"{instrument.symbol} --timeframe {timeframe}"
        )
    known = (row for row in rows if at is None or _fitted_until(row) <= at)
    row = next(known, rows[0])
    path = desk.models / row.path
    try:
        if isinstance(desk, WarmDesk):
            return desk.fusion(path, row.id)
        return FittedFusion.from_json(path.read_text(encoding="utf-8"), expected_id=row.id)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
        raise ArtefactError(
            f"{instrument.symbol} {timeframe}: the fitted fusion {row.id[:12]} is missing from "
            f"{path}; run assay train {instrument.symbol}"
        ) from error
    except (ArtefactError, UnicodeDecodeError) as error:
        raise ArtefactError(
            f"{instrument.symbol} {timeframe}: the fitted fusion {row.id[:12]} in {path} is "
            f"damaged; run assay train {instrument.symbol}"
        ) from error


def _fusion_rows(desk: Desk, timeframe: Timeframe) -> list[ArtefactRow]:
    if isinstance(desk, WarmDesk):
        return desk.fusion_rows(timeframe)
    return Artefacts(desk.database).list(kind=ArtefactKind.FUSION, timeframe=timeframe)


def _fitted_until(row: ArtefactRow) -> datetime:
    return datetime.fromisoformat(row.spans[Part.FUSE]["end"])


def _recent(desk: Desk, series: Series, at: datetime, voices: Voices) -> Prepared:
    asset_class = desk.instrument(series.symbol).asset_class
    spare = max(SPARE_ROWS, voices.bars_read)
    rows = pipeline_of(asset_class, series.timeframe, voices.features).warm_up + spare
    peers = voices.peers_of(series)
    if isinstance(desk, WarmDesk):
        return desk.prepared(series, at, rows, peers, voices.features)
    return prepare(desk, series, until=at, rows=rows, peers=peers, which=voices.features)


def _corrected(desk: Desk, fitted: FittedFusion) -> tuple[Reason, ...]:
    """Return a block where bars that the fusion learnt from were corrected after it was made."""
    known_at = [
        change.known_at
        for timeframe in {*fitted.timeframes, fitted.timeframe}
        for change in desk.bars.changes(fitted.symbol, timeframe)
        if change.kind == "correct" and micros(change.first) <= fitted.last
    ]
    if known_at and max(known_at) > Artefacts(desk.database).get(fitted.id).made_at:
        return (Reason.CORRECTED,)
    return ()


def _retired(fitted: FittedFusion, promoted: frozenset[str] | None) -> list[str]:
    """Return the artefacts that passed the gate when the fusion was fitted, and are retired now."""
    return [] if promoted is None else sorted(set(fitted.promoted or ()) - promoted)


def _name(
    fitted: FittedFusion,
    frames: dict[Timeframe, Prepared],
    at: datetime,
    blocks: Sequence[str],
    bars_read: int,
) -> str:
    """Return the id of a signal; one that lacked a member is another than the one that has all."""
    seen = {str(each): item.x[-bars_read:].tobytes().hex() for each, item in frames.items()}
    return short_id("sig", [fitted.symbol, fitted.timeframe, at, fitted.id, seen, *blocks])


def _stories(desk: Desk, item: Prepared, at: datetime) -> pl.DataFrame | None:
    return desk.scored_stories(
        item.instrument,
        simulated=desk.is_simulated(item.series.symbol, item.series.timeframe),
        until=at,
        since=at - timedelta(days=STORY_DAYS),
    )


def _decide(
    item: Prepared,
    conviction: Conviction,
    verdict: Verdict,
    cost: float,
    blocks: Sequence[Reason],
    settings: RiskSettings,
) -> Decision:
    instrument = item.instrument
    intraday = item.series.timeframe.is_intraday
    shut = intraday and not calendar(instrument.calendar).is_open(conviction.as_of)
    decision = decide(
        conviction,
        verdict,
        float(item.atr[-1]),
        float(item.bars.frame["close"][-1]),
        settings,
        Context(
            instrument=instrument,
            cost_fraction=cost,
            bars_per_year=bars_per_year(instrument, item.series.timeframe),
            blocks=(
                *blocks,
                *((Reason.MARKET_CLOSED,) if shut else ()),
                *((Reason.BAD_BAR,) if item.doubted[-1] else ()),
                *((Reason.LOW_COVERAGE,) if item.sparse is not None and item.sparse[-1] else ()),
                *((Reason.SILENT_FEED,) if item.unheard is not None and item.unheard[-1] else ()),
            ),
        ),
    )
    flat = PortfolioState(1.0, 1.0, 1.0, 1.0)
    return allow(decision, flat, Limits(), instrument)
