"""What a planned experiment needs: its data ready and shared, its cuts, and its pieces of work."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

from assay.core.errors import HistoryError
from assay.core.ids import digest
from assay.evaluation.cuts import Cut, CutKind, CutPlan, cuts
from assay.evaluation.gate.profile import profile_of
from assay.models.catalog import MEMBERS
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.executors.contract import Work
from assay.workflows.experiments import built
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.fitted import read_by
from assay.workflows.experiments.reading import Planned
from assay.workflows.experiments.searching import inner_cuts, with_settings
from assay.workflows.experiments.sharing import FOLDER, Place, share
from assay.workflows.experiments.working import FOLD, PERMUTED, PLAIN, SEARCH, cut_to_json
from assay.workflows.gather import Prepared, Series, moment_of, prepare_all
from assay.workflows.train import stored_series

BASELINE = "ridge"
"""The member that every other must beat on the same folds."""
ROWS_NEEDED = ("rows_needed", "stop_rows_needed")
"""Settings that say without how many rows a member is not fitted."""
PLACEBOS = 8
"""Refits on other days' outcomes, spread evenly over the cuts, each permuted anew."""
GPU_SHARE = 0.25
"""Of a GPU, wanted by the fit of a net: nets are small here, and one alone would not fill it."""


@dataclass(frozen=True, slots=True)
class Checked:
    """A planned run that can be run: its data lie ready at `paths`, and its history is cut.

    `fingerprint` is the SHA-256 of all that a fold sees of the data; `device` is where its nets are
    fitted, of whose folds it is part of the identity: no other gives the same bytes.
    """

    planned: Planned
    paths: tuple[Path, ...]
    fingerprint: str
    cuts: tuple[Cut, ...]
    days_per_year: int
    simulated: bool
    device: str = "cpu"

    @property
    def experiment(self) -> Experiment:
        """Return the experiment."""
        return self.planned.experiment

    @property
    def work_key(self) -> str:
        """Return the identity of configuration, data and code, under which its folds are kept."""
        return self._key_of(self.experiment)

    @property
    def placebo_key(self) -> str:
        """Return the key under which the folds of the placebo are kept."""
        return digest([self.work_key, PERMUTED])

    @property
    def search_key(self) -> str:
        """Return the key under which the results of the searches are kept."""
        return search_key_of(self.work_key)

    @property
    def baseline_key(self) -> str | None:
        """Return the key under which the baseline's folds are kept, None where it is the model."""
        beside = baseline_of(self.experiment)
        return None if beside is None else self._key_of(beside)

    def _key_of(self, experiment: Experiment) -> str:
        device = self._device_of(experiment)
        made = [experiment.configuration(), self.fingerprint, built.code_digest()]
        return digest(made if device == "cpu" else [*made, device])

    def _device_of(self, experiment: Experiment) -> str:
        """Return where a fit works: whatever reads one bar a row is no net, and wants no GPU."""
        if self.device == "cpu":
            return "cpu"
        return self.device if experiment.model.make().bars_read > 1 else "cpu"

    def searches(self) -> dict["Task", Work]:
        """Return the searches that must be done before anything else can be fitted."""
        if self.experiment.search is None:
            return {}
        seed, key = self.experiment.seeds[0], self.search_key
        return dict(self._work(self.experiment, key, cut, seed, search=True) for cut in self.cuts)

    def works(self, best: Mapping[int, Mapping[str, Any]]) -> dict["Task", Work]:
        """Return every fold that is needed: the run's own, its placebo's and its baseline's.

        `best` are the settings that were found for each cut, by its number.
        """
        return dict(self._works(best))

    def _works(self, best: Mapping[int, Mapping[str, Any]]) -> Iterator[tuple["Task", Work]]:
        own = {
            cut.number: with_settings(self.experiment, best.get(cut.number, {}))
            for cut in self.cuts
        }
        seeds, work_key, placebo_key = seeds_of(self.experiment), self.work_key, self.placebo_key
        for cut in self.cuts:
            for seed in seeds:
                first = seed == seeds[0]
                yield self._work(own[cut.number], work_key, cut, seed, explained=first)
        for number in range(PLACEBOS):
            cut = self.cuts[number * len(self.cuts) // PLACEBOS]
            yield self._work(own[cut.number], placebo_key, cut, number, variant=PERMUTED)
        beside = baseline_of(self.experiment)
        if beside is not None:
            key = self._key_of(beside)
            for cut in self.cuts:
                yield self._work(beside, key, cut, beside.seeds[0], explained=True)

    def _work(
        self,
        experiment: Experiment,
        key: str,
        cut: Cut,
        seed: int,
        *,
        variant: str = PLAIN,
        explained: bool = False,
        search: bool = False,
    ) -> tuple["Task", Work]:
        task = Task(key, cut.number, seed)
        arguments: dict[str, Any] = {
            "experiment": experiment.model_dump(mode="json", by_alias=True),
            "series": [str(path) for path in self.paths],
            "cut": cut_to_json(cut),
            "seed": seed,
            "code": built.code_digest(),
        }
        if not search:
            arguments |= {"variant": variant, "explained": explained}
        device = self._device_of(experiment)
        if device != "cpu":
            arguments |= {"device": device}
        gpus = 0.0 if device == "cpu" else GPU_SHARE
        return task, Work(task.key, SEARCH if search else FOLD, arguments, gpus)


@dataclass(frozen=True, slots=True)
class Task:
    """One fold or search that has to be there before a run can be added up."""

    work_key: str
    fold: int
    seed: int

    @property
    def key(self) -> str:
        """Return a name for it that is unique among all work."""
        return f"{self.work_key}/{self.fold}/{self.seed}"


def check_all(desk: Desk, planned: Sequence[Planned], tick: Tick = silent) -> list[Checked]:
    """Return every run with its data ready and its history cut, or raise why one cannot be run.

    Series that several look at are computed and written once. Nothing is registered.
    """
    ground = _Ground(desk, tick)
    return [_check(desk, each, ground) for each in planned]


def search_key_of(work_key: str) -> str:
    """Return the key under which the results of the searches of a run are kept."""
    return digest([work_key, "search"])


def seeds_of(experiment: Experiment) -> tuple[int, ...]:
    """Return the seeds to fit: one is all there is where nothing in the member is random."""
    return experiment.seeds if experiment.model.make().random else experiment.seeds[:1]


def baseline_of(experiment: Experiment) -> Experiment | None:
    """Return the same experiment with the member that it must beat; None where it is that one.

    It makes do with as few rows as the file lets its own member make do with; a member's default,
    which a stored configuration writes out, is no such word.
    """
    if experiment.model.name == BASELINE:
        return None
    told = experiment.model_dump(mode="json", by_alias=True)
    usual, own = (MEMBERS.get(name)().settings() for name in (BASELINE, experiment.model.name))
    asked = {**own, **experiment.model.settings}
    said = [k for k in ROWS_NEEDED if k in asked and asked[k] != own.get(k)]
    model = {"name": BASELINE, "settings": {k: asked[k] for k in said if asked[k] < usual[k]}}
    return Experiment.model_validate({**told, "model": model, "search": None})


class _Ground:
    """Prepared and shared series, made once for all runs that look at the same history."""

    def __init__(self, desk: Desk, tick: Tick) -> None:
        self._desk, self._tick = desk, tick
        self._made: dict[tuple[Any, ...], Mapping[Series, tuple[Prepared, Place]]] = {}

    def of(self, experiment: Experiment) -> Mapping[Series, tuple[Prepared, Place]]:
        """Return the series of an experiment with where they lie."""
        data = experiment.data
        last = experiment.last_day
        key = (data.instruments, data.timeframe, last, experiment.features.set)
        if key not in self._made:
            wanted = stored_series(self._desk, data.instruments, (data.timeframe,))
            until = None if last is None else midnight(last, 1)
            ready = prepare_all(
                self._desk, wanted, until=until, which=experiment.features.set, tick=self._tick
            )
            folder = (self._desk.home / FOLDER).absolute()  # workers may stand elsewhere
            self._made[key] = {s: (item, share(folder, item)) for s, item in ready.items()}
        return self._made[key]


def _check(desk: Desk, planned: Planned, ground: _Ground) -> Checked:
    experiment = planned.experiment
    profile_of(experiment.gate)
    try:
        series = ground.of(experiment)
        items = [item for item, _ in series.values()]
        for item in items:
            read_by(experiment, item)
        history = cuts(*_history(experiment, items), _plan(experiment))
        if experiment.search is not None:
            for cut in history:
                inner_cuts(experiment, cut, experiment.search)
    except HistoryError as error:
        raise HistoryError(f"{planned.title}: {error}") from error
    return Checked(
        planned,
        tuple(place.path for _, place in series.values()),
        digest({str(each): place.fingerprint for each, (_, place) in series.items()}),
        history,
        max(item.instrument.days_per_year for item in items),
        any(desk.is_simulated(each.symbol, each.timeframe) for each in series),
        desk.device,
    )


def _history(experiment: Experiment, items: Sequence[Prepared]) -> tuple[datetime, datetime]:
    first = moment_of(min(int(item.time[0]) for item in items))
    last = moment_of(max(int(item.time[-1]) for item in items))
    start, end = experiment.data.start, experiment.last_day
    if start is not None:
        first = max(first, midnight(start))
    if end is not None:
        last = min(last, midnight(end, 1))
    if last <= first:
        raise HistoryError(
            f"no bars are stored between {start or 'the first'} and {end or 'the last'}; "
            "assay data list shows what there is"
        )
    return first, last


def midnight(day: date, later: int = 0) -> datetime:
    """Return when a day begins in UTC, or the one so many days later."""
    return datetime.combine(day + timedelta(days=later), time(), UTC)


def _plan(experiment: Experiment) -> CutPlan:
    """Return how history is cut; the embargo is at least as long as the label looks ahead."""
    asked = experiment.splits
    longest = experiment.horizon_bars * experiment.data.timeframe.length
    return CutPlan(
        kind=CutKind(asked.kind),
        folds=asked.folds,
        tested=asked.tested,
        embargo=max(asked.embargo, longest),
        groups=asked.groups,
        test_groups=asked.test_groups,
    )
