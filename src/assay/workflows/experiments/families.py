"""What the experiments of a family are held to, and the history they keep locked away."""

from datetime import datetime, timedelta

from assay.core.errors import SettingsError
from assay.store.findings import FamilyRow
from assay.workflows.experiments.asked import Experiment
from assay.workflows.experiments.planning import BASELINE, midnight


def family_of(experiment: Experiment, at: datetime) -> FamilyRow:
    """Return the family of an experiment as it would be registered at `at` (UTC)."""
    box = experiment.lock_box
    return FamilyRow(
        name=experiment.family,
        primary_metric=experiment.primary_metric,
        baseline={"model": BASELINE},
        lock_box_start=None if box is None else midnight(box.start),
        lock_box_end=None if box is None or box.end is None else midnight(box.end, 1),
        registered_at=at,
    )


def box_of(family: FamilyRow) -> dict[str, str] | None:
    """Return a family's lock box as a file says it, None where it has none."""
    if family.lock_box_start is None:
        return None
    told = {"from": family.lock_box_start.date().isoformat()}
    if family.lock_box_end is not None:
        told["to"] = (family.lock_box_end.date() - timedelta(days=1)).isoformat()
    return told


def refuse_another_box(experiment: Experiment, held: FamilyRow) -> None:
    """Refuse an experiment that would look into its family's lock box, or has another one."""
    own = family_of(experiment, held.registered_at)
    if (own.lock_box_start, own.lock_box_end) == (held.lock_box_start, held.lock_box_end):
        return
    kept = _told(held)
    raise SettingsError(
        f"{experiment.name}: the family {held.name} was registered on "
        f"{held.registered_at:%Y-%m-%d} with {kept}; this file says {_told(own)}; write the same, "
        "or give the experiment another family"
    )


def _told(family: FamilyRow) -> str:
    start, end = family.lock_box_start, family.lock_box_end
    if start is None:
        return "no lock box"
    until = "the last bar" if end is None else f"{end - timedelta(days=1):%Y-%m-%d}"
    return f"the lock box from {start:%Y-%m-%d} to {until}"
