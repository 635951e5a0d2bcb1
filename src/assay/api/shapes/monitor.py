"""How drift monitors are answered."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from assay.api.listed import Listed
from assay.api.shapes.asked import LETTERS, LONGEST_SYMBOL
from assay.api.shapes.common import Number
from assay.core.values.timeframe import Timeframe
from assay.workflows.monitors_kept import Said

Verdict = Literal["steady", "moved", "drifted", "unknown"]


class ReadingOut(BaseModel):
    """One monitor's reading of one member, or of the pool."""

    subject: str = Field(examples=["pool", "ridge 1h"])
    watch: str = Field(examples=["log_loss", "coverage", "population_stability"])
    now: Number = Field(description="What was measured on what came after the fit.")
    then: Number = Field(description="What it was let in with.")
    p_value: Number = Field(description="How likely that is by chance; null where untested.")
    n: int = Field(description="Outcomes behind it that do not overlap, or rows.")
    verdict: Verdict = Field(description="`unknown`: too few to tell.")

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> Self:
        """Return one reading."""
        same = ("subject", "watch", "now", "then", "p_value", "verdict")
        return cls(**{name: row[name] for name in same}, n=row["count"])


class RolledOut(BaseModel):
    """The log loss of the pool over some 20 trading days, beside climatology's."""

    first: date
    last: date
    rows: int
    log_loss: Number = Field(description="Mean nats a row.")
    base_loss: Number


class MonitorOut(BaseModel):
    """How the models in service of one series do on bars that came after they were fitted."""

    symbol: str = Field(examples=["EURUSD"])
    timeframe: Timeframe
    at: datetime = Field(description="From when this is.")
    current: bool = Field(description="Whether no bar has been stored since.")
    fusion: str = Field(description="The artefact that was looked at.")
    since: datetime = Field(description="The last bar of the fit.")
    until: datetime = Field(description="The last bar that was looked at.")
    outcomes: int = Field(description="Of these days, that do not overlap.")
    simulated: bool
    verdict: Verdict
    sentence: str
    readings: list[ReadingOut]
    rolled: list[RolledOut]

    @classmethod
    def of(cls, said: Said) -> Self:
        """Return what was said last of one series."""
        same = ("fusion", "since", "until", "outcomes", "simulated", "verdict", "sentence")
        return cls(
            **{name: said.found[name] for name in same},
            symbol=said.symbol,
            timeframe=said.timeframe,
            at=said.at,
            current=said.current,
            readings=[ReadingOut.of(one) for one in said.found["readings"]],
            rolled=[RolledOut(**one) for one in said.found["rolled"]],
        )


class MonitorList(Listed[MonitorOut]):
    """A page of what the monitors said last, the worst first."""

    meaning: str = Field(description="What the monitors measure, and when they alarm.")
    unread: list[str] = Field(description="Stored series that no monitor has looked at yet.")
    problems: list[str] = Field(description="What could not be read, and why.")


class MonitorAsked(BaseModel):
    """Which series the monitors are asked of; all of them at once is a job."""

    model_config = ConfigDict(
        extra="forbid",
        json_schema_extra={"examples": [{"symbol": "EURUSD", "timeframe": "1h"}]},
    )

    symbol: str = Field(max_length=LONGEST_SYMBOL, pattern=LETTERS, examples=["EURUSD"])
    timeframe: Timeframe
