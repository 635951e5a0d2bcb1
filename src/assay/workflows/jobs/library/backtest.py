"""Walk the whole chain forward through history: as `assay backtest`."""

from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar

from assay.core.errors import SettingsError
from assay.core.values.timeframe import Timeframe
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import Done, Job, Told, Weight, argument, refuse_days

MOST_FOLDS = 24


@dataclass(frozen=True, slots=True)
class Backtest(Job):
    """One configuration is one trial in the ledger, however often it is begun."""

    weight: ClassVar[Weight] = Weight.HEAVY
    symbols: tuple[str, ...] = argument((), "Which instruments; all stored if empty.")
    timeframe: str | None = argument(None, "The one to decide on; the shortest stored if left out.")
    folds: int = argument(4, "How many test spans; each refits on the past before it.")
    every_days: int | None = argument(None, "Refit after so many days, instead of folds times.")
    window_days: int | None = argument(
        None, "Learn from the last so many days alone; the setting if left out."
    )
    referee: bool = argument(default=True, said="Let the analyst judge what would trade.")

    def __post_init__(self) -> None:
        if not 1 <= self.folds <= MOST_FOLDS:
            raise SettingsError(f"folds must be between 1 and {MOST_FOLDS}; found {self.folds}")
        refuse_days(every_days=self.every_days, window_days=self.window_days)

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        from assay.evaluation.splits import SplitPlan
        from assay.workflows.backtest import backtest
        from assay.workflows.reports import write_page

        days = self.window_days or desk.history_days
        done = backtest(
            desk,
            self.symbols,
            Timeframe.parse(self.timeframe) if self.timeframe else None,
            split=SplitPlan(
                folds=self.folds,
                every=timedelta(days=self.every_days) if self.every_days else None,
                window=timedelta(days=days) if days else None,
            ),
            referee=self.referee,
            tick=told.tick,
        )
        page = write_page(desk, done.report)
        result = {"trial": done.trial, "page": page.relative_to(desk.home).as_posix()}
        return Done(f"trial {done.trial} is done; its report is {page.name}", result)
