"""Run experiments: register, fit fold by fold on any executor, keep each fold, add up."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from time import perf_counter
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from assay.core.errors import AssayError, SettingsError, StoreError
from assay.core.ids import digest
from assay.evaluation.gate.judge import Judgement
from assay.evaluation.statistics.sharpe import probabilistic_sharpe
from assay.store.files import locked
from assay.store.findings import Families, FamilyRow
from assay.store.runs import RunFacts, Runs
from assay.store.trials import TrialRow, Trials, TrialStatus
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.executors.contract import Executor, Outcome, Work
from assay.workflows.experiments import built
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.families import box_of, family_of, refuse_another_box
from assay.workflows.experiments.gating import NAMESPACE, SEARCH_OF, gate
from assay.workflows.experiments.pieces import keep, missing
from assay.workflows.experiments.planning import Checked, Task, check_all, seeds_of
from assay.workflows.experiments.prefixes import prefix_holds
from assay.workflows.experiments.reading import Planned
from assay.workflows.experiments.searching import with_settings
from assay.workflows.experiments.summing import Summed, figures, summed

LOCK = "experiments.lock"
STOPPED = "stopped by a person; assay experiment resume goes on from its folds"
KILLED = "its process ended before it did; a later run goes on from its folds"


@dataclass(frozen=True, slots=True)
class Run:
    """One registered run."""

    checked: Checked
    trial: TrialRow

    @property
    def planned(self) -> Planned:
        """Return what was planned."""
        return self.checked.planned


@dataclass(frozen=True, slots=True)
class Finished:
    """What became of a run: its figures and the gate's judgement, or why there are none."""

    run: Run
    figures: Mapping[str, Any] | None
    reason: str | None
    found: Summed | None = field(default=None, compare=False)
    judgement: Judgement | None = field(default=None, compare=False)


def run_experiments(
    desk: Desk,
    planned: Sequence[Planned],
    executor: Executor,
    *,
    tick: Tick = silent,
    stop: Callable[[], bool] = lambda: False,
) -> Iterator[Finished]:
    """Register every run in the order given, then yield each, judged, as soon as it may be.

    A run is judged when those registered before it have ended: alpha is spent in that order.
    A run that cannot be run, for want of history or because its family has another primary metric,
    is refused before any is registered. Folds that are there already, from a run that was stopped
    or one of the same configuration, data and code, are not fitted again. Ctrl-C marks what is
    under way as aborted: every fold that was finished is kept. One process at a time runs the
    experiments of a workspace (`StoreError`).
    """
    with _alone(desk):
        runs = _registered(desk, check_all(desk, planned, tick))
        yield from _Session(desk, runs, executor, tick, stop).finished()


def unfinished(desk: Desk) -> list[Planned]:
    """Return the runs that were started and never finished, oldest first, as they were planned.

    A configuration that a later run finished is none.
    """
    rows = Runs(desk.database).list()
    done = {r.trial.configuration_digest for r in rows if r.trial.status is TrialStatus.FINISHED}
    left = {r.trial.configuration_digest: r for r in rows}
    families = {each.name: each for each in Families(desk.database).list()}
    return [
        planned_of(row.trial, row.facts, families[row.facts.family])
        for key, row in left.items()
        if key not in done
    ]


def planned_of(trial: TrialRow, facts: RunFacts, family: FamilyRow) -> Planned:
    """Return the plan of a registered run, with its family's lock box."""
    told = {
        "name": facts.name,
        "hypothesis": facts.hypothesis,
        "family": facts.family,
        "primary_metric": facts.primary_metric,
        "seeds": facts.seeds,
        "gate": facts.profile,
        "lock_box": box_of(family),
    }
    try:
        experiment = Experiment.of_configuration(trial.configuration, **told)
    except (ValidationError, KeyError) as error:
        raise SettingsError(
            f"{facts.title} ({trial.id}) was planned in a way that this version does not know any "
            f"more; run its file again ({facts.code_version} made it)"
        ) from error
    return Planned(experiment, facts.tag, facts.file_text, trial.id)


@contextmanager
def _alone(desk: Desk) -> Iterator[None]:
    """Hold the workspace's experiments; whoever comes second is told so."""
    held = False
    try:
        with locked(desk.home / LOCK, 0.0):
            held = True
            yield
    except StoreError as error:
        if held:
            raise
        raise StoreError(
            f"The experiments of {desk.home} are being run by another process; let it finish, or "
            "end it and repeat"
        ) from error


def _registered(desk: Desk, checked: Sequence[Checked]) -> list[Run]:
    """Register families, then trials in the order given."""
    families, trials, kept = Families(desk.database), Trials(desk.database), Runs(desk.database)
    for each in checked:
        held = families.register(family_of(each.experiment, desk.clock.now()))
        refuse_another_box(each.experiment, held)
    _end_killed(desk, checked)
    runs = []
    for each in checked:
        trial = trials.start(
            NAMESPACE + each.experiment.family,
            each.experiment.configuration(),
            data_fingerprint=each.fingerprint,
            seed=each.experiment.seeds[0],
            at=desk.clock.now(),
        )
        kept.describe(trial.id, _facts(each))
        runs.append(Run(each, trial))
    return runs


def _end_killed(desk: Desk, checked: Sequence[Checked]) -> None:
    """Mark runs of the same configurations that a killed process left running: we are alone."""
    asked = {digest(each.experiment.configuration()) for each in checked}
    for row in Runs(desk.database).list():
        if row.trial.status is TrialStatus.RUNNING and row.trial.configuration_digest in asked:
            Trials(desk.database).abort(row.trial.id, reason=KILLED, at=desk.clock.now())


def _facts(checked: Checked) -> RunFacts:
    experiment = checked.experiment
    return RunFacts(
        name=experiment.name,
        family=experiment.family,
        title=checked.planned.title,
        hypothesis=experiment.hypothesis,
        file_text=checked.planned.text,
        profile=experiment.gate,
        primary_metric=experiment.primary_metric,
        seeds=experiment.seeds,
        code_version=built.code_version(),
        uncommitted_diff=built.uncommitted_diff(),
        libraries=built.libraries(),
        machine=built.machine(),
        work_key=checked.work_key,
        tag=checked.planned.tag,
    )


class _Session:
    """Registered runs on their way: what is still wanted, what is there, who waits for what."""

    def __init__(
        self,
        desk: Desk,
        runs: Sequence[Run],
        executor: Executor,
        tick: Tick,
        stop: Callable[[], bool],
    ) -> None:
        self._desk, self._executor, self._tick, self._stop = desk, executor, tick, stop
        self._kept, self._trials = Runs(desk.database), Trials(desk.database)
        self._left = {run.trial.id: run for run in runs}
        self._began = perf_counter()
        self._order = list(self._left)
        self._ended: dict[str, Finished] = {}
        self._failed: dict[Task, str] = {}
        self._peak_mb: dict[Task, float] = {}

    def finished(self) -> Iterator[Finished]:
        """Yield every run as it is finished; whatever ends us early leaves no trial running."""
        try:
            searches = {t: each.checked.searches() for t, each in self._left.items()}
            for _ in self._done(searches, "Searching"):
                pass
            lost = {t for t, own in searches.items() if any(task in self._failed for task in own)}
            yield from self._added_up(searches, lost)
            best = {trial: self._best(run, searches[trial]) for trial, run in self._left.items()}
            if any(len(best[trial]) < len(searches[trial]) for trial in best):
                return  # stopped in a search: no fold may be kept with settings nobody chose
            works = {t: each.checked.works(best[t]) for t, each in self._left.items()}
            for complete in self._done(works, "Fitting folds"):
                yield from self._added_up(works, complete)
        finally:
            for trial in self._left:
                self._trials.abort(trial, reason=STOPPED, at=self._desk.clock.now())

    def _done(self, works: Mapping[str, Mapping[Task, Work]], what: str) -> Iterator[set[str]]:
        """Do what is wanted and not there yet; yield after each piece whose run has all it needs.

        Also once at the beginning, for what needs nothing.
        """
        every = {task: (work, trial) for trial, own in works.items() for task, work in own.items()}
        wanted = missing(self._kept, every)
        waiting = {trial: {t for t in own if t in wanted} for trial, own in works.items()}
        yield {trial for trial, tasks in waiting.items() if not tasks}
        by_key = {task.key: task for task in wanted}
        outcomes = self._executor.run([work for work, _ in wanted.values()], stop=self._stop)
        for number, outcome in enumerate(outcomes, 1):
            task = by_key[outcome.key]
            self._keep(task, wanted[task][1], outcome)
            complete = set()
            for trial, tasks in waiting.items():
                if task in tasks:
                    tasks.discard(task)
                    complete |= set() if tasks else {trial}
            self._tick(what, number, len(wanted))
            yield complete

    def _keep(self, task: Task, trial: str, outcome: Outcome) -> None:
        """Keep a fold, durably, or remember why there is none."""
        self._peak_mb[task] = outcome.peak_mb
        if outcome.failure is not None:
            self._failed[task] = outcome.failure.sentence
            return
        keep(self._kept, task, outcome, trial_id=trial, at=self._desk.clock.now())

    def _best(self, run: Run, searches: Mapping[Task, Work]) -> dict[int, Mapping[str, Any]]:
        """Return the settings found for each cut, every try counted in the ledger."""
        if not searches:
            return {}
        found = {row.fold: row.metrics for row in self._kept.folds(run.checked.search_key)}
        _count_tries(self._desk, run, found)
        return {fold: told["best"] for fold, told in found.items()}

    def _added_up(
        self, needs: Mapping[str, Mapping[Task, Work]], complete: set[str]
    ) -> Iterator[Finished]:
        """Store the runs that have all they need; yield those that may be judged by now."""
        for trial in [each for each in self._left if each in complete]:
            run, tasks = self._left[trial], needs[trial]
            reasons = [self._failed[task] for task in tasks if task in self._failed]
            done = _ended(self._desk, run, reasons[0] if reasons else None)
            del self._left[trial]
            peaks = [self._peak_mb.get(task, float("nan")) for task in tasks]
            peak = max((p for p in peaks if np.isfinite(p)), default=None)
            self._kept.close(trial, seconds=perf_counter() - self._began, peak_mb=peak)
            self._ended[trial] = done
        while self._order and self._order[0] in self._ended:
            yield self._judged(self._ended.pop(self._order.pop(0)))

    def _judged(self, done: Finished) -> Finished:
        if done.figures is None:
            return done
        checked, trial = done.run.checked, done.run.trial
        prefix = prefix_holds(self._desk, checked, trial.id)
        return replace(done, judgement=gate(self._desk, checked, trial, prefix=prefix))


def _ended(desk: Desk, run: Run, reason: str | None) -> Finished:
    """Store what a run found, or why it found nothing."""
    trials, trial = Trials(desk.database), run.trial.id
    if reason is None:
        try:
            found = result_of(desk, run.checked.work_key, seeds_of(run.checked.experiment))
            told = figures(found, run.checked.experiment, run.checked.days_per_year)
            p = 1.0 - probabilistic_sharpe(found.net, lags=None)
            told |= {"simulated": run.checked.simulated, "folds": len(run.checked.cuts)}
            told |= {"p_value": _number(p)}
        except AssayError as error:
            reason = str(error)
        else:
            days: NDArray[np.datetime64] = found.days.astype("datetime64[D]")
            Runs(desk.database).keep_daily(
                trial, days, found.net, found.returns["gross"].mean(axis=1)
            )
            row = trials.finish(
                trial, metrics=told, results_digest=digest(told), at=desk.clock.now()
            )
            return Finished(replace(run, trial=row), told, None, found)
    row = trials.fail(trial, reason=reason, at=desk.clock.now())
    return Finished(replace(run, trial=row), None, reason)


def result_of(desk: Desk, work_key: str, seeds: Sequence[int]) -> Summed:
    """Return what the folds under `work_key` add up to, over these seeds."""
    rows = Runs(desk.database).folds(work_key)
    return summed([row for row in rows if row.seed in seeds])


def _count_tries(desk: Desk, run: Run, found: Mapping[int, Mapping[str, Any]]) -> None:
    """Enter every try of a search into the ledger, once: a configuration tried is one counted."""
    trials, checked = Trials(desk.database), run.checked
    namespace = NAMESPACE + checked.experiment.family
    known = {row.configuration_digest for row in trials.list(namespace)}
    for fold in sorted(found):
        for each in found[fold]["tries"]:
            try:
                tried = with_settings(checked.experiment, each["settings"]).configuration()
            except ValueError as error:  # settings that no model can have were tried all the same
                tried = {**checked.experiment.configuration(), "tried": each["settings"]}
                each = {**each, "reason": str(error)}
            if digest(tried) in known:
                continue
            known.add(digest(tried))
            row = trials.start(
                namespace,
                tried,
                data_fingerprint=checked.fingerprint,
                seed=checked.experiment.seeds[0],
                at=desk.clock.now(),
            )
            _end_try(trials, row.id, each, run, desk)


def _end_try(trials: Trials, row: str, each: Mapping[str, Any], run: Run, desk: Desk) -> None:
    at = desk.clock.now()
    if each["state"] == "finished":
        told = {SEARCH_OF: run.trial.id, "inner_log_loss_gain": each["scores"][-1]}
        trials.finish(row, metrics=told, results_digest=digest(told), at=at)
    elif each["state"] == "pruned":
        trials.abort(row, reason=f"{SEARCH_OF} {run.trial.id}: {each['reason']}", at=at)
    else:
        trials.fail(row, reason=f"{SEARCH_OF} {run.trial.id}: {each['reason']}", at=at)


def _number(value: float) -> float | None:
    return float(value) if np.isfinite(value) else None
