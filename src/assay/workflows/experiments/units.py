"""Quantities as people write them, with their units: "4 bars", "2 atr", "0.25 sigma", "20 %"."""

import math
import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Any

from pydantic import BeforeValidator, PlainSerializer, WithJsonSchema

_WRITTEN = re.compile(r"\s*([-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*([A-Za-z%]+)\s*")
_LENGTHS = {
    "minute": timedelta(minutes=1),
    "minutes": timedelta(minutes=1),
    "hour": timedelta(hours=1),
    "hours": timedelta(hours=1),
    "h": timedelta(hours=1),
    "day": timedelta(days=1),
    "days": timedelta(days=1),
    "d": timedelta(days=1),
    "week": timedelta(weeks=1),
    "weeks": timedelta(weeks=1),
}


@dataclass(frozen=True, slots=True)
class Unit:
    """A unit by its names; `scale` turns what is written into what is meant (20 % into 0.2)."""

    names: tuple[str, ...]
    example: str
    scale: float = 1.0

    def read(self, written: Any) -> float:  # noqa: ANN401 - whatever stands in the file
        """Return the number meant by `written`; a number without its unit is refused."""
        number, unit = _parted(written, self.example)
        if unit.lower() not in self.names:
            raise ValueError(
                f"is in {unit!r}, but is measured in {self.names[0]}: write {self.example!r}"
            )
        return number * self.scale

    def write(self, value: float) -> str:
        """Return `value` as it is written, always the same way."""
        return f"{round(value / self.scale, 12):.15g} {self.names[0]}"


ATR = Unit(("atr",), "2 atr")
SIGMA = Unit(("sigma", "sd"), "0.25 sigma")
PERCENT = Unit(("%", "percent"), "20 %", 0.01)
BASIS_POINTS = Unit(("bps", "bp"), "0.5 bps")


def _parted(written: Any, example: str) -> tuple[float, str]:  # noqa: ANN401 - see `Unit.read`
    if isinstance(written, (int, float)) and not isinstance(written, bool):
        raise ValueError(f"has no unit ({written}): write it as in {example!r}")  # noqa: TRY004 - pydantic wants it
    found = _WRITTEN.fullmatch(written) if isinstance(written, str) else None
    if found is None:
        raise ValueError(f"is no number with a unit ({written!r}): write it as in {example!r}")
    number = float(found[1])
    if not math.isfinite(number):
        raise ValueError(f"is too large a number ({written!r}): write it as in {example!r}")
    return number, found[2]


def _quantity(unit: Unit) -> Any:  # noqa: ANN401 - the arguments of Annotated
    shape = {"type": "string", "pattern": rf"^[0-9.eE+-]+ ?({'|'.join(unit.names)})$"}
    return (
        BeforeValidator(unit.read),
        PlainSerializer(unit.write, return_type=str),
        WithJsonSchema(shape | {"examples": [unit.example]}),
    )


Atr = Annotated[float, *_quantity(ATR)]
"""A distance in average true ranges, ATR(14)."""
Sigma = Annotated[float, *_quantity(SIGMA)]
"""In standard deviations of the return over the horizon."""
Share = Annotated[float, *_quantity(PERCENT)]
"""Written in percent, a fraction inside."""
BasisPoints = Annotated[float, *_quantity(BASIS_POINTS)]
"""In 1/10,000 of the price."""


def _read_bars(written: Any) -> int:  # noqa: ANN401 - see `Unit.read`
    number, unit = _parted(written, "4 bars")
    if unit.lower() not in ("bar", "bars"):
        raise ValueError(f"is in {unit!r}, but is counted in bars: write it as in '4 bars'")
    if number != int(number) or number < 1:
        raise ValueError(f"is a whole number of bars, 1 or more; found {written!r}")
    return int(number)


def _read_duration(written: Any) -> timedelta:  # noqa: ANN401 - see `Unit.read`
    if isinstance(written, timedelta):
        return written
    number, unit = _parted(written, "2 days")
    length = _LENGTHS.get(unit.lower())
    if length is None:
        raise ValueError(f"is in {unit!r}, but is a time: write it as in '2 days' or '12 hours'")
    if number < 0:
        raise ValueError(f"is a time of 0 or more; found {written!r}")
    try:
        return number * length
    except OverflowError as error:
        raise ValueError(f"is too long a time; found {written!r}") from error


def write_duration(length: timedelta) -> str:
    """Return a time in the longest of days, hours and minutes it is whole in, exactly."""
    for name in ("days", "hours", "minutes"):
        if not length % _LENGTHS[name]:
            return f"{length // _LENGTHS[name]} {name}"
    return f"{length / _LENGTHS['minutes']!r} minutes"


Bars = Annotated[
    int,
    BeforeValidator(_read_bars),
    PlainSerializer(lambda bars: f"{bars} bars", return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^[0-9]+ ?bars?$", "examples": ["4 bars"]}),
]
"""A number of bars of the experiment's timeframe."""
Duration = Annotated[
    timedelta,
    BeforeValidator(_read_duration),
    PlainSerializer(write_duration, return_type=str),
    WithJsonSchema(
        {
            "type": "string",
            "pattern": r"^[0-9.]+ ?(minutes?|hours?|h|days?|d|weeks?)$",
            "examples": ["2 days"],
        }
    ),
]
"""A length of time."""
