"""What can be asked for by name: symbols, timeframes, times; refused early where it is none."""

from datetime import UTC, datetime
from typing import Annotated, LiteralString

from fastapi import Path, Query
from pydantic import AfterValidator, AwareDatetime
from pydantic_core import PydanticCustomError

from assay.core.values.timeframe import Timeframe

LETTERS = r"^[!-~]+$"
"""Printable ASCII without spaces: no symbol is anything else."""
LONGEST_SYMBOL = 64
FIRST = datetime(1970, 1, 1, tzinfo=UTC)
LAST = datetime(2100, 1, 1, tzinfo=UTC)
_OUTSIDE: LiteralString = "Time should lie between 1970-01-01 and 2100-01-01"


def _in_our_time(moment: datetime) -> datetime:
    if not FIRST <= moment <= LAST:
        raise PydanticCustomError("our_time", _OUTSIDE)
    return moment.astimezone(UTC)


Moment = Annotated[AwareDatetime, AfterValidator(_in_our_time)]
"""A time with its zone, RFC 3339, of this century or the last third of the one before."""

SymbolInPath = Annotated[
    str,
    Path(
        max_length=LONGEST_SYMBOL,
        pattern=LETTERS,
        description="The symbol of an instrument.",
        examples=["EURUSD"],
    ),
]
TimeframeInPath = Annotated[
    Timeframe, Path(description="How much time one bar covers.", examples=["1h"])
]
SymbolAsked = Annotated[
    str | None,
    Query(
        max_length=LONGEST_SYMBOL,
        pattern=LETTERS,
        description="Only of this instrument.",
        examples=["EURUSD"],
    ),
]
TimeframeAsked = Annotated[
    Timeframe | None, Query(description="Only of this length of bar.", examples=["1h"])
]
SignalInPath = Annotated[
    str,
    Path(
        max_length=80,
        pattern=r"^[A-Za-z0-9-]+$",
        description="The id of a signal, or how only one begins.",
        examples=["sig-3a6abb91aa9c"],
    ),
]
