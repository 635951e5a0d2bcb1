"""Say of issued signals what came of them, once their horizon is over."""

from dataclasses import dataclass
from typing import ClassVar

from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Done, Job, Told


@dataclass(frozen=True, slots=True)
class Resolve(Job):
    """What is written down already is not written again."""

    when: ClassVar[str | None] = "20 * * * *"

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        from assay.workflows.resolving import resolve

        found = resolve(desk, tick=told.tick)
        said = f"{found.horizons:,} horizons and {found.trades:,} trades written down"
        if found.corrected:
            said += f", {found.corrected:,} again because bars were corrected"
        waiting = sum(found.waiting.values())
        return Done(f"{said}; {waiting:,} signals stay open", found.to_json())
