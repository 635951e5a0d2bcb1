"""Copy the workspace, whole and of one moment, into `backups/`."""

from dataclasses import dataclass
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Done, Job, Told, Weight, argument


@dataclass(frozen=True, slots=True)
class Backup(Job):
    """A copy that was cut short has another name, and the next backup clears it away."""

    weight: ClassVar[Weight] = Weight.MEDIUM
    when: ClassVar[str | None] = "15 3 * * *"
    is_daily: ClassVar[bool] = True
    keep: int = argument(7, "How many backups are kept; the oldest go.")

    def __post_init__(self) -> None:
        if self.keep < 1:
            raise SettingsError(f"keep must be 1 or more; found {self.keep}")

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        from assay.workflows.jobs.backing_up import back_up

        made = back_up(desk, self.keep, tick=told.tick)
        return Done(made.sentence, made.to_json())
