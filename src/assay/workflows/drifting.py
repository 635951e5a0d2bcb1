"""Whether the newest bars still look like those the models learned from, column by column."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import numpy as np

from assay.core.errors import ArtefactError, HistoryError, NotFoundError
from assay.core.values.timeframe import Timeframe
from assay.evaluation.drift import BINS, DRIFTED, MOVED, Floats, Verdict, drift
from assay.evaluation.splits import Part, Span
from assay.features.pipeline import name_of
from assay.features.sets import Which
from assay.models.loading import load
from assay.store.artefacts import ArtefactKind, ArtefactRow, Artefacts
from assay.workflows.columns import set_of
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.gather import Series, moment_of, prepare
from assay.workflows.train import stored_series

FIRST = 0.6
"""The part of history that the newest bars are compared with where nothing is trained."""
LEAST_RECENT = 50
NAMED = 3
MEANING = (
    f"The population stability index compares the shares of {BINS} bins that held equal parts of "
    f"the reference: the sum of (p - q) ln(p / q). Usual limits: {MOVED} moved, {DRIFTED} drifted "
    "(Siddiqi 2006). A column must also pass its own limit, which 95 of 100 stretches of the "
    "reference itself stay under, and what independent values of these numbers would show by "
    "chance. Slow columns wander without anything having changed, and about one column in 20 "
    "passes its own limit by chance; columns that are alike pass together."
)


@dataclass(frozen=True, slots=True)
class _Reference:
    """What the newest bars are compared with: the span, why this one, and the peers to read."""

    span: Span
    model: ArtefactRow | None
    peers: Sequence[str] | None = None
    problem: str | None = None


def drifting(
    desk: Desk,
    symbols: Sequence[str] = (),
    timeframes: Sequence[Timeframe] = (),
    *,
    recent: int = 500,
    which: Which | None = None,
    tick: Tick = silent,
) -> dict[str, Any]:
    """Return the drift of every column of every series asked for, as plain data.

    The reference is the train span of the newest model of a series, or the first 60 % of history. A
    series with too few bars is named in `problems`; if none is left, that is a `HistoryError`.
    """
    wanted = stored_series(desk, symbols, timeframes)
    found: list[dict[str, Any]] = []
    problems: list[str] = []
    for number, series in enumerate(wanted, 1):
        try:
            found.append(_compared(desk, series, recent, which, problems))
        except HistoryError as error:
            problems.append(str(error))
        tick("Comparing columns", number, len(wanted))
    if not found:
        raise HistoryError(problems[-1])
    return {
        "recent": recent,
        "meaning": MEANING,
        "simulated": any(one["simulated"] for one in found),
        "series": found,
        "problems": problems,
    }


def _compared(
    desk: Desk, series: Series, recent: int, which: Which | None, problems: list[str]
) -> dict[str, Any]:
    reference = _reference(desk, series)
    if reference.problem:
        problems.append(reference.problem)
    item = prepare(desk, series, peers=reference.peers, which=which)
    then = item.rows(reference.span)
    then = then[then >= item.pipeline.warm_up]
    now = np.arange(max(0, len(item.x) - recent), len(item.x))
    if len(then) < recent or len(now) < recent or then[-1] >= now[0]:
        raise HistoryError(
            f"{series}: the newest {recent:,} bars are compared with those before them, and "
            f"{int((then < now[0]).sum()):,} are left after the features' warm-up; import more or "
            "ask for fewer with --recent"
        )
    owner = {column: feature for feature in item.pipeline.features for column in feature.names}
    columns = [
        {
            "column": name,
            "feature": name_of(owner[name]),
            "group": owner[name].group.value,
            "set": set_of(name_of(owner[name])),
            **_drift(item.x[then, at].astype(np.float64), item.x[now, at].astype(np.float64)),
        }
        for at, name in enumerate(item.columns)
    ]
    columns.sort(key=_worst_first)
    counted = Counter(one["verdict"] for one in columns)
    told = {
        "series": str(series),
        "simulated": desk.is_simulated(series.symbol, series.timeframe),
        "model": reference.model.id if reference.model else None,
        "reference": _told_span(item.time[then]),
        "newest": _told_span(item.time[now]),
        "counts": {verdict.value: counted[verdict.value] for verdict in Verdict},
        "columns": columns,
    }
    return told | {"summary": _summary(told)}


def _reference(desk: Desk, series: Series) -> _Reference:
    """Return the train span and peers of the model of `series` that saw most of it, the newest one.

    Without a model that saw any of it, the first bars.
    """
    info = desk.bars.info(series.symbol, series.timeframe)
    whole = Span(info.first - series.timeframe.length, info.last)
    rows = Artefacts(desk.database).list(
        kind=ArtefactKind.MEMBER, timeframe=series.timeframe, symbol=series.symbol
    )
    seen = [row for row in rows if row.quarantined is None and _shared(_trained(row), whole)]
    if not seen:
        return _Reference(Span(whole.start, whole.start + (whole.end - whole.start) * FIRST), None)
    row = max(seen, key=lambda one: _shared(_trained(one), whole))
    try:
        peers = load(desk.models / row.path).data.get("peers", {}).get(str(series))
    except (ArtefactError, NotFoundError) as error:
        problem = f"{series}: the model {row.id[:12]} cannot be read ({error})"
        return _Reference(_trained(row), row, problem=problem)
    return _Reference(_trained(row), row, peers)


def _shared(one: Span, other: Span) -> timedelta:
    return max(timedelta(0), min(one.end, other.end) - max(one.start, other.start))


def _trained(row: ArtefactRow) -> Span:
    told = row.spans[Part.TRAIN]
    return Span(datetime.fromisoformat(told["start"]), datetime.fromisoformat(told["end"]))


def _drift(then: Floats, now: Floats) -> dict[str, Any]:
    found = drift(then, now)
    return {
        "verdict": found.verdict.value,
        "psi": _or_none(found.psi),
        "expected": _or_none(found.expected),
        "chance": _or_none(found.chance),
        "own_limit": _or_none(found.own),
        "limit": _or_none(found.limit),
        "distance": _or_none(found.distance),
        "nulls_then": found.nulls_then,
        "nulls_now": found.nulls_now,
        "varied_then": _varies(then),
        "varies_now": _varies(now),
    }


def _varies(values: Floats) -> bool:
    known = values[np.isfinite(values)]
    return bool(len(known) and (known != known[0]).any())


def _or_none(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None


def _worst_first(one: dict[str, Any]) -> tuple[int, float, str]:
    order = [Verdict.DRIFTED, Verdict.MOVED, Verdict.UNKNOWN, Verdict.STEADY]
    return order.index(one["verdict"]), -(one["psi"] or 0.0), one["column"]


def _told_span(times: Any) -> dict[str, Any]:  # noqa: ANN401 - an array of microseconds
    return {"bars": len(times), "start": moment_of(times[0]), "end": moment_of(times[-1])}


def _summary(told: dict[str, Any]) -> str:
    counts, then, now = told["counts"], told["reference"], told["newest"]
    names = [one["column"] for one in told["columns"] if one["verdict"] == Verdict.DRIFTED]
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    which = f" ({', '.join(names[:NAMED])}{more})" if names else ""
    what = "its models were trained on" if told["model"] else "came first (nothing is trained)"
    unknown = f"; {counts['unknown']} are hardly ever known" if counts["unknown"] else ""
    return (
        f"{told['series']}: of {len(told['columns']):,} columns {counts['steady']:,} are steady, "
        f"{counts['moved']:,} moved and {counts['drifted']:,} drifted{which}{unknown}: the newest "
        f"{now['bars']:,} bars ({now['start']:%Y-%m-%d} to {now['end']:%Y-%m-%d}) against the "
        f"{then['bars']:,} that {what} ({then['start']:%Y-%m-%d} to {then['end']:%Y-%m-%d})."
    )
