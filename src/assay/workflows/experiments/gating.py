"""Gather the evidence of a finished run, put it before the gate, and store what it says."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from assay.core.ids import digest
from assay.evaluation.combinatorial import equal_groups
from assay.evaluation.cuts import Cut, paths
from assay.evaluation.gate.contract import Beside, Evidence, Finding, Placebo, Registration
from assay.evaluation.gate.explanation import Explanation
from assay.evaluation.gate.judge import VERSION, Judgement, Line, judge
from assay.evaluation.gate.profile import profile_of
from assay.evaluation.metrics import sharpe
from assay.evaluation.splits import Part
from assay.models.contract import Floats
from assay.store.explanations import Explanations
from assay.store.findings import Families, SubjectKind, VerdictRow, Verdicts
from assay.store.runs import FoldRow, RunFacts, Runs
from assay.store.trials import TrialRow, Trials, TrialStatus
from assay.workflows.desk import Desk
from assay.workflows.experiments import built
from assay.workflows.experiments.planning import BASELINE, Checked, baseline_of, seeds_of
from assay.workflows.experiments.summing import Summed, summed
from assay.workflows.verdict_lines import known, line_of

NAMESPACE = "experiment:"
"""Before the family's name: experiments of one family are counted together."""
SEARCH_OF = "search_of"
"""Of which run a try of a search was one; in its metrics, or before its reason."""
BESIDE_CHECK, BESIDE_KEY = "beats_ridge", "work_key"
"""The check that looks at the baseline, and the entry of its detail that says where that lies."""
NOMINAL = 0.9
DAY_US = 86_400_000_000


@dataclass(frozen=True, slots=True)
class Ledger:
    """The trials of all families, each configuration once, in order of its first registration."""

    rows: tuple[TrialRow, ...]

    @classmethod
    def of(cls, desk: Desk) -> "Ledger":
        """Return what is in the ledger now; the newest finished attempt stands for a trial."""
        first: dict[tuple[str, str], TrialRow] = {}
        for row in Trials(desk.database).list():
            if not row.namespace.startswith(NAMESPACE):
                continue
            key = (row.namespace, row.configuration_digest)
            if key not in first or row.status is TrialStatus.FINISHED:
                first[key] = row  # a key that is there keeps its place
        return cls(tuple(first.values()))

    def before(self, trial: TrialRow) -> tuple[TrialRow, ...]:
        """Return the trials registered before this one's configuration."""
        own = (trial.namespace, trial.configuration_digest)
        keys = [(row.namespace, row.configuration_digest) for row in self.rows]
        return self.rows[: keys.index(own)]


def is_try(row: TrialRow) -> bool:
    """Say whether a trial is a try of a search: it never saw a test."""
    if row.metrics is not None:
        return SEARCH_OF in row.metrics
    return bool(row.reason and row.reason.startswith(SEARCH_OF))


def gate(desk: Desk, checked: Checked, trial: TrialRow, *, prefix: bool | None = None) -> Judgement:
    """Judge a finished run and store the verdict line by line."""
    evidence = evidence_of(desk, checked, trial, prefix=prefix)
    profile = profile_of(checked.experiment.gate)
    said = Explanations(desk.database).of(trial)
    found = judge(evidence, profile).explained(
        {check: Explanation(row.by, row.at, row.why) for check, row in said.items()}
    )
    Verdicts(desk.database).add(
        VerdictRow(
            subject_kind=SubjectKind.TRIAL,
            subject_id=trial.id,
            profile=profile.name,
            at=desk.clock.now(),
            verdict=str(found.verdict),
            gate_version=str(VERSION),
            inputs_digest=digest([trial.results_digest, evidence.registration.order]),
            trial_count=evidence.registration.registered,
            alpha_spent=_alpha(found),
            libraries=built.libraries(),
            lines=tuple(
                line_of(line.tier, line.check, _with_baseline(line, checked))
                for line in found.lines
            ),
        )
    )
    return found


def _with_baseline(line: Line, checked: Checked) -> Finding:
    """Return a line's finding; that of the baseline says where its folds lie."""
    if line.check != BESIDE_CHECK or checked.baseline_key is None:
        return line.finding
    return replace(line.finding, detail={**line.finding.detail, BESIDE_KEY: checked.baseline_key})


def evidence_of(
    desk: Desk, checked: Checked, trial: TrialRow, *, prefix: bool | None = None
) -> Evidence:
    """Return all that is known of a finished run."""
    kept, experiment = Runs(desk.database), checked.experiment
    seeds = seeds_of(experiment)
    rows = [row for row in kept.folds(checked.work_key) if row.seed in seeds]
    own = summed(rows)
    ledger = Ledger.of(desk)
    family, place = family_of_trial(desk, ledger, trial, own)
    return Evidence(
        horizon_bars=experiment.horizon_bars,
        days_per_year=checked.days_per_year,
        seeds=own.seeds,
        is_random=experiment.model.make().random,
        days=own.days,
        returns=own.returns,
        score_days=own.score_days,
        scores=own.scores,
        inside=own.inside,
        nominal=NOMINAL,
        counts=own.counts,
        psi=_psi(rows),
        unexplained=max(_unexplained(row.metrics) for row in rows),
        paths=_paths(checked, rows),
        registration=replace(
            registration_of(desk, ledger, trial, kept.facts(trial.id)),
            folds_wanted=len(checked.cuts) * len(seeds),
            folds_found=len(rows),
        ),
        family=family,
        own=place,
        beside=_beside(kept, checked, own),
        placebo=_placebo(kept, checked),
        is_baseline=baseline_of(experiment) is None,
        prefix=prefix,
        simulated=checked.simulated,
    )


def registration_of(desk: Desk, ledger: Ledger, trial: TrialRow, facts: RunFacts) -> Registration:
    """Return how a run stands in the ledger; its folds are left at 0."""
    before = ledger.before(trial)
    own = [row for row in before if row.namespace == trial.namespace]
    unseen = [row for row in own if row.status is not TrialStatus.FINISHED and not is_try(row)]
    return Registration(
        family=facts.family,
        hypothesis=facts.hypothesis,
        primary_metric=facts.primary_metric,
        registered=sum(row.namespace == trial.namespace for row in ledger.rows),
        order=len(own) + 1,
        unseen_runs=len(unseen),
        unseen_tries=sum(is_try(row) for row in own),
        earlier=np.array([_p_value(row) for row in before if not is_try(row)]),
        looks=len(Families(desk.database).looks(facts.family)),
        folds_wanted=0,
        folds_found=0,
    )


def _p_value(row: TrialRow) -> float:
    told = (row.metrics or {}).get("p_value")
    return 1.0 if told is None else float(told)


def family_of_trial(desk: Desk, ledger: Ledger, trial: TrialRow, own: Summed) -> tuple[Floats, int]:
    """Return the returns of the family's finished trials up to this one, on its own days."""
    matrix = Runs(desk.database).matrix(trial.namespace)
    order = {row.id: number for number, row in enumerate(ledger.before(trial))}
    chosen = sorted(
        (order[name], column) for column, name in enumerate(matrix.trial_ids) if name in order
    )
    days = matrix.days.astype("datetime64[D]").astype(np.int64)
    at = np.searchsorted(days, own.days)
    known = (at < len(days)) & (days[np.minimum(at, max(len(days) - 1, 0))] == own.days)
    columns = []
    for _, column in chosen:
        values = np.zeros(len(own.days))
        values[known] = np.nan_to_num(matrix.returns[at[known], column])
        columns.append(values)
    return np.column_stack([*columns, own.net]), len(columns)


def _psi(rows: Sequence[FoldRow]) -> Floats:
    told = [value for row in rows for value in row.metrics["psi"].values()]
    return np.array([np.nan if value is None else float(value) for value in told])


def _unexplained(metrics: Mapping[str, Any]) -> float:
    """Return what of the equity no closed trade explains, where none is open any more."""
    return abs(float(metrics["left_open"])) if not metrics["still_open"] else 0.0


def _beside(kept: Runs, checked: Checked, own: Summed) -> Beside | None:
    key, beside = checked.baseline_key, baseline_of(checked.experiment)
    return beside_at(kept, key, beside.seeds[0], own) if key and beside else None


def beside_at(kept: Runs, key: str, seed: int, own: Summed) -> Beside | None:
    """Return the baseline whose folds lie under `key`, on the days of a run; None without any."""
    rows = [row for row in kept.folds(key) if row.seed == seed]
    if not rows:
        return None
    other = summed(rows)
    return Beside(
        BASELINE,
        on_days(own.days, other.days, other.net),
        on_days(own.score_days, other.score_days, other.scores["loss"][:, 0]),
        on_days(own.score_days, other.score_days, other.scores["weight"][:, 0]),
    )


def on_days(days: NDArray[np.int64], other: NDArray[np.int64], values: Floats) -> Floats:
    """Return `values` of the days `other` on `days`, NaN where there is none."""
    found = np.full(len(days), np.nan)
    _, here, there = np.intersect1d(days, other, return_indices=True)
    found[here] = values[there]
    return found


def _placebo(kept: Runs, checked: Checked) -> Placebo | None:
    """Return what is left of foresight in refits on other days' outcomes."""
    rows = kept.folds(checked.placebo_key)
    if not rows:
        return None
    found = [summed([row]).correlation[0] for row in rows]
    return Placebo(np.nan_to_num(np.array(found), nan=0.0))


def _paths(checked: Checked, rows: Sequence[FoldRow]) -> Floats:
    """Return the annual Sharpe ratio of every combinatorial path, the mean over seeds; or none."""
    if not checked.cuts[0].test_groups:
        return np.zeros(0)
    groups = _group_of_days(checked.cuts, rows)
    by_fold: dict[int, list[FoldRow]] = {}
    for row in rows:
        by_fold.setdefault(row.fold, []).append(row)
    found = []
    for path in paths(checked.cuts):
        pieces = []
        for group, number in enumerate(path):
            each = [row.arrays["net"][groups[row.fold] == group] for row in by_fold[number]]
            pieces.append(np.mean(each, axis=0))
        daily = np.concatenate(pieces)
        found.append(float(sharpe(daily[None, :], checked.days_per_year)[0]))
    return np.array(found)


def _group_of_days(cuts: Sequence[Cut], rows: Sequence[FoldRow]) -> dict[int, NDArray[np.int64]]:
    """Return for each fold to which group of history each of its days belongs."""
    spans = [span for cut in cuts for span in cut.parts[Part.TEST]]
    start, end = min(span.start for span in spans), max(span.end for span in spans)
    count = 1 + max(group for cut in cuts for group in cut.test_groups)
    edges = [round(g.end.timestamp() * 1e6) // DAY_US for g in equal_groups(start, end, count)]
    return {
        row.fold: np.minimum(
            np.searchsorted(np.array(edges), row.arrays["day"], side="left"), count - 1
        )
        for row in rows
    }


def _alpha(found: Judgement) -> float | None:
    for line in found.lines:
        if line.check == "family_alpha":
            return known(line.finding.threshold)
    return None
