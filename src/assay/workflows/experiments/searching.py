"""Choose hyper-parameters inside the training span of one cut, every try told."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from assay.core.errors import HistoryError, MissingExtraError, UserError
from assay.evaluation.cuts import Cut, CutKind, CutPlan, cuts
from assay.evaluation.splits import Part
from assay.models.contract import BENCH, Workshop
from assay.workflows.experiments.asked import Choice, Experiment, Search
from assay.workflows.experiments.fitted import fit_cut
from assay.workflows.experiments.leaning import leaning_of
from assay.workflows.experiments.scored import joined, scores_of
from assay.workflows.gather import Prepared, Series

if TYPE_CHECKING:
    import optuna

STARTUP_TRIES = 5
"""Tries drawn evenly before the sampler looks at what came of them, and the pruner compares."""
INNER_TESTED = 0.5


@dataclass(frozen=True, slots=True)
class Try:
    """One try: its settings, the score after each inner fold, and how it ended.

    A score is the mean gain in log-loss over climatology, nats a row that moved, of the inner
    folds so far. `state` is "finished", "pruned" or "failed", `reason` why it was not finished.
    """

    settings: Mapping[str, Any]
    scores: tuple[float, ...]
    state: str
    reason: str | None = None

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        return {
            "settings": dict(self.settings),
            "scores": list(self.scores),
            "state": self.state,
            "reason": self.reason,
        }


def search_cut(
    experiment: Experiment,
    prepared: Mapping[Series, Prepared],
    cut: Cut,
    seed: int,
    *,
    workshop: Workshop = BENCH,
) -> tuple[dict[str, Any], list[Try]]:
    """Return the best settings and every try, by tree-structured Parzen estimators.

    Each try is walked forward inside the longest training span of `cut`; nothing after it is read.
    A try that lags behind the median of the others after an inner fold is pruned. The same seed
    makes the same tries. If none is finished the first reason is raised (`HistoryError`). Source:
    Bergstra et al., Algorithms for Hyper-Parameter Optimization, 2011, as in Optuna.
    """
    asked = experiment.search
    assert asked is not None
    inner = inner_cuts(experiment, cut, asked)
    study = _study(asked, seed)
    tries = [
        _tried(experiment, prepared, inner, study, asked, seed, workshop)
        for _ in range(asked.tries)
    ]
    finished = [each for each in tries if each.state == "finished"]
    if not finished:
        reasons = [each.reason for each in tries if each.reason]
        raise HistoryError(f"cut {cut.number}: no try of the search was finished: {reasons[0]}")
    best = max(finished, key=lambda each: each.scores[-1])
    return dict(best.settings), tries


def inner_cuts(experiment: Experiment, cut: Cut, asked: Search) -> tuple[Cut, ...]:
    """Return the walk forward inside the longest training span of `cut`."""
    span = max(cut.parts[Part.TRAIN], key=lambda each: each.end - each.start)
    plan = CutPlan(
        kind=CutKind.EXPANDING,
        folds=asked.inner_folds,
        tested=INNER_TESTED,
        embargo=experiment.splits.embargo,
    )
    return cuts(span.start, span.end, plan)


def _study(asked: Search, seed: int) -> "optuna.Study":
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise MissingExtraError("search", "optuna", "train") from error
    optuna.logging.set_verbosity(optuna.logging.WARNING)
    pruner: optuna.pruners.BasePruner = optuna.pruners.NopPruner()
    if asked.pruned:
        pruner = optuna.pruners.MedianPruner(n_startup_trials=STARTUP_TRIES)
    sampler = optuna.samplers.TPESampler(seed=seed, n_startup_trials=STARTUP_TRIES)
    return optuna.create_study(direction="maximize", sampler=sampler, pruner=pruner)


def _tried(
    experiment: Experiment,
    prepared: Mapping[Series, Prepared],
    inner: Sequence[Cut],
    study: "optuna.Study",
    asked: Search,
    seed: int,
    workshop: Workshop,
) -> Try:
    from optuna.trial import TrialState

    trial = study.ask()
    settings = {key: _drawn(trial, key, choice) for key, choice in asked.space.items()}
    scores: list[float] = []
    try:
        told = with_settings(experiment, settings)
        gains = []
        for step, cut in enumerate(inner):
            gains.append(score(told, prepared, cut, seed, workshop=workshop))
            scores.append(float(np.mean(gains)))
            trial.report(scores[-1], step)
            if step + 1 < len(inner) and trial.should_prune():
                study.tell(trial, state=TrialState.PRUNED)
                reason = f"pruned after {step + 1} of {len(inner)} inner folds"
                return Try(settings, tuple(scores), "pruned", reason)
    except (UserError, ValueError) as error:
        study.tell(trial, state=TrialState.FAIL)
        return Try(settings, tuple(scores), "failed", str(error))
    study.tell(trial, scores[-1])
    return Try(settings, tuple(scores), "finished")


def with_settings(experiment: Experiment, settings: Mapping[str, Any]) -> Experiment:
    """Return the experiment with `settings` laid over its model's, and no search."""
    told = experiment.model_dump(mode="json", by_alias=True)
    told["model"]["settings"] = {**told["model"]["settings"], **settings}
    return Experiment.model_validate({**told, "search": None})


def score(
    experiment: Experiment,
    prepared: Mapping[Series, Prepared],
    cut: Cut,
    seed: int,
    *,
    workshop: Workshop = BENCH,
) -> float:
    """Return the gain in log-loss over climatology on the test of `cut`, nats a row that moved."""
    known = fit_cut(experiment, list(prepared.values()), cut, seed, workshop=workshop)
    spans, parts = cut.parts[Part.TEST], []
    for item in prepared.values():
        rows = np.concatenate([item.rows(span) for span in spans])
        if len(rows) and known.knows(item):
            said = known.said(item, rows)
            leaning = leaning_of(experiment, said, item, rows)
            parts.append(scores_of(item, spans, said, leaning, leaning))
    if not parts:
        raise HistoryError(f"cut {cut.number}: no series has bars in the test")
    sums = joined(parts).arrays
    weight = float(sums["weight"].sum())
    if weight <= 0:
        raise HistoryError(f"cut {cut.number}: no outcome moved in the test")
    return float((sums["base_loss"] - sums["loss"]).sum()) / weight


def _drawn(trial: "optuna.Trial", key: str, choice: Choice) -> Any:  # noqa: ANN401 - a setting
    if choice.whole is not None:
        return trial.suggest_int(key, *choice.whole, log=choice.log)
    if choice.number is not None:
        return trial.suggest_float(key, *choice.number, log=choice.log)
    return trial.suggest_categorical(key, list(choice.choice or ()))
