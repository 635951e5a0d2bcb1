"""What workers do: one fold of an experiment, named and given in plain data."""

import platform
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import numpy as np

from assay.core.errors import SettingsError
from assay.evaluation.cuts import Cut
from assay.evaluation.splits import Part, Span
from assay.models.contract import Samples, Workshop
from assay.workflows.experiments import built
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.fitted import Changed, as_they_are, read_by
from assay.workflows.experiments.folded import run_fold
from assay.workflows.experiments.searching import search_cut
from assay.workflows.experiments.sharing import opened
from assay.workflows.gather import Prepared, Series

FOLD = "assay.workflows.experiments.working:fold"
SEARCH = "assay.workflows.experiments.working:search"
PLAIN, PERMUTED = "plain", "permuted"
"""The variants of a fold: as asked for, and with outcomes that belong to other days."""
_DAY_US = 86_400_000_000


def fold(
    *,
    experiment: Mapping[str, Any],
    series: Sequence[str],
    cut: Mapping[str, Any],
    seed: int,
    variant: str = PLAIN,
    explained: bool = False,
    device: str = "cpu",
    code: str | None = None,
) -> dict[str, Any]:
    """Return `metrics` and the arrays of one fold; see `folded.run_fold`.

    `series` are paths of `sharing.share`, `experiment` and `cut` plain data; nets are fitted on
    `device`, see `Workshop`. Other code than that with the digest `code` is a `SettingsError`: what
    it finds would be kept as something it is not.
    """
    _refuse_other(code)
    asked = Experiment.model_validate(experiment)
    found = run_fold(
        asked,
        read(asked, series),
        cut_of(cut),
        seed,
        workshop=Workshop(device=device),
        explained=explained,
        changed=permuted(seed) if variant == PERMUTED else as_they_are,
    )
    return {"metrics": dict(found.metrics), **found.arrays}


def search(
    *,
    experiment: Mapping[str, Any],
    series: Sequence[str],
    cut: Mapping[str, Any],
    seed: int,
    device: str = "cpu",
    code: str | None = None,
) -> dict[str, Any]:
    """Return the best settings for one cut, and every try; see `searching.search_cut`.

    Arguments as of `fold`.
    """
    _refuse_other(code)
    asked = Experiment.model_validate(experiment)
    best, tries = search_cut(
        asked, read(asked, series), cut_of(cut), seed, workshop=Workshop(device=device)
    )
    return {"metrics": {"best": best, "tries": [each.to_json() for each in tries]}}


def _refuse_other(code: str | None) -> None:
    here = built.code_digest()
    if code is not None and code != here:
        raise SettingsError(
            f"The code on {platform.node()} is {here[:12]}, but the run was started by "
            f"{code[:12]}: change nothing while it runs, and install the same on every machine"
        )


def read(experiment: Experiment, series: Sequence[str]) -> dict[Series, Prepared]:
    """Return the shared series with the columns that the experiment's member reads."""
    return {key: read_by(experiment, item) for key, item in opened(series).items()}


def permuted(seed: int) -> Changed:
    """Return what gives each row of train, stop and calibrate the outcome of another day's row.

    Whole days change places, so that what follows what inside a day stays: nothing can be learned
    from it, and whoever still foretells the test has seen it (a placebo after Fisher 1935).
    """

    def change(spans: Mapping[str, Samples]) -> Mapping[str, Samples]:
        chance = np.random.default_rng(seed)
        return {name: _shuffled(samples, chance) for name, samples in spans.items()}

    return change


def _shuffled(samples: Samples, chance: np.random.Generator) -> Samples:
    source = np.arange(len(samples))
    for number in range(len(samples.series_names)):
        own = np.flatnonzero(samples.series == number)
        days = np.split(own, 1 + np.flatnonzero(np.diff(samples.time[own] // _DAY_US)))
        source[own] = np.concatenate([days[place] for place in chance.permutation(len(days))])
    told = samples.take(source)
    return Samples(
        columns=samples.columns,
        series_names=samples.series_names,
        time=samples.time,
        t1=samples.t1,
        series=samples.series,
        x=samples.x,
        scaled=told.scaled,
        label=told.label,
        weight=told.weight,
        past=samples.past,
        ahead=told.ahead,
    )


def cut_to_json(cut: Cut) -> dict[str, Any]:
    """Return a cut as plain data."""
    return {
        "number": cut.number,
        "test_groups": list(cut.test_groups),
        "parts": {str(part): [s.to_json() for s in spans] for part, spans in cut.parts.items()},
    }


def cut_of(data: Mapping[str, Any]) -> Cut:
    """Return the cut that `cut_to_json` wrote."""
    parts = {
        Part(name): tuple(
            Span(datetime.fromisoformat(s["start"]), datetime.fromisoformat(s["end"]))
            for s in spans
        )
        for name, spans in data["parts"].items()
    }
    return Cut(int(data["number"]), parts, tuple(data["test_groups"]))
