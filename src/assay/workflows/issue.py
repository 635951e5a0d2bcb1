"""Issue one signal: forecasts, a blind view sealed first, the pool, the verdict, the decision."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import polars as pl

from assay.analyst.blind import CalendarFacts, ask_blind, build_blind_brief
from assay.analyst.brief import OpenBrief
from assay.analyst.referee import ask_referee
from assay.core.calendars.calendar import calendar
from assay.core.errors import ArtefactError, NotFoundError
from assay.core.ids import short_id
from assay.core.values.conviction import Conviction
from assay.core.values.decision import Decision
from assay.core.values.forecast import PROBABILITIES, Classes, Forecast
from assay.core.values.instrument import Instrument
from assay.core.values.reason import Reason
from assay.core.values.timeframe import Timeframe
from assay.core.values.view import SealedView, Verdict
from assay.fusion.conviction import fuse
from assay.fusion.evidence import Producer
from assay.fusion.fitted import FittedFusion
from assay.kernel.costs import default_costs
from assay.llm.catalog import PROVIDERS
from assay.models.contract import Floats
from assay.models.loading import LoadedModel, load
from assay.risk.decide import Context, bars_per_year, decide
from assay.risk.limits import Limits, PortfolioState, allow
from assay.risk.settings import RiskSettings
from assay.store.artefacts import ArtefactKind, Artefacts
from assay.store.signals import SignalRow, Signals
from assay.workflows.desk import SCORER, Desk
from assay.workflows.gather import HORIZON_BARS, Prepared, Series, micros, pipeline_of, prepare
from assay.workflows.pooling import age_in_bars
from assay.workflows.train import FUSION

SHOWN_DRIVERS = 5
SPARE_ROWS = 60
NO_LEAN = 1e-9
"""Log-odds this near to the usual ones lean to no side: it is the rounding of sums."""
SESSIONS = ("sydney", "tokyo", "london", "new_york")
NO_STORIES = pl.DataFrame(
    schema={
        "seen_at": pl.Datetime("us", "UTC"),
        "source": pl.String,
        "text": pl.String,
        "score": pl.Float64,
    }
)


@dataclass(frozen=True, slots=True)
class Spoken:
    """What the members said: forecasts, why one is silent, and what moved each."""

    forecasts: tuple[Forecast, ...]
    ages: dict[str, float]
    blocks: tuple[Reason, ...]
    drivers: dict[str, list[dict[str, Any]]]


def issue(
    desk: Desk, symbol: str, timeframe: Timeframe, *, as_of: datetime | None = None
) -> SignalRow:
    """Issue the signal of the last bar of a series, or of the last bar by `as_of` (UTC).

    Stages are journalled in order: the analyst's blind view is sealed before anything that the
    models said is written. The same bar and the same models give the same signal, which is issued
    once; asked again, the stored one is returned.
    """
    instrument = desk.instrument(symbol)
    fitted = fusion_of(desk, instrument, timeframe)
    decision_frame = _recent(desk, Series(instrument.symbol, timeframe), as_of)
    at = decision_frame.bars.last_time
    others = {p.timeframe for p in fitted.producers} - {timeframe}
    frames = {timeframe: decision_frame} | {
        each: _recent(desk, Series(instrument.symbol, each), at) for each in others
    }
    spoken = _speak(desk, fitted, frames, at)
    signal_id = _name(fitted, frames, at, spoken.blocks)
    signals = Signals(desk.journal)
    stored = [row for row in signals.list(instrument.symbol, timeframe) if row.id == signal_id]
    if stored:
        return stored[0]
    provider = PROVIDERS.get("rules")()
    brief = build_blind_brief(
        {each: item.bars for each, item in frames.items()},
        _stories(desk, instrument, timeframe, at),
        at,
        calendar_facts(instrument, at),
        instrument,
        horizon=(timeframe, HORIZON_BARS),
        scorer=SCORER,
    )
    sealed = desk.journal.seal(ask_blind(brief, provider), signal_id)
    conviction = fuse(
        spoken.forecasts,
        fitted,
        as_of=at,
        volatility=float(decision_frame.volatility[-1] * np.sqrt(HORIZON_BARS)),
        ages=spoken.ages,
    )
    open_brief = OpenBrief(sealed, brief, spoken.forecasts, conviction)
    verdict = ask_referee(open_brief, provider)
    settings = risk_settings(desk)
    decision = _decide(decision_frame, conviction, verdict, spoken.blocks, settings)
    payload = _payload(
        desk, signal_id, decision_frame, fitted, spoken, conviction, sealed, verdict, decision
    )
    desk.journal.append("conviction", payload["conviction_detail"], signal_id)
    desk.journal.append("verdict", payload["verdict"], signal_id)
    return signals.issue(
        SignalRow(
            id=signal_id,
            symbol=instrument.symbol,
            timeframe=timeframe,
            as_of=at,
            made_at=desk.clock.now(),
            conviction=conviction.score,
            tier=conviction.tier,
            evidence=conviction.evidence,
            decision=decision.side,
            simulated=bool(payload["simulated"]),
            payload=payload,
        )
    )


def risk_settings(desk: Desk) -> RiskSettings:
    """Return the workspace's risk settings; a challenge caps the size as it says, 0 is a veto."""
    return RiskSettings(sizing_settings={"fraction": desk.risk_fraction}, challenge_vetoes=False)


def fusion_of(desk: Desk, instrument: Instrument, timeframe: Timeframe) -> FittedFusion:
    """Return the newest fitted fusion of a series; none yet says what to run."""
    row = Artefacts(desk.database).latest(ArtefactKind.FUSION, FUSION, timeframe, instrument.symbol)
    if row is None:
        raise NotFoundError(
            f"{instrument.symbol} {timeframe} has no trained models; run assay train "
            f"{instrument.symbol} --timeframe {timeframe}"
        )
    path = desk.models / row.path
    if not path.is_file():
        raise ArtefactError(
            f"{instrument.symbol} {timeframe}: the fitted fusion {row.id[:12]} is missing from "
            f"{path}; run assay train {instrument.symbol}"
        )
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ArtefactError(
            f"{instrument.symbol} {timeframe}: the fitted fusion {row.id[:12]} in {path} is "
            f"damaged; run assay train {instrument.symbol}"
        ) from error
    return FittedFusion.from_json(text, expected_id=row.id)


def _recent(desk: Desk, series: Series, as_of: datetime | None) -> Prepared:
    asset_class = desk.instrument(series.symbol).asset_class
    rows = pipeline_of(asset_class, series.timeframe).warm_up + SPARE_ROWS
    return prepare(desk, series, until=as_of, rows=rows)


def _name(
    fitted: FittedFusion,
    frames: dict[Timeframe, Prepared],
    at: datetime,
    blocks: Sequence[Reason],
) -> str:
    """Return the id of a signal; one that lacked a member is another than the one that has all."""
    seen = {str(each): item.x[-1].tobytes().hex() for each, item in frames.items()}
    return short_id("sig", [fitted.symbol, fitted.timeframe, at, fitted.id, seen, *blocks])


def _stories(
    desk: Desk, instrument: Instrument, timeframe: Timeframe, at: datetime
) -> pl.DataFrame:
    found = desk.scored_stories(
        instrument,
        simulated=desk.is_simulated(instrument.symbol, timeframe),
        until=at,
        since=at - timedelta(days=2),
    )
    return NO_STORIES if found is None else found


def calendar_facts(instrument: Instrument, at: datetime) -> CalendarFacts:
    """Return what the calendar says at `at`; scheduled events come with their own calendar."""
    table = calendar(instrument.calendar)
    now = pl.Series("time", [at], dtype=pl.Datetime("us", "UTC"))
    row = table.calendar_columns(now, Timeframe.M1).row(0, named=True)
    is_open = table.is_open(at)
    named = table.holidays(at.date(), at.date())
    return CalendarFacts(
        market_open=is_open,
        sessions=tuple(name for name in SESSIONS if row[f"session_{name}"]),
        holiday=str(named["name"][0]) if named.height else None,
        minutes_to_close=int(row["minutes_to_close"]) if is_open else None,
    )


def _speak(
    desk: Desk, fitted: FittedFusion, frames: dict[Timeframe, Prepared], at: datetime
) -> Spoken:
    decision = frames[fitted.timeframe]
    forecasts, ages, blocks, drivers = [], {}, [], {}
    for producer in fitted.producers:
        item = frames[producer.timeframe]
        try:
            model = load(desk.models / producer.artefact)
            model.check_features(item.pipeline.hash)
        except ArtefactError as error:
            Artefacts(desk.database).quarantine(producer.artefact, str(error))
            blocks.append(Reason.QUARANTINED)
            continue
        except NotFoundError:
            blocks.append(Reason.MISSING_MODEL)
            continue
        made = _forecast(producer, model, item)
        if made is None:
            blocks.append(Reason.WARM_UP)
            continue
        forecasts.append(made)
        ages[producer.artefact] = _age(decision, item, at)
        drivers[producer.artefact] = _drivers(model, item)
    return Spoken(tuple(forecasts), ages, tuple(dict.fromkeys(blocks)), drivers)


def _age(decision: Prepared, item: Prepared, at: datetime) -> float:
    made = np.array([micros(item.bars.last_time)])
    row = np.searchsorted(decision.time, [micros(at)])
    ratio = decision.series.timeframe.minutes / item.series.timeframe.minutes
    return max(0.0, float(age_in_bars(decision.time, made, row, ratio)[0]))


def _forecast(producer: Producer, model: LoadedModel, item: Prepared) -> Forecast | None:
    raw, calibrated = model.predict(last_row(item), item.columns)
    volatility = float(item.volatility[-1] * np.sqrt(HORIZON_BARS))
    if not (np.isfinite(calibrated.classes).all() and np.isfinite(volatility)):
        return None
    return Forecast(
        member=producer.member,
        family=producer.family,
        symbol=item.series.symbol,
        timeframe=item.series.timeframe,
        horizon_bars=HORIZON_BARS,
        made_at=item.bars.last_time,
        quantiles=dict(zip(PROBABILITIES, calibrated.quantiles[0].tolist(), strict=True)),
        volatility=volatility,
        classes=_classes(calibrated.classes[0]),
        raw=_classes(raw.classes[0]),
        base=_classes(np.array(model.calibration.base)),
        artefact=producer.artefact,
    )


def last_row(item: Prepared) -> Floats:
    """Return the newest row of features (1, F) as members read it."""
    return np.asarray(item.x[-1:], dtype=np.float64)


def _classes(row: Floats) -> Classes:
    down, flat, up = (row / row.sum()).tolist()
    return Classes(down, flat, up)


def _drivers(model: LoadedModel, item: Prepared) -> list[dict[str, Any]]:
    moved = model.contributions(last_row(item), item.columns)
    if moved is None:
        return []
    order = np.argsort(-np.abs(moved[0]), kind="stable")[:SHOWN_DRIVERS]
    return [
        {
            "feature": item.columns[place],
            "value": _number(item.x[-1, place]),
            "moved": float(moved[0, place]),
        }
        for place in order.tolist()
        if moved[0, place] != 0
    ]


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _decide(
    item: Prepared,
    conviction: Conviction,
    verdict: Verdict,
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
            cost_fraction=round_trip(item),
            bars_per_year=bars_per_year(instrument, item.series.timeframe),
            blocks=(*blocks, *((Reason.MARKET_CLOSED,) if shut else ())),
        ),
    )
    flat = PortfolioState(1.0, 1.0, 1.0, 1.0)
    return allow(decision, flat, Limits(), instrument)


def is_in_sample(fitted: FittedFusion, at: datetime) -> bool:
    """Say whether the fusion knew what came of a decision at `at` when it was fitted."""
    horizon = fitted.timeframe.minutes * fitted.horizon_bars * 60_000_000
    return micros(at) + horizon <= fitted.last


def round_trip(item: Prepared) -> float:
    """Return what a round trip costs at the last close, as a fraction of the price."""
    price = float(item.bars.frame["close"][-1])
    return default_costs(item.instrument, price).round_trip(item.instrument.tick_size, price)


def _payload(
    desk: Desk,
    signal_id: str,
    item: Prepared,
    fitted: FittedFusion,
    spoken: Spoken,
    conviction: Conviction,
    sealed: SealedView,
    verdict: Verdict,
    decision: Decision,
) -> dict[str, Any]:
    lean = conviction.log_odds - float(np.log(conviction.base / (1 - conviction.base)))
    by_artefact = {(f.member, f.timeframe, f.artefact): f for f in spoken.forecasts}
    members = []
    for part in conviction.parts:
        forecast = by_artefact.get((part.member, part.timeframe, part.artefact))
        members.append(
            asdict(part)
            | {
                "classes": asdict(forecast.classes) if forecast else None,
                "made_at": forecast.made_at if forecast else None,
                "drivers": spoken.drivers.get(part.artefact, []),
            }
        )
    start, end = item.bars.frame["time"][0], item.bars.last_time
    return {
        "id": signal_id,
        "symbol": conviction.symbol,
        "timeframe": conviction.timeframe,
        "as_of": conviction.as_of,
        "horizon_bars": conviction.horizon_bars,
        "conviction": conviction.score,
        "agreement": conviction.agreement,
        "agreement_by_timeframe": conviction.agreement_by_timeframe,
        "effective_members": conviction.effective_members,
        "tier": conviction.tier,
        "evidence": conviction.evidence,
        "direction": "NONE" if abs(lean) < NO_LEAN else "UP" if lean > 0 else "DOWN",
        "probability": conviction.probability,
        "low": conviction.low,
        "high": conviction.high,
        "base": conviction.base,
        "log_odds": conviction.log_odds,
        "expected_move": conviction.expected_move,
        "volatility": conviction.volatility,
        "entry": decision.entry,
        "stop": decision.stop,
        "target": decision.target,
        "stop_atr": decision.stop_atr,
        "target_atr": decision.target_atr,
        "atr": decision.atr,
        "risk_fraction": decision.risk_fraction,
        "decision": decision.side,
        "reasons": decision.reasons,
        "notes": conviction.reasons,
        "view": asdict(sealed.view) | {"entry": sealed.entry, "digest": sealed.digest},
        "verdict": asdict(verdict),
        "members": members,
        "fusion": {
            "artefact": fitted.id,
            "proven": fitted.proven,
            "p_value": fitted.proof.p_value,
            "gain_nats": fitted.proof.gain,
            "gain_error": fitted.proof.gain_error,
            "proof_days": fitted.proof.days,
            "outcomes": fitted.effective_outcomes,
            "rows": fitted.rows,
            "kappa": fitted.kappa,
            "first": fitted.first,
            "last": fitted.last,
            "level": fitted.settings.level,
            "moderate": fitted.settings.moderate,
            "high": fitted.settings.high,
        },
        "cost_round_trip": round_trip(item),
        "data": {
            "bars": len(item.bars),
            "first": start,
            "last": end,
            "fingerprint": desk.bars.fingerprint(
                item.series.symbol, item.series.timeframe, start, end
            ),
        },
        "in_sample": is_in_sample(fitted, conviction.as_of),
        "simulated": desk.is_simulated(item.series.symbol, item.series.timeframe),
        "conviction_detail": {
            "probability": conviction.probability,
            "log_odds": conviction.log_odds,
            "score": conviction.score,
            "tier": conviction.tier,
            "evidence": conviction.evidence,
            "fusion": fitted.id,
            "parts": [[p.member, p.timeframe, p.artefact, p.part] for p in conviction.parts],
        },
    }
