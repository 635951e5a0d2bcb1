"""Put runs of experiments side by side: what differs in them, and their returns day by day."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from assay.core.errors import SettingsError
from assay.core.names import listed
from assay.evaluation.bootstrap import Estimate
from assay.evaluation.statistics.forecasts import day_block_difference
from assay.store.packing import Daily
from assay.store.runs import RunRow, Runs
from assay.store.trials import TrialStatus
from assay.workflows.desk import Desk
from assay.workflows.experiments.looking import (
    chosen,
    every_run,
    flat,
    judged,
    past_runs,
    summary_of,
)

APART = ("seeds", "primary_metric", "profile")
"""What two runs of one configuration may still differ in, beside code and data."""


def compare(desk: Desk, asked: Sequence[str], family: str | None = None) -> dict[str, Any]:
    """Return runs side by side: what differs in what was asked, their figures, and pair by pair.

    Those called by `asked`, else the newest finished run of every configuration of `family`.
    `paired` is the mean difference of the daily net return of the first run and each other, on the
    days they share, with a 95 % interval over blocks of days; null where they share fewer than 2.
    """
    rows = _compared(desk, asked, family)
    kept = Runs(desk.database)
    dailies = [kept.daily(row.trial.id) for row in rows]
    told = [
        {**summary_of(row, verdict), "figures": row.trial.metrics, **_span(daily)}
        for (row, verdict), daily in zip(judged(desk, rows), dailies, strict=True)
    ]
    plain = [flat(row.trial.configuration) | _apart(row) for row in rows]
    keys = sorted({key for each in plain for key in each})
    return {
        "runs": told,
        "differences": [
            {"key": key, "values": [each.get(key) for each in plain]}
            for key in keys
            if any(each.get(key) != plain[0].get(key) for each in plain)
        ],
        "remarks": _remarks(rows, dailies),
        "paired": [
            {"first": rows[0].trial.id, "second": row.trial.id, **_paired(dailies[0], daily)}
            for row, daily in zip(rows[1:], dailies[1:], strict=True)
        ],
    }


def _compared(desk: Desk, asked: Sequence[str], family: str | None) -> list[RunRow]:
    if asked and family is not None:
        raise SettingsError("Name runs or a --family to compare, not both")
    if family is not None:
        past_runs(desk, family=family)  # says what is near where there is no such family
        rows = [row for row in every_run(desk) if row.facts.family == family]
        done = [row for row in rows if row.trial.status is TrialStatus.FINISHED]
        found = list({row.trial.configuration_digest: row for row in done}.values())
    else:
        found = chosen(desk, asked)
    if len(found) < 2:
        raise SettingsError(
            "To compare, name two runs, or a --family that has two finished ones; "
            f"found {len(found)}"
        )
    return found


def _apart(row: RunRow) -> dict[str, Any]:
    told = {name: getattr(row.facts, name) for name in APART}
    return {"seeds": list(told["seeds"])} | {name: told[name] for name in APART[1:]}


def _remarks(rows: Sequence[RunRow], dailies: Sequence[Daily]) -> list[str]:
    """Return what makes the runs no plain comparison, in sentences."""
    said = []
    if any(not np.array_equal(dailies[0].days, each.days) for each in dailies[1:]):
        each = [f"{row.trial.id} {_days(daily)}" for row, daily in zip(rows, dailies, strict=True)]
        said.append(f"The days differ: {listed(each, 'and')}")
    for what, values in (
        ("data", {row.trial.data_fingerprint for row in rows}),
        ("code", {(row.facts.code_version, row.facts.uncommitted_diff) for row in rows}),
        ("families, which are judged apart", {row.facts.family for row in rows}),
    ):
        if len(values) > 1:
            said.append(f"They are of {len(values)} different {what}")
    if any((row.trial.metrics or {}).get("simulated") for row in rows):
        said.append("At least one is of simulated bars")
    return said


def _days(daily: Daily) -> str:
    told = _span(daily)
    if not told["days"]:
        return "has none"
    return f"has {told['days']:,} from {told['first_day']} to {told['last_day']}"


def _span(daily: Daily) -> dict[str, Any]:
    if not daily.days.size:
        return {"days": 0, "first_day": None, "last_day": None}
    ends = {"first_day": str(daily.days[0]), "last_day": str(daily.days[-1])}
    return {"days": int(daily.days.size), **ends}


def _paired(first: Daily, second: Daily) -> dict[str, Any]:
    both, own, other = np.intersect1d(first.days, second.days, return_indices=True)
    if both.size < 2:
        return Estimate(float("nan"), float("nan"), float("nan"), int(both.size)).to_json()
    day = both.astype("datetime64[D]").astype(np.int64)
    return day_block_difference(first.net[own], second.net[other], day).to_json()
