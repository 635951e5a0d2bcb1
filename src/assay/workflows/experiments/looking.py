"""Look at runs of experiments: which there are, and everything about one of them."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from assay.core.errors import NotFoundError
from assay.core.names import unknown
from assay.store.findings import SubjectKind, VerdictLine, VerdictRow, Verdicts
from assay.store.runs import FoldRow, RunRow, Runs
from assay.store.trials import Trials, TrialStatus
from assay.workflows.desk import Desk
from assay.workflows.experiments.planning import search_key_of
from assay.workflows.experiments.reading import library, read_experiments
from assay.workflows.experiments.running import Finished

NONE = "No experiment was run here yet; assay experiment list --library names some to begin with"
LISTED_BY = "assay experiment list"
_SUMMED = ("hits", "moved", "base_loss", "loss", "weight")


def past_runs(
    desk: Desk,
    *,
    family: str | None = None,
    name: str | None = None,
    status: str | None = None,
) -> list[dict[str, Any]]:
    """Return the runs that match, the newest last, each in a few words; see `summary_of`.

    A family, a name or a status that is not there is a `NotFoundError` that says what is near.
    """
    rows = every_run(desk)
    if status is not None and status not in list(TrialStatus):
        raise unknown("status", status, [str(each) for each in TrialStatus])
    for kind, asked, known in (
        ("family", family, {row.facts.family for row in rows}),
        ("experiment", name, {row.facts.name for row in rows}),
    ):
        if asked is not None and asked not in known:
            raise unknown(kind, asked, known) if rows else NotFoundError(NONE)
    matching = [
        row
        for row in rows
        if (family is None or row.facts.family == family)
        and (name is None or row.facts.name == name)
        and (status is None or row.trial.status == status)
    ]
    return [summary_of(row, verdict) for row, verdict in judged(desk, matching)]


def shipped() -> list[dict[str, Any]]:
    """Return the experiments that come with Assay: name, family, hypothesis, runs and models."""
    found = []
    for name, path in library().items():
        planned = read_experiments([path])
        first = planned[0].experiment
        found.append(
            {
                "name": name,
                "family": first.family,
                "hypothesis": first.hypothesis,
                "runs": len(planned),
                "models": sorted({each.experiment.model.name for each in planned}),
            }
        )
    return found


def one_run(desk: Desk, asked: str) -> dict[str, Any]:
    """Return everything about one run, called by its id or how only that begins, as plain data.

    Times are UTC in ISO 8601. `folds` has a row for each finished fold and seed, also of a run that
    was stopped; `tried_in_family` counts every configuration ever tried there; `tries` are those
    of its search, `verdict` what the gate said, both without content where there is none.
    """
    row = named(desk, asked)
    [(_, verdict)] = judged(desk, [row])
    kept, facts = Runs(desk.database), row.facts
    diff = facts.uncommitted_diff
    return {
        **summary_of(row, verdict),
        "hypothesis": facts.hypothesis,
        "configuration": row.trial.configuration,
        "file": facts.file_text,
        "profile": facts.profile,
        "seeds": list(facts.seeds),
        "code_version": facts.code_version,
        "uncommitted_lines": None if diff is None else len(diff.splitlines()),
        "uncommitted_diff": diff,
        "data_fingerprint": row.trial.data_fingerprint,
        "work_key": facts.work_key,
        "libraries": facts.libraries,
        "machine": facts.machine,
        "peak_mb": facts.peak_mb,
        "figures": row.trial.metrics,
        "folds": [fold_of(each) for each in folds_of(desk, row)],
        "tried_in_family": Trials(desk.database).count_distinct(row.trial.namespace),
        "tries": [
            {"fold": each.fold, **one}
            for each in kept.folds(search_key_of(facts.work_key))
            for one in each.metrics["tries"]
        ],
        "verdict_lines": [] if verdict is None else [_line(each) for each in verdict.lines],
    }


def ended_run(desk: Desk, finished: Finished) -> dict[str, Any]:
    """Return a run that has just ended in a few words, with its figures and its verdict."""
    trial = finished.run.trial
    row = RunRow(trial, Runs(desk.database).facts(trial.id))
    [(_, verdict)] = judged(desk, [row])
    return {**summary_of(row, verdict), "figures": finished.figures}


def named(desk: Desk, asked: str) -> RunRow:
    """Return the run called `asked`, its id or how only that begins; else a `NotFoundError`."""
    return chosen(desk, [asked])[0]


def chosen(desk: Desk, asked: Iterable[str]) -> list[RunRow]:
    """Return the runs called by `asked` in that order, each once; see `named`."""
    rows = every_run(desk)
    if not rows:
        raise NotFoundError(NONE)
    found = (_called(desk, rows, each) for each in asked)
    return list({row.trial.id: row for row in found}.values())


def _called(desk: Desk, rows: Sequence[RunRow], asked: str) -> RunRow:
    wanted = asked if asked.startswith("trial-") else f"trial-{asked}"
    found = [row for row in rows if row.trial.id.startswith(wanted)]
    if len(found) == 1:
        return found[0]
    if found:
        some = ", ".join(f"{row.trial.id} ({row.facts.title})" for row in found[:5])
        raise NotFoundError(f"{len(found)} runs begin with {asked!r}: {some}; type more of it")
    others = [row for row in Trials(desk.database).list() if row.id.startswith(wanted)]
    if others:
        raise NotFoundError(
            f"{others[0].id} is no run of an experiment but a trial of {others[0].namespace!r}; "
            f"{LISTED_BY} names the runs"
        )
    cut = "" if asked.startswith("trial-") else "trial-"
    ids = [row.trial.id.removeprefix(cut) for row in rows]
    raise unknown("run", asked, ids, listed_by=LISTED_BY, cutoff=0.75)


def every_run(desk: Desk) -> list[RunRow]:
    """Return all runs in order of registration; none where nothing was ever stored."""
    desk.refuse_loss()
    return Runs(desk.database).list() if desk.has_database else []


def folds_of(desk: Desk, row: RunRow) -> list[FoldRow]:
    """Return the finished folds of a run, of the seeds that count in it."""
    fitted = (row.trial.metrics or {}).get("net_sharpe_by_seed")
    seeds = {int(seed) for seed in fitted} if fitted else set(row.facts.seeds)
    return [each for each in Runs(desk.database).folds(row.facts.work_key) if each.seed in seeds]


def fold_of(row: FoldRow) -> dict[str, Any]:
    """Return one fold with one seed as plain data; shares are null where nothing was judged."""
    day, sums = row.arrays["day"], {name: float(row.arrays[name].sum()) for name in _SUMMED}
    gain = sums["base_loss"] - sums["loss"]
    return {
        "fold": row.fold,
        "seed": row.seed,
        "first_day": _date(int(day.min())),
        "last_day": _date(int(day.max())),
        "days": len(np.unique(day)),
        "net_return": float(np.prod(1.0 + row.arrays["net"]) - 1.0),
        "trades": row.metrics["trades"],
        "won": row.metrics["won"],
        "hit_rate": sums["hits"] / sums["moved"] if sums["moved"] > 0 else None,
        "log_loss_gain": gain / sums["weight"] if sums["weight"] > 0 else None,
        "seconds": row.seconds,
        "peak_mb": row.peak_mb,
        "finished_by": row.trial_id,
    }


def summary_of(row: RunRow, verdict: VerdictRow | None) -> dict[str, Any]:
    """Return one run in a few words: what it was, how it ended, what it was worth."""
    trial, facts, found = row.trial, row.facts, row.trial.metrics or {}
    return {
        "no": trial.no,
        "id": trial.id,
        "title": facts.title,
        "name": facts.name,
        "tag": facts.tag,
        "family": facts.family,
        "status": str(trial.status),
        "reason": trial.reason,
        "started_at": trial.started_at,
        "finished_at": trial.finished_at,
        "seconds": facts.seconds,
        "simulated": found.get("simulated"),
        "net_sharpe": found.get("net_sharpe"),
        "primary_metric": facts.primary_metric,
        "primary": found.get("primary"),
        "verdict": None if verdict is None else verdict.verdict,
    }


def flat(told: Mapping[str, Any], above: str = "") -> dict[str, Any]:
    """Return plain data with dotted keys; lists stay as they are."""
    found: dict[str, Any] = {}
    for key, value in told.items():
        if isinstance(value, Mapping) and value:
            found |= flat(value, f"{above}{key}.")
        else:
            found[f"{above}{key}"] = value
    return found


def judged(desk: Desk, rows: Sequence[RunRow]) -> list[tuple[RunRow, VerdictRow | None]]:
    """Return each run with the newest verdict on it, None where there is none."""
    if not rows:
        return []
    only = rows[0].trial.id if len(rows) == 1 else None
    found = Verdicts(desk.database).list(kind=SubjectKind.TRIAL, subject_id=only)
    newest = {verdict.subject_id: verdict for verdict in found}
    return [(row, newest.get(row.trial.id)) for row in rows]


def _line(line: VerdictLine) -> dict[str, Any]:
    names = ("tier", "check", "passed", "statistic", "threshold", "p", "power", "sentence")
    return {name: getattr(line, name) for name in names}


def _date(day: int) -> str:
    return str(np.datetime64(day, "D"))
