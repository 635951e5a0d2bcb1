"""Run an experiment with and without one thing in it, and say what that thing was worth."""

from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field, replace
from typing import Any, Literal

import numpy as np

from assay.core.errors import SettingsError
from assay.core.ids import digest
from assay.core.names import unknown
from assay.evaluation.statistics.paired import POWER, holm
from assay.features.catalog import FEATURES
from assay.features.contract import Group
from assay.models.catalog import MEMBERS
from assay.store.runs import Runs
from assay.store.trials import Trials, TrialStatus
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.executors.contract import Executor
from assay.workflows.experiments import built
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.gating import NAMESPACE
from assay.workflows.experiments.informed import Informed, informed
from assay.workflows.experiments.pairing import Paired, horizon_in_days, paired
from assay.workflows.experiments.pieces import missing
from assay.workflows.experiments.planning import Checked, Task, check_all, seeds_of
from assay.workflows.experiments.reading import Planned
from assay.workflows.experiments.running import result_of, run_experiments

SIZE = 0.05
Verdict = Literal["helps", "hurts", "no difference", "nothing to ablate", "too few days", "failed"]


@dataclass(frozen=True, slots=True)
class Change:
    """What sets the two runs apart: a group or feature that one lacks, or a member in its place."""

    kind: Literal["without", "member"]
    name: str

    @classmethod
    def without(cls, name: str) -> "Change":
        """Return that a group or a feature is left out; one nobody knows is a `NotFoundError`."""
        if name not in list(Group) and name not in FEATURES.names():
            raise unknown("feature or group", name, [*map(str, Group), *FEATURES.names()])
        return cls("without", name)

    @classmethod
    def member(cls, name: str) -> "Change":
        """Return that another member learns, with its own defaults; else a `NotFoundError`."""
        MEMBERS.get(name)
        return cls("member", name)

    @property
    def said(self) -> str:
        """Return what the other run is called beside the one that was asked."""
        return f"without {self.name}" if self.kind == "without" else f"{self.name} instead"

    def made(self, experiment: Experiment) -> Experiment | None:
        """Return the other experiment, None where it is the same one."""
        told = experiment.model_dump(mode="json", by_alias=True)
        if self.kind == "member":
            if experiment.model.name == self.name:
                return None
            told |= {"model": {"name": self.name}, "search": None}
        elif self.name in map(str, experiment.features.without):
            return None
        else:
            left_out = [*told["features"]["without"], self.name]
            told["features"] = {**told["features"], "without": left_out}
        return Experiment.model_validate(told)


@dataclass(frozen=True, slots=True)
class Ablation:
    """One experiment with and without one thing: what the runs found, and what to think of it.

    `run_with` and `run_without` are trials of the ledger, None where nothing was fitted; `adjusted`
    is the p-value of the log loss, corrected for all ablations of the call; `tried` the number of
    configurations ever tried in the family.
    """

    title: str
    family: str
    change: Change
    model: str
    verdict: Verdict
    sentence: str
    informed: Informed | None = None
    paired: Paired | None = None
    adjusted: float | None = None
    run_with: str | None = None
    run_without: str | None = None
    simulated: bool = False
    tried: int = 0

    def to_json(self) -> dict[str, Any]:
        """Return plain data, null where there is none."""
        told = {
            name: getattr(self, name)
            for name in self.__dataclass_fields__
            if name not in ("change", "informed", "paired")
        }
        told["change"] = self.change.said
        told["informed"] = None
        if self.informed is not None:
            fields = self.informed.__dataclass_fields__
            told["informed"] = {name: getattr(self.informed, name) for name in fields}
        told["compared"] = None if self.paired is None else self.paired.to_json()
        return told


@dataclass(frozen=True, slots=True)
class Ablations:
    """All ablations of one call; `corrected_for` of them were tested at `size` together."""

    each: tuple[Ablation, ...]
    corrected_for: int
    fitted: int
    size: float = SIZE
    code_version: str = field(default_factory=built.code_version)

    def to_json(self) -> dict[str, Any]:
        """Return plain data."""
        others = ("corrected_for", "fitted", "size", "code_version")
        return {"ablations": [one.to_json() for one in self.each]} | {
            name: getattr(self, name) for name in others
        }


@dataclass(frozen=True, slots=True)
class _Pair:
    """What is compared: `whole` was asked, `other` is changed."""

    change: Change
    whole: Checked
    other: Checked
    informed: Informed | None

    @property
    def in_order(self) -> tuple[Checked, Checked]:
        """Return the run with the thing, and the one without it."""
        turned = self.change.kind == "member"
        return (self.other, self.whole) if turned else (self.whole, self.other)

    @property
    def is_nothing(self) -> bool:
        """Say whether there is nothing to ablate."""
        return self.informed is not None and self.informed.is_nothing


def ablate(
    desk: Desk,
    planned: Sequence[Planned],
    changes: Sequence[Change],
    executor: Executor,
    *,
    tick: Tick = silent,
    stop: Callable[[], bool] = lambda: False,
) -> Ablations:
    """Run every experiment as asked and with each change, and compare the two on the same days.

    Both are ordinary runs of the ledger, on the same bars, cuts, rows and seeds; what is there is
    not fitted again, and a call that finds all of it registers nothing. Where the columns that are
    taken away say nothing, nothing is fitted. All that can be compared is corrected together.
    """
    pairs = _pairs(desk, planned, changes, tick)
    live = [pair for pair in pairs if not pair.is_nothing]
    wanted = {c.work_key: c for pair in live for c in (pair.whole, pair.other)}
    absent = [c.planned for c in wanted.values() if not _is_there(desk, c)]
    reasons: dict[str, str] = {}
    if absent:
        with closing(run_experiments(desk, absent, executor, tick=tick, stop=stop)) as running:  # type: ignore[type-var] # a generator
            for done in running:
                if done.reason is not None:
                    reasons[done.run.checked.work_key] = done.reason
    lost = [c for c in wanted.values() if not _is_there(desk, c)]
    failed = {c.work_key: reasons.get(c.work_key, "it was stopped") for c in lost}
    told = [_compared(desk, pair, failed, len(live)) for pair in pairs]
    adjusted = holm(np.array([_p_value(each) for each in told]))
    return Ablations(
        tuple(_judged(e, float(p)) for e, p in zip(told, adjusted, strict=True)),
        int(np.isfinite(adjusted).sum()),
        len(absent),
    )


def _pairs(
    desk: Desk, planned: Sequence[Planned], changes: Sequence[Change], tick: Tick
) -> list[_Pair]:
    if not changes:
        raise SettingsError("Say what to leave out with --without, --sentiment or --member")
    asked: list[tuple[Change, Planned, Planned]] = []
    for each in planned:
        for change in dict.fromkeys(changes):
            made = change.made(each.experiment)
            if made is not None:
                tag = f"{each.tag}, {change.said}" if each.tag else change.said
                asked.append((change, each, replace(each, experiment=made, tag=tag)))
    if not asked:
        said = " and ".join(change.said for change in dict.fromkeys(changes))
        raise SettingsError(f"Every run of the files is {said} already: there is nothing to change")
    # of two plans of one configuration the one that was written in a file goes by its own name
    once: dict[str, Planned] = {}
    for each in [*(whole for _, whole, _ in asked), *(other for _, _, other in asked)]:
        once.setdefault(digest(each.experiment.configuration()), each)
    ready = dict(zip(once, check_all(desk, list(once.values()), tick), strict=True))
    found = []
    for change, *both in asked:
        whole, other = (ready[digest(each.experiment.configuration())] for each in both)
        says = informed(desk, whole, other) if change.kind == "without" else None
        if says is not None and not says.columns:
            raise SettingsError(
                f"{whole.planned.title} reads no feature of {change.name!r}; "
                "assay features list shows what there is"
            )
        found.append(_Pair(change, whole, other, says))
    return found


def _is_there(desk: Desk, checked: Checked) -> bool:
    """Say whether every fold of a run is kept and the run was finished once."""
    kept = Runs(desk.database)
    seeds = seeds_of(checked.experiment)
    tasks = {Task(checked.work_key, c.number, s): None for c in checked.cuts for s in seeds}
    return not missing(kept, tasks) and _run_of(desk, checked) is not None


def _run_of(desk: Desk, checked: Checked) -> str | None:
    """Return the newest finished run of the same configuration, data and code."""
    rows = Runs(desk.database).list(family=checked.experiment.family)
    done = [r.trial.id for r in rows if r.facts.work_key == checked.work_key
            and r.trial.status is TrialStatus.FINISHED]  # fmt: skip
    return done[-1] if done else None


def _compared(desk: Desk, pair: _Pair, failed: Mapping[str, str], tests: int) -> Ablation:
    experiment, change = pair.whole.experiment, pair.change
    bare = Ablation(
        pair.whole.planned.title,
        experiment.family,
        change,
        experiment.model.name,
        "nothing to ablate",
        "",
        pair.informed,
        simulated=pair.whole.simulated,
        tried=Trials(desk.database).count_distinct(NAMESPACE + experiment.family),
    )
    if pair.is_nothing:
        return bare
    reasons = [failed[c.work_key] for c in (pair.whole, pair.other) if c.work_key in failed]
    if reasons:
        return replace(bare, verdict="failed", sentence=f"A run has no result: {reasons[0]}")
    runs = pair.in_order
    found = [result_of(desk, c.work_key, seeds_of(c.experiment)) for c in runs]
    names = [_run_of(desk, c) for c in runs]
    both = paired(
        *found,
        horizon_days=horizon_in_days(pair.whole),
        days_per_year=pair.whole.days_per_year,
        level=SIZE / tests,
    )
    return replace(
        bare, verdict="too few days", paired=both, run_with=names[0], run_without=names[1]
    )


def _p_value(each: Ablation) -> float:
    return float("nan") if each.paired is None else each.paired.measures["log_loss"].gain.p_value


def _judged(each: Ablation, adjusted: float) -> Ablation:
    """Return it with its verdict and one sentence."""
    if each.paired is None:
        return replace(each, sentence=each.sentence or _nothing(each))
    gain = each.paired.measures["log_loss"].gain
    is_member = each.change.kind == "member"
    thing = f"{each.change.name} instead of {each.model}" if is_member else each.change.name
    thing = thing[:1].upper() + thing[1:]
    if not np.isfinite(adjusted):
        return replace(
            each, sentence=f"{gain.days} days with an outcome are too few to compare anything on"
        )
    chance = "p < 0.001" if adjusted < 0.0005 else f"p = {adjusted:.3f}"
    corrected = f"95 % {gain.low:+.5f} to {gain.high:+.5f}, {chance}"
    if adjusted <= SIZE and gain.low > 0:
        verdict: Verdict = "helps"
        sentence = f"{thing} helps here: {gain.value:.5f} nats a row ({corrected})"
    elif adjusted <= SIZE and gain.high < 0:
        verdict = "hurts"
        sentence = f"{thing} hurts here: {gain.value:.5f} nats a row ({corrected})"
    else:
        verdict = "no difference"
        sentence = f"No difference that can be told from chance ({corrected})"
    if np.isfinite(gain.detectable):
        sentence += (
            f"; a true difference of {gain.detectable:.5f} nats would have shown in "
            f"{POWER * 100:.0f} % of such samples"
        )
    return replace(each, verdict=verdict, sentence=sentence, adjusted=adjusted)


def _nothing(each: Ablation) -> str:
    assert each.informed is not None
    says = each.informed
    return (
        f"There was nothing to ablate, and nothing was fitted: {says.by} is there in "
        f"{says.learned_informed:,} of {says.learned:,} rows to learn from and in "
        f"{says.tested_informed:,} of {says.tested:,} tested rows"
    )
