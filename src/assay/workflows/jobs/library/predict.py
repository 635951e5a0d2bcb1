"""Issue the signals of the series whose bar has closed."""

from dataclasses import dataclass
from datetime import datetime
from typing import ClassVar

from assay.core.calendars.calendar import calendar
from assay.core.clock import utc
from assay.core.errors import SettingsError, TransientError
from assay.core.values.timeframe import Timeframe
from assay.workflows.desk import Desk
from assay.workflows.jobs.contract import BAR_CLOSE, Done, Job, Told, Weight, argument
from assay.workflows.jobs.markets import closed_on, untrained
from assay.workflows.jobs.predicting import predict

AGAIN_SECONDS = 20.0
"""A source may publish its bar so long after the close."""


@dataclass(frozen=True, slots=True)
class Predict(Job):
    """The same bar and models are the same signal, so begun again it issues nothing twice."""

    weight: ClassVar[Weight] = Weight.MEDIUM
    when: ClassVar[str | None] = BAR_CLOSE
    timeframe: str | None = argument(None, "Which bars, as 1h; all trained ones if left out.")
    at: str | None = argument(
        None, "Which bar: its close (UTC, ISO 8601); the newest stored one if left out."
    )
    market: str | None = argument(None, "Whose closed day is to be said, as XNYS.")
    symbols: tuple[str, ...] = argument((), "Of which instruments; of all trained if empty.")

    def __post_init__(self) -> None:
        if self.timeframe is not None:
            Timeframe.parse(self.timeframe)
        if self.at is not None:
            self._moment()
        if self.market is not None:
            calendar(self.market)
            if self.at is None:
                raise SettingsError("The closed day of a market needs its time: at")

    def skip(self, desk: Desk, at: datetime) -> str | None:
        """See `Job.skip`."""
        if self.market is not None:
            return closed_on(self.market, self._moment()) or f"{self.market} has a session then"
        return untrained(desk)

    def run(self, desk: Desk, told: Told) -> Done:
        """See `Job.run`."""
        found = predict(
            desk,
            Timeframe.parse(self.timeframe) if self.timeframe else None,
            self._moment() if self.at else None,
            self.symbols,
            tick=told.tick,
        )
        for problem in found.problems:
            told.say(problem)
        if found.awaited and not told.is_last:
            raise TransientError(
                f"The bar of {found.awaited[0]} is not there yet ({found.sentence})", AGAIN_SECONDS
            )
        return Done(found.sentence, found.to_json())

    def _moment(self) -> datetime:
        try:
            return utc(datetime.fromisoformat(str(self.at)))
        except (ValueError, OverflowError):
            raise SettingsError(
                f"at must be a time as 2026-11-29T20:00Z; found {self.at!r}"
            ) from None
