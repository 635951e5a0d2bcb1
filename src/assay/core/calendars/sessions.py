"""The clocks of the four FX centres: when Sydney, Tokyo, London and New York are at their desks.

There is no official table; these are the usual desk hours in local time, Monday to Friday, so that
daylight saving moves them as it moves the desks: Sydney 07:00-16:00, Tokyo 09:00-18:00, London
08:00-17:00, New York 08:00-17:00. Public holidays of the centres are not taken out.
"""

from dataclasses import dataclass

import polars as pl


@dataclass(frozen=True, slots=True)
class Centre:
    """One centre: its zone and the local hours from `opens` up to, not including, `closes`."""

    name: str
    zone: str
    opens: int
    closes: int


CENTRES = (
    Centre("sydney", "Australia/Sydney", 7, 16),
    Centre("tokyo", "Asia/Tokyo", 9, 18),
    Centre("london", "Europe/London", 8, 17),
    Centre("new_york", "America/New_York", 8, 17),
)


def session_flags(time: pl.Expr) -> list[pl.Expr]:
    """Return `session_<centre>` (Float64, 1 open, 0 not) for a column of UTC times."""
    return [_flag(time, centre).alias(f"session_{centre.name}") for centre in CENTRES]


def _flag(time: pl.Expr, centre: Centre) -> pl.Expr:
    local = time.dt.convert_time_zone(centre.zone)
    at_desk = local.dt.hour().is_between(centre.opens, centre.closes - 1)
    return (at_desk & (local.dt.weekday() <= 5)).cast(pl.Float64)
