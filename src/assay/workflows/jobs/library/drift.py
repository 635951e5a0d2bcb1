"""Hold the models in service against the bars that came since: as `assay models monitor`."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from assay.core.values.timeframe import Timeframe
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Done, Job, Told, Weight, argument
from assay.workflows.jobs.markets import untrained


@dataclass(frozen=True, slots=True)
class Drift(Job):
    """Its result is what the monitors read; what has drifted is trained again by `retrain`."""

    weight: ClassVar[Weight] = Weight.MEDIUM
    when: ClassVar[str | None] = "0 1 * * *"
    is_daily: ClassVar[bool] = True
    symbols: tuple[str, ...] = argument((), "Of which instruments; of all trained if empty.")
    timeframes: tuple[str, ...] = argument((), "Which bars, as 1h; all if empty.")

    def skip(self, desk: Desk, at: datetime) -> str | None:
        """See `Job.skip`."""
        return untrained(desk)

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        from assay.workflows.monitoring import monitor
        from assay.workflows.monitors_kept import keep

        wanted = [Timeframe.parse(one) for one in self.timeframes]
        found = monitor(desk, self.symbols, wanted, tick=told.tick)
        keep(desk, found)
        for problem in found["problems"]:
            told.say(f"left out: {problem}")
        counted = Counter(each["verdict"] for each in found["series"])
        said = ", ".join(f"{count:,} {verdict}" for verdict, count in sorted(counted.items()))
        return Done(f"{len(found['series']):,} series read: {said or 'none is trained'}", found)
