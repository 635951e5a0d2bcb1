"""Fit an experiment's member on the past of one cut, and hear what it says of other spans."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from assay.core.errors import HistoryError
from assay.evaluation.cuts import Cut
from assay.evaluation.purging import check_cut
from assay.evaluation.splits import Part, Span
from assay.features.contract import Group
from assay.models.contract import BENCH, Member, Samples, Scope, Workshop
from assay.models.fitting import Fitted, fit_member
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.labelled import Question, panel_of
from assay.workflows.experiments.leaning import Said
from assay.workflows.gather import Prepared, Series
from assay.workflows.learn import LEARNING, READS, SETTINGS, steps_of

Rows = NDArray[np.int64]
Changed = Callable[[Mapping[str, Samples]], Mapping[str, Samples]]
"""What is done to the three spans before a member sees them: a placebo permutes their outcomes."""


def as_they_are(spans: Mapping[str, Samples]) -> Mapping[str, Samples]:
    """Change nothing."""
    return spans


@dataclass(frozen=True, slots=True)
class Answerer:
    """The fits of one cut: for each question one or, of members of single series, one a series."""

    questions: tuple[Question, ...]
    fits: Mapping[tuple[int, Series], Fitted]

    def said(self, item: Prepared, rows: Rows) -> list[Said]:
        """Return the calibrated answers to every question about `item` at `rows`."""
        found = []
        for number, question in enumerate(self.questions):
            fit = self.fits[number, item.series]
            found.append(Said(question, fit.calibration, fit.predict(item.asked(rows))[1]))
        return found

    def knows(self, item: Prepared) -> bool:
        """Say whether there is a fit for `item` to every question."""
        return all((number, item.series) in self.fits for number in range(len(self.questions)))


def read_by(experiment: Experiment, item: Prepared) -> Prepared:
    """Return `item` with the features that the experiment's member reads.

    Nets read the sequence set where the file chooses nothing, as everywhere else.
    """
    asked, every = experiment.features, _groups(item)
    chosen = set(every)
    if asked.groups is None and asked.only is None and experiment.model.name in READS:
        chosen &= READS[experiment.model.name]
    if asked.groups is not None:
        chosen = {name for name in chosen if every[name] in asked.groups}
    if asked.only is not None:
        chosen &= set(asked.only)
    groups = {group for group in Group if group in asked.without}
    chosen = {n for n in chosen if n not in asked.without and every[n] not in groups}
    if not chosen:
        raise HistoryError(
            f"{item.series}: no feature is left after features.groups, only and without; "
            "assay features list shows what there is"
        )
    return item.only(chosen)


def _groups(item: Prepared) -> dict[str, Group]:
    """Return the group of every feature by its name."""
    return dict(zip(item.pipeline.names, (f.group for f in item.pipeline.features), strict=True))


def questions_of(experiment: Experiment) -> tuple[Question, ...]:
    """Return what the member is asked: a barrier once for every side that may be taken."""
    one = Question.of(experiment)
    if not one.barrier:
        return (one,)
    return tuple(Question.of(experiment, side) for side in experiment.sides)


def fit_cut(
    experiment: Experiment,
    items: Sequence[Prepared],
    cut: Cut,
    seed: int,
    *,
    workshop: Workshop = BENCH,
    explained: bool = False,
    changed: Changed = as_they_are,
) -> Answerer:
    """Fit the experiment's member on the learning parts of `cut`, labels computed inside each.

    A series without an outcome in one of the parts is left out; if none is left the first reason
    is raised (`HistoryError`). Every split that a member sees is checked by itself.
    """
    questions, fits, reasons = questions_of(experiment), {}, []
    for number, question in enumerate(questions):
        member = member_of(experiment, question)
        groups = [list(items)] if member.scope is Scope.PANEL else [[item] for item in items]
        for group in (own for each in groups for own in _alike(each)):
            try:
                spans = spans_of(experiment, member, group, cut, question)
                fit = fit_member(
                    member,
                    changed(spans),
                    seed=seed,
                    threads=1,
                    workshop=workshop,
                    explained=explained,
                )
            except HistoryError as error:
                reasons.append(f"{group[0].series}: {experiment.model.name}: {error}")
                continue
            for item in group:
                fits[number, item.series] = fit
    known = Answerer(questions, fits)
    if not any(known.knows(item) for item in items):
        raise HistoryError(reasons[0] if reasons else "there is no series to learn from")
    return known


def member_of(experiment: Experiment, question: Question) -> Member:
    """Return the member, told the label's band where it has such a setting that nobody chose.

    A setting written out as none is not chosen: a configuration read back says all settings.
    """
    told = {}
    named = "band" in SETTINGS.get(experiment.model.name, {})
    if named and experiment.model.settings.get("band") is None:
        told = {"band": question.band}
    return experiment.model.make(**told)


def _alike(items: Sequence[Prepared]) -> list[list[Prepared]]:
    """Return the series that have the same columns together."""
    groups: dict[tuple[str, ...], list[Prepared]] = {}
    for item in items:
        groups.setdefault(item.columns, []).append(item)
    return list(groups.values())


def spans_of(
    experiment: Experiment,
    member: Member,
    items: Sequence[Prepared],
    cut: Cut,
    question: Question,
) -> Mapping[str, Samples]:
    """Return the samples of train, stop and calibrate, having checked that none knows the test."""
    steps = steps_of(member, items, cut.parts)
    spans = {
        part: panel_of(items, cut.parts[part], question, bars_read=member.bars_read).every(
            steps[part]
        )
        for part in LEARNING
    }
    rows = {part: (s.time, np.maximum(s.t1, s.time)) for part, s in spans.items()}
    tests = [_lasting(item, span, question) for item in items for span in cut.parts[Part.TEST]]
    rows[Part.TEST] = (np.concatenate([t for t, _ in tests]), np.concatenate([e for _, e in tests]))
    check_cut(cut, rows, experiment.splits.embargo)
    return {str(part): samples for part, samples in spans.items()}


def _lasting(item: Prepared, span: Span, question: Question) -> tuple[Rows, Rows]:
    """Return from when to when each test row lasts."""
    rows = item.rows(span)
    time = item.time[rows]
    return time, np.maximum(question.came(item, rows)[3], time) if len(rows) else time
