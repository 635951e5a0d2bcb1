"""What the answers of several endpoints are made of: numbers, figures with their doubt, tables."""

from collections.abc import Mapping, Sequence
from enum import StrEnum
from math import isfinite
from typing import Annotated, Any, Self

from pydantic import BaseModel, BeforeValidator, Field, JsonValue

from assay.core.ids import plain

LEVEL = 0.95
"""How sure every interval is."""
FEW = 30
"""Under so many days or trades a figure is to be shown as one of too few."""

PRINTED = r"^[!-~]+$"
"""What a symbol or an id may be made of: signs that can be seen."""


def finite(value: Any) -> Any:  # noqa: ANN401 - whatever a model was given
    """Return a number as it is, None for one that is NaN or infinite: JSON has neither.

    >>> finite(0.5), finite(float("nan"))
    (0.5, None)
    """
    return None if isinstance(value, float) and not isfinite(value) else value


Number = Annotated[float | None, BeforeValidator(finite)]
"""A number, null where there is none."""


class Basis(StrEnum):
    """What a figure was measured on; live ones count most."""

    IN_SAMPLE = "in_sample"
    OUT_OF_SAMPLE = "out_of_sample"
    LIVE = "live"


class Unit(StrEnum):
    """What a number counts; shares are of 1 (0.01 is one per cent)."""

    SHARE = "share"
    RATIO = "ratio"
    NATS = "nats"
    COUNT = "count"
    R = "r"
    SIGMA = "sigma"


class Figure(BaseModel):
    """One figure with its doubt: its interval, what is behind it, and what it was measured on."""

    name: str = Field(description="What it is, for programs.", examples=["sharpe"])
    title: str = Field(description="What it is, in words.", examples=["Sharpe"])
    of: str = Field(
        description="Whose it is: `chain` is what was tested, others stand beside it.",
        examples=["chain", "buy and hold"],
    )
    unit: Unit = Field(description="What the numbers count.", examples=["ratio"])
    value: Number = Field(description="Null where there is nothing to estimate.", examples=[0.42])
    low: Number = Field(description="Lower end of the interval.", examples=[-0.31])
    high: Number = Field(description="Upper end of the interval.", examples=[1.16])
    level: float = Field(default=LEVEL, description="How sure the interval is.")
    n: int = Field(description="How many days are behind it.", examples=[1095])
    few: bool = Field(description=f"Whether that is under {FEW}: too few to lean on.")
    basis: Basis = Field(description="What it was measured on.", examples=["out_of_sample"])
    simulated: bool | None = Field(
        description="Whether the market was a simulated one; null where nobody knows any more."
    )

    @classmethod
    def of_estimate(
        cls,
        estimate: Mapping[str, Any],
        *,
        name: str,
        title: str,
        of: str,
        unit: Unit,
        basis: Basis,
        simulated: bool | None,
    ) -> Self:
        """Return the figure of an `Estimate.to_json()`."""
        return cls(
            name=name,
            title=title,
            of=of,
            unit=unit,
            value=estimate["value"],
            low=estimate["low"],
            high=estimate["high"],
            n=estimate["days"],
            few=estimate["days"] < FEW,
            basis=basis,
            simulated=simulated,
        )


class Interval(BaseModel):
    """A row that is drawn: a value between the ends of its interval."""

    name: str = Field(examples=["PROVEN HIGH"])
    value: Number = Field(description="Null where there is nothing to estimate.", examples=[0.068])
    low: Number = Field(description="Lower end of the 95 % interval.", examples=[-0.062])
    high: Number = Field(description="Upper end of the 95 % interval.", examples=[0.223])


class Table(BaseModel):
    """A table as a report tells it: cells are text, "value [low, high]" where there is doubt."""

    columns: list[str] = Field(examples=[["evidence", "tier", "bars", "right side"]])
    rows: list[list[str]] = Field(examples=[[["PROVEN", "HIGH", "230", "52.6 % [46.5, 59.7]"]]])
    note: str = Field(description="What must be known to read it; may be empty.")
    drawn: list[Interval] = Field(description="Its main figure as numbers, a row each, if any.")

    @classmethod
    def of(cls, found: Mapping[str, Any]) -> Self:
        """Return the table of a block of a report."""
        return cls(
            columns=list(found["columns"]),
            rows=[[_cell(one) for one in row] for row in found["rows"]],
            note=found.get("note") or "",
            drawn=[interval(row) for row in found.get("plot", ())],
        )


def interval(row: Sequence[Any]) -> Interval:
    """Return a drawn row: name, value, low, high."""
    return Interval(name=row[0], value=row[1], low=row[2], high=row[3])


def _cell(value: object) -> str:
    return f"{value:,}" if isinstance(value, int) else str(value)


def as_json(value: object) -> dict[str, JsonValue]:
    """Return an open piece of JSON data, whose keys its maker chose."""
    found: dict[str, JsonValue] = plain(value)
    return found
