"""Runs as they are shown: each with how much was tried in its family, which a verdict corrects."""

from typing import Any

from assay.store.trials import Trials
from assay.workflows.desk import Desk
from assay.workflows.experiments.gating import NAMESPACE
from assay.workflows.experiments.looking import past_runs


def counted_runs(
    desk: Desk,
    *,
    family: str | None = None,
    name: str | None = None,
    status: str | None = None,
) -> list[dict[str, Any]]:
    """Return the runs that match, the newest first; see `past_runs`.

    `tried_in_family` counts every configuration ever tried in a run's family, failed ones too.
    """
    rows = past_runs(desk, family=family, name=name, status=status)
    if not rows:
        return []
    trials = Trials(desk.database)
    tried = {each: trials.count_distinct(NAMESPACE + each) for each in {r["family"] for r in rows}}
    return [{**row, "tried_in_family": tried[row["family"]]} for row in reversed(rows)]
