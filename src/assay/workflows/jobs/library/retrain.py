"""Train again what is due: as `assay retrain`."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import ClassVar

from assay.core.values.timeframe import Timeframe
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Done, Job, Told, Weight, argument, refuse_days
from assay.workflows.jobs.markets import untrained


@dataclass(frozen=True, slots=True)
class Retrain(Job):
    """Most nights nothing is due, and that is said."""

    weight: ClassVar[Weight] = Weight.HEAVY
    when: ClassVar[str | None] = "30 1 * * *"
    is_daily: ClassVar[bool] = True
    symbols: tuple[str, ...] = argument((), "Of which instruments; of all trained if empty.")
    timeframes: tuple[str, ...] = argument((), "Which bars, as 1h; all if empty.")
    every_days: int | None = argument(
        None, "Due is what has not learned from so many days; the setting if left out."
    )
    fine_tune: bool | None = argument(
        None, "Go on from the last weights where a member can; the setting if left out."
    )
    force: bool = argument(default=False, said="Train also what is not due, if it got bars since.")

    def __post_init__(self) -> None:
        refuse_days(every_days=self.every_days)

    def skip(self, desk: Desk, at: datetime) -> str | None:
        """See `Job.skip`."""
        return untrained(desk)

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        from assay.workflows.retraining import retrain

        done = retrain(
            desk,
            self.symbols,
            [Timeframe.parse(one) for one in self.timeframes],
            every=timedelta(days=self.every_days) if self.every_days else None,
            fine_tune=self.fine_tune,
            force=self.force,
            tick=told.tick,
            watch=told.watch,
        )
        for problem in done.problems:
            told.say(f"left out: {problem}")
        due = [each for each in done.due if each.is_due]
        for each in due:
            told.say(f"{each.series}: {each.reason}")
        said = f"{len(due):,} of {len(done.due):,} series were due"
        fresh = len(done.members) - done.reused
        said = f"{said}; {fresh:,} members trained" if due else f"nothing is due; {said}"
        return Done(said, done.to_json())
