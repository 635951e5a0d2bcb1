"""Reports of experiments: what is kept of a run or a family, as plain data and as a page."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from assay.core.errors import NotFoundError, SettingsError
from assay.evaluation.experiment_report import conditions, curves, family_figures, luck
from assay.evaluation.experiment_report.family_page import family_page
from assay.evaluation.experiment_report.family_remarks import family_remarks
from assay.evaluation.experiment_report.run_page import run_page
from assay.evaluation.experiment_report.run_remarks import run_remarks
from assay.evaluation.experiment_report.weights import importance
from assay.evaluation.gate.contract import Evidence, Tier, Verdict
from assay.evaluation.gate.judge import Judgement, Line
from assay.evaluation.metrics import sharpe
from assay.store.files import write_atomic
from assay.store.findings import Families, VerdictLine, VerdictRow
from assay.store.runs import FoldRow, RunRow, Runs
from assay.store.trials import TrialRow, TrialStatus
from assay.workflows.desk import Desk
from assay.workflows.experiments.families import box_of
from assay.workflows.experiments.gating import (
    BESIDE_CHECK,
    BESIDE_KEY,
    NAMESPACE,
    NOMINAL,
    Ledger,
    beside_at,
    family_of_trial,
    is_try,
    registration_of,
)
from assay.workflows.experiments.looking import (
    NONE,
    every_run,
    flat,
    fold_of,
    folds_of,
    judged,
    named,
    one_run,
    past_runs,
    summary_of,
)
from assay.workflows.experiments.planning import BASELINE
from assay.workflows.experiments.summing import listed, summed
from assay.workflows.verdict_lines import ALLOWS, finding_of

ASKED = (
    "id", "no", "title", "name", "tag", "family", "status", "started_at", "finished_at", "seconds",
    "simulated", "primary_metric", "primary", "verdict", "hypothesis", "configuration", "profile",
    "code_version", "uncommitted_lines", "data_fingerprint", "work_key", "libraries", "machine",
    "figures",
)  # fmt: skip
"""What a report takes over from `looking.one_run`."""


def newest_finished(desk: Desk) -> str:
    """Return the id of the run that finished last of all registered; none is a `NotFoundError`."""
    done = [row for row in every_run(desk) if row.trial.status is TrialStatus.FINISHED]
    if not done:
        raise NotFoundError(NONE if not every_run(desk) else "No run of an experiment has finished")
    return done[-1].trial.id


def run_report(desk: Desk, asked: str) -> dict[str, Any]:
    """Return the report of the finished run called `asked`, by its id or how only that begins.

    Everything comes from what is kept: nothing is fitted. `findings` are what rules remark on it,
    the worst first; the figures that the gate reckons are reckoned as the gate does, on the ledger
    up to the run. A run that has not finished is a `SettingsError`.
    """
    row = named(desk, asked)
    if row.trial.status is not TrialStatus.FINISHED:
        raise SettingsError(
            f"{row.trial.id} ({row.facts.title}) is {row.trial.status}, and only what is finished "
            "has a report; assay experiment show says how far it came"
        )
    [(_, verdict)] = judged(desk, [row])
    folds = folds_of(desk, row)
    year = _days_per_year(desk, row.trial)
    evidence = _evidence(desk, row, verdict, folds, year)
    shown = one_run(desk, row.trial.id)
    told = {name: shown[name] for name in ASKED} | {
        "kind": "run",
        "configuration_flat": flat(row.trial.configuration),
        "seeds_asked": list(row.facts.seeds),
        "registered": evidence.registration.registered,
        "order": evidence.registration.order,
        "judged_at": None if verdict is None else verdict.at,
        "verdict_sentence": _sentence(verdict),
        "verdict_lines": [] if verdict is None else [_line(each) for each in verdict.lines],
        "first_day": str(np.datetime64(int(evidence.days[0]), "D")),
        "last_day": str(np.datetime64(int(evidence.days[-1]), "D")),
        "folds": [_fold(each, year) for each in folds],
        "equity": curves.equity(evidence),
        "seeds": conditions.seeds(evidence),
        "kinds_of_days": conditions.kinds_of_days(evidence),
        "costs": conditions.costs(evidence),
        "deflation": luck.deflation(evidence),
        "overfitting": luck.overfit(evidence.family),
        "importance": importance(
            [
                {"fold": each.fold, "seed": each.seed, "importance": each.metrics["importance"]}
                for each in folds
                if "importance" in each.metrics
            ]
        ),
    }
    return told | {"findings": [remark.to_json() for remark in run_remarks(told)]}


def _evidence(
    desk: Desk,
    row: RunRow,
    verdict: VerdictRow | None,
    folds: Sequence[FoldRow],
    days_per_year: int,
) -> Evidence:
    """Return what the gate saw of a run, as far as it is kept; the placebo and paths are not."""
    own, ledger = summed(folds), Ledger.of(desk)
    family, place = family_of_trial(desk, ledger, row.trial, own)
    lines = () if verdict is None else verdict.lines
    key = next((one.detail.get(BESIDE_KEY) for one in lines if one.check == BESIDE_CHECK), None)
    kept, seed = Runs(desk.database), row.facts.seeds[0]
    return Evidence(
        horizon_bars=1,  # no figure of a report depends on it
        days_per_year=days_per_year,
        seeds=own.seeds,
        is_random=len(own.seeds) > 1,
        days=own.days,
        returns=own.returns,
        score_days=own.score_days,
        scores=own.scores,
        inside=own.inside,
        nominal=NOMINAL,
        counts=own.counts,
        psi=np.zeros(0),
        unexplained=float("nan"),
        paths=np.zeros(0),
        registration=registration_of(desk, ledger, row.trial, row.facts),
        family=family,
        own=place,
        beside=None if key is None else beside_at(kept, str(key), seed, own),
        is_baseline=row.trial.configuration["model"]["name"] == BASELINE,
        simulated=bool((row.trial.metrics or {}).get("simulated")),
    )


def _days_per_year(desk: Desk, trial: TrialRow) -> int:
    symbols = trial.configuration["data"]["instruments"]
    return max(desk.instrument(symbol).days_per_year for symbol in symbols)


def _fold(row: FoldRow, days_per_year: int) -> dict[str, Any]:
    """Return one fold with one seed: what `looking.fold_of` does, and its metrics."""
    one, net = summed([row]), row.arrays["net"]
    told = fold_of(row)
    ratio = sharpe(net[None], days_per_year)
    return {name: told[name] for name in told if name not in ("peak_mb", "finished_by")} | {
        "net_sum": float(net.sum()),
        "net_sharpe": listed(ratio, one.seeds)[str(row.seed)],
        "information_coefficient": listed(one.correlation, one.seeds)[str(row.seed)],
    }


def _sentence(verdict: VerdictRow | None) -> str:
    """Return a verdict with the sentences that decided it."""
    if verdict is None:
        return "Not judged yet: the gate waits for the runs that were registered before it"
    lines = tuple(Line(Tier(one.tier), one.check, finding_of(one)) for one in verdict.lines)
    return Judgement(Verdict[verdict.verdict], lines).summary()


def _line(line: VerdictLine) -> dict[str, Any]:
    names = ("tier", "check", "passed", "statistic", "threshold", "p", "power", "sentence")
    return {name: getattr(line, name) for name in names} | {"allows": line.detail.get(ALLOWS)}


def family_report(desk: Desk, family: str) -> dict[str, Any]:
    """Return the report of a family: its trials in order of registration, and what luck would do.

    An unknown family is a `NotFoundError` that says what is near. A day that a trial lacks counts
    as 0 in what compares trials, as in the gate; `same_days` says whether there is any.
    """
    past_runs(desk, family=family)  # says what is near where there is no such family
    held = Families(desk.database).get(family)
    rows = [row for row in Ledger.of(desk).rows if row.namespace == NAMESPACE + family]
    facts = {row.trial.id: row for row in every_run(desk) if row.facts.family == family}
    runs = [(n, facts[row.id]) for n, row in enumerate(rows, 1) if row.id in facts]
    verdicts = judged(desk, [row for _, row in runs])
    matrix = Runs(desk.database).matrix(NAMESPACE + family)
    names, days = matrix.trial_ids, matrix.days.astype("datetime64[D]").astype(np.int64)
    year = max((_days_per_year(desk, row.trial) for _, row in runs), default=1)
    filled = np.nan_to_num(matrix.returns)
    tries = sum(is_try(row) for row in rows)
    finished = len(names)
    grown = family_figures.family_curves(names, days, matrix.returns, year)
    ideas = family_figures.ideas_of(names, filled, year)
    box = box_of(held)
    told = {
        "kind": "family",
        "family": family,
        "primary_metric": held.primary_metric,
        "baseline": dict(held.baseline),
        "registered_at": held.registered_at,
        "lock_box": None if box is None else (box["from"], box.get("to")),
        "simulated": any((row.trial.metrics or {}).get("simulated") for _, row in runs),
        "counts": {
            "registered": len(rows),
            "tries": tries,
            "finished": finished,
            "unfinished": len(rows) - finished - tries,
        },
        "same_days": bool(np.isfinite(matrix.returns).all()),
        "trials": [
            {
                **summary_of(row, verdict),
                "order": order,
                "p": (row.trial.metrics or {}).get("p_value"),
                "idea": ideas["idea_of"].get(row.trial.id),
                "trades": _middle((row.trial.metrics or {}).get("trades")),
            }
            for (order, row), (_, verdict) in zip(runs, verdicts, strict=True)
        ],
        "equity": grown,
        "best": grown["best"],
        "noise": family_figures.noise(
            filled, year, registered=len(rows), unseen=len(rows) - finished
        ),
        "overfitting": luck.overfit(filled),
        "ideas": ideas,
        "alpha": family_figures.alpha_spent(_alpha_lines(verdicts)),
        "looks": [
            {"at": one.at, "trial": one.trial_id, "reason": one.reason}
            for one in Families(desk.database).looks(family)
        ],
    }
    told["sentence"] = _family_sentence(told)
    return told | {"findings": [remark.to_json() for remark in family_remarks(told)]}


def _alpha_lines(
    verdicts: Sequence[tuple[RunRow, VerdictRow | None]],
) -> list[tuple[str, dict[str, Any]]]:
    return [
        (row.trial.id, {"threshold": one.threshold, "p": one.p, "detail": one.detail})
        for row, verdict in verdicts
        for one in (() if verdict is None else verdict.lines)
        if one.check == "family_alpha"
    ]


def _middle(by_seed: Mapping[str, float] | None) -> int | None:
    return None if not by_seed else int(np.median(list(by_seed.values())))


def _family_sentence(told: Mapping[str, Any]) -> str:
    """Return in a sentence how far the family's trials came."""
    verdicts = [one["verdict"] for one in told["trials"] if one["verdict"]]
    if not verdicts:
        return "No trial of this family has been judged yet"
    count = {str(each): verdicts.count(str(each)) for each in Verdict}
    each = ", ".join(f"{n} {name}" for name, n in count.items() if n)
    return f"Of {len(verdicts)} judged trial{'s' if len(verdicts) != 1 else ''}: {each}"


def write_report(desk: Desk, told: Mapping[str, Any], out: Path | None = None) -> Path:
    """Write the page of a report under the workspace's reports, or to `out`; return its path."""
    if told["kind"] == "run":
        text, name = run_page(told), f"experiment-{told['id']}.html"
    else:
        text, name = family_page(told), f"family-{told['family']}.html"
    path = out or desk.reports / name
    write_atomic(path, text.encode())
    return path
