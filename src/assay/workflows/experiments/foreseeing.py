"""Say what would be run: every run of some files, or of those that were stopped."""

from collections.abc import Sequence
from math import comb
from pathlib import Path
from typing import Any

from assay.core.errors import SettingsError, UserError
from assay.workflows.desk import Desk, Tick, silent
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.looking import chosen, every_run
from assay.workflows.experiments.planning import Checked, check_all, seeds_of
from assay.workflows.experiments.reading import Planned, files_of, read_experiments
from assay.workflows.experiments.running import unfinished


def foreseen(paths: Sequence[Path]) -> list[dict[str, Any]]:
    """Return each run that `paths` ask for, as plain data: what is fitted, on what, how often.

    `fits` are folds times the seeds that matter; `tries` fits of a search come before them.
    Everything wrong in any file is said in one `SettingsError`.
    """
    return [_told(each) for each in read_all(paths)]


def foreseen_here(desk: Desk, paths: Sequence[Path], tick: Tick = silent) -> list[dict[str, Any]]:
    """Return the same once the stored history was looked at: too little is a `HistoryError`.

    `fits` then counts the placebo and the baseline beside the model, too, and `first_day`,
    `last_day` (ISO 8601) and `simulated` say what was found.
    """
    return [_found(each) for each in check_all(desk, read_all(paths), tick)]


def to_resume(desk: Desk, asked: Sequence[str] = ()) -> list[Planned]:
    """Return the plans of the unfinished runs, or of those called by `asked`.

    One that is finished is a `SettingsError`: there is nothing to go on with.
    """
    rows = every_run(desk)
    left = unfinished(desk) if rows else []
    keys = {row.trial.id: row.trial.configuration_digest for row in rows}
    by_key = {keys[each.source]: each for each in left}
    wanted: dict[str, Planned] = {}
    for row in chosen(desk, asked) if asked else ():
        key = row.trial.configuration_digest
        if key not in by_key:
            raise SettingsError(
                f"{row.trial.id} ({row.facts.title}) needs no resuming: its configuration was "
                "finished; assay experiment list --status aborted names runs that were stopped"
            )
        wanted[key] = by_key[key]
    return list(wanted.values()) if asked else left


def read_all(paths: Sequence[Path]) -> list[Planned]:
    """Return the runs of all files like `read_experiments`, but say what is wrong in every file."""
    wrong = []
    for path in paths:
        try:
            inside = files_of(path)
        except UserError as error:
            wrong.append(str(error))
            continue
        for file in inside:
            try:
                read_experiments([file])
            except UserError as error:
                wrong.append(str(error))
    if wrong:
        raise SettingsError("\n".join(wrong))
    return read_experiments(paths)


def _told(planned: Planned) -> dict[str, Any]:
    experiment = planned.experiment
    folds, seeds = _folds(experiment), seeds_of(experiment)
    search = experiment.search
    return {
        "title": planned.title,
        "source": planned.source,
        "family": experiment.family,
        "model": experiment.model.name,
        "label": experiment.label.kind,
        "horizon_bars": experiment.horizon_bars,
        "instruments": list(experiment.data.instruments),
        "timeframe": experiment.data.timeframe.value,
        "splits": experiment.splits.kind,
        "folds": folds,
        "seeds": list(seeds),
        "fits": folds * len(seeds),
        "tries": folds * search.tries * search.inner_folds if search else 0,
        "simulated": None,
    }


def _found(checked: Checked) -> dict[str, Any]:
    spans = [span for cut in checked.cuts for part in cut.parts.values() for span in part]
    return {
        **_told(checked.planned),
        "folds": len(checked.cuts),
        "fits": len(checked.works({})),
        "first_day": f"{min(span.start for span in spans):%Y-%m-%d}",
        "last_day": f"{max(span.end for span in spans):%Y-%m-%d}",
        "simulated": checked.simulated,
    }


def _folds(experiment: Experiment) -> int:
    asked = experiment.splits
    if asked.kind == "combinatorial":
        return comb(asked.groups, asked.test_groups)
    return 1 if asked.kind == "chronological" else asked.folds
