"""What each column alone foretells of the outcome: rank correlations, with their doubt."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

import numpy as np

from assay.core.errors import HistoryError, SettingsError
from assay.core.names import listed
from assay.core.values.timeframe import Timeframe
from assay.evaluation.information import (
    HONEST,
    LEAST_DAYS,
    Coefficient,
    RankSums,
    coefficients,
    pooled,
    rank_sums,
)
from assay.evaluation.many_tests import false_discovery
from assay.evaluation.splits import Span, SplitPlan
from assay.features.contract import Group
from assay.features.pipeline import name_of
from assay.features.sets import Which
from assay.workflows.columns import set_of
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.gather import HORIZON_BARS, Prepared, Series, prepare
from assay.workflows.outcomes import span_samples
from assay.workflows.pooling import day_numbers
from assay.workflows.train import stored_series

Spanned = Literal["train", "all"]
LEVEL = 0.05
TRAIN = 1.0 - SplitPlan().tested
"""The part of history before the first test span of a backtest: what is chosen on it has not been
chosen on what a backtest judges by."""
MEANING = (
    "The information coefficient is the rank correlation (Spearman) of a column, as known at a "
    f"bar's close, with the return of the {HORIZON_BARS} bars after it over its expected size. Its "
    "95 % interval resamples blocks of whole days; p is two-sided and counts days, not bars."
)


@dataclass(frozen=True, slots=True)
class _Measured:
    """One series with its ranks; `owner` maps a column to its feature and group."""

    series: Series
    span: Span
    ranks: RankSums
    owner: Mapping[str, tuple[str, str]]
    simulated: bool


def foretelling(
    desk: Desk,
    symbols: Sequence[str] = (),
    timeframe: Timeframe | None = None,
    *,
    span: Spanned = "train",
    which: Which | None = None,
    groups: Collection[Group] = (),
    tick: Tick = silent,
) -> dict[str, Any]:
    """Return the information coefficient of every column, pooled and by series, as plain data.

    Only the part of history before a backtest's tests is read, unless `span` is `all`. Every p is
    adjusted for all columns that were tested, whatever `groups` are shown. Series of several
    timeframes are a `SettingsError`, too little history a `HistoryError`.
    """
    wanted = stored_series(desk, symbols, [timeframe] if timeframe else [])
    frames = sorted({one.timeframe for one in wanted}, key=lambda one: one.minutes)
    if len(frames) > 1:
        raise SettingsError(
            f"An information coefficient is of one timeframe, and {listed(frames, 'and')} are "
            f"stored; name one, such as --timeframe {frames[0]}"
        )
    measured, problems = [], []
    for number, series in enumerate(wanted, 1):
        try:
            measured.append(_measure(desk, series, span, which))
        except HistoryError as error:
            problems.append(str(error))
        tick("Ranking columns", number, len(wanted))
    if not measured:
        raise HistoryError(problems[0])
    days = HORIZON_BARS * frames[0].minutes / Timeframe.D1.minutes
    own = [coefficients(one.ranks, overlap_days=days, seed=desk.seed) for one in measured]
    if len(measured) == 1:
        whole = own[0]
    else:
        ranks = pooled([one.ranks for one in measured])
        whole = coefficients(ranks, overlap_days=days, seed=desk.seed)
    return _told(measured, own, whole, problems, span, {group.value for group in groups})


def _measure(desk: Desk, series: Series, span: Spanned, which: Which | None) -> _Measured:
    kept = _kept(desk, series, span)
    item = prepare(desk, series, until=kept.end, which=which)
    ranks = ranks_of(item, kept)
    known = int((ranks.sums[0].max(axis=1) > 0).sum()) if len(ranks.columns) else 0
    if known < LEAST_DAYS:
        raise HistoryError(
            f"{series}: {known} days with outcomes between {kept.start:%Y-%m-%d} and "
            f"{kept.end:%Y-%m-%d} are too few to judge a column; {LEAST_DAYS} are asked"
        )
    owner = {
        column: (name_of(feature), feature.group.value)
        for feature in item.pipeline.features
        for column in feature.names
    }
    simulated = desk.is_simulated(series.symbol, series.timeframe)
    return _Measured(series, kept, ranks, owner, simulated)


def _kept(desk: Desk, series: Series, span: Spanned) -> Span:
    info = desk.bars.info(series.symbol, series.timeframe)
    start: datetime = info.first - series.timeframe.length
    end = info.last if span == "all" else start + (info.last - start) * TRAIN
    return Span(start, end)


def ranks_of(item: Prepared, span: Span) -> RankSums:
    """Return the daily sums of ranks of the rows of `span`, whose outcomes end inside it."""
    rows = item.rows(span)
    if not len(rows):
        raise HistoryError(f"{item.series}: no bars between {span.start} and {span.end}")
    samples = span_samples(item, span)
    return rank_sums(
        item.columns,
        samples.x,
        samples.scaled,
        samples.weight,
        begins=samples.time,
        ends=samples.t1,
        day=day_numbers(item, rows),
    )


def _told(
    measured: Sequence[_Measured],
    own: Sequence[Sequence[Coefficient]],
    whole: Sequence[Coefficient],
    problems: Sequence[str],
    span: Spanned,
    groups: Collection[str],
) -> dict[str, Any]:
    adjusted = _adjusted([whole])[0]
    apart = _adjusted(own)
    owner = {name: told for one in measured for name, told in one.owner.items()}
    by_series = {
        str(one.series): {
            found.column: _plain(found, level) for found, level in zip(each, levels, strict=True)
        }
        for one, each, levels in zip(measured, own, apart, strict=True)
    }
    rows = [
        {
            "column": found.column,
            "feature": owner[found.column][0],
            "group": owner[found.column][1],
            "set": set_of(owner[found.column][0]),
            **_plain(found, level),
            "series": {
                name: by[found.column] for name, by in by_series.items() if found.column in by
            },
        }
        for found, level in zip(whole, adjusted, strict=True)
    ]
    tested = [one for one in rows if one["p"] is not None]
    tested.sort(key=lambda one: (not one["survives"], -abs(one["ic"]), one["column"]))
    survive = sum(one["survives"] for one in tested)
    suspicious = sum(one["suspicious"] for one in tested)
    found: dict[str, Any] = {
        "by": "ic",
        "meaning": MEANING,
        "timeframe": measured[0].series.timeframe.value,
        "horizon_bars": HORIZON_BARS,
        "span": span,
        "level": LEVEL,
        "simulated": any(one.simulated for one in measured),
        "series": [
            {
                "series": str(one.series),
                **one.span.to_json(),
                "days": len(one.ranks.day),
                "outcomes": float(one.ranks.outcomes.max()),
            }
            for one in measured
        ],
        "tested": len(tested),
        "survive": survive,
        "suspicious": suspicious,
        "untested": sorted(one["column"] for one in rows if one["p"] is None),
        "columns": [one for one in tested if not groups or one["group"] in groups],
        "problems": list(problems),
    }
    return found | {"summary": summary(found)}


def _adjusted(several: Sequence[Sequence[Coefficient]]) -> list[list[float]]:
    """Return every p adjusted for all finite ones of all lists together, NaN where none is."""
    p = np.array([found.p for each in several for found in each])
    known = np.isfinite(p)
    filled = np.full(len(p), np.nan)
    filled[known] = false_discovery(p[known])
    ends = np.cumsum([len(each) for each in several])[:-1]
    return [part.tolist() for part in np.split(filled, ends)]


def _plain(found: Coefficient, adjusted: float) -> dict[str, Any]:
    survives = bool(adjusted <= LEVEL)
    return {
        "ic": _or_none(found.ic),
        "low": _or_none(found.low),
        "high": _or_none(found.high),
        "p": _or_none(found.p),
        "adjusted": _or_none(adjusted),
        "survives": survives,
        "suspicious": survives and abs(found.ic) > HONEST,
        "rows": found.rows,
        "outcomes": found.outcomes,
        "days": found.days,
    }


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def summary(found: Mapping[str, Any]) -> str:
    """Return the sentence that says how many columns survive, and how to read the size of one."""
    outcomes = sum(one["outcomes"] for one in found["series"])
    keep = "keeps" if found["survive"] == 1 else "keep"
    said = (
        f"{found['survive']:,} of {found['tested']:,} columns {keep} a coefficient other than 0 "
        "after correction for having looked at them all (on average at most "
        f"{found['level'] * 100:.0f} % of claims false), over {outcomes:,.0f} outcomes that do not "
        f"overlap. An honest one is 0.03 to {HONEST}; larger is suspicious"
    )
    if found["suspicious"]:
        count = found["suspicious"]
        said += (
            f", and {count:,} {'are' if count > 1 else 'is'}: look for a leak or a price nobody "
            "could trade at before believing it"
        )
    if found["span"] == "all":
        said += (
            ". The whole history was read: what is chosen by this has seen the spans that a "
            "backtest tests on, which will flatter it"
        )
    return f"{said}."
