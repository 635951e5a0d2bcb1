"""Fit members and fusions on what is stored: as `assay train`."""

from dataclasses import dataclass
from typing import ClassVar

from assay.core.values.timeframe import Timeframe
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Done, Job, Told, Weight, argument


@dataclass(frozen=True, slots=True)
class Train(Job):
    """What is fitted already is not fitted again, so one that was killed goes on where it was."""

    weight: ClassVar[Weight] = Weight.HEAVY
    symbols: tuple[str, ...] = argument((), "Of which instruments; of all stored if empty.")
    timeframes: tuple[str, ...] = argument((), "Which bars, as 1h; all stored if empty.")
    apart: bool = argument(default=False, said="Give every series nets of its own.")

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        from assay.workflows.train import train

        wanted = [Timeframe.parse(one) for one in self.timeframes]
        done = train(desk, self.symbols, wanted, apart=self.apart, tick=told.tick, watch=told.watch)
        for problem in done.problems:
            told.say(f"left out: {problem}")
        fresh = len(done.members) - done.reused
        said = f"{fresh:,} members trained, {done.reused:,} were there already"
        return Done(f"{said}; {len(done.fusions):,} fusions", done.to_json())
