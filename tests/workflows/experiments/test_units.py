"""Quantities are read with their units, written back the same way, and refused in sentences."""

from datetime import timedelta
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from pydantic import TypeAdapter, ValidationError

from assay.workflows.experiments.units import (
    ATR,
    BASIS_POINTS,
    PERCENT,
    SIGMA,
    Atr,
    Bars,
    BasisPoints,
    Duration,
    Share,
    Sigma,
    Unit,
    write_duration,
)

UNITS = (ATR, SIGMA, PERCENT, BASIS_POINTS)
KINDS: dict[str, Any] = {
    "atr": Atr,
    "sigma": Sigma,
    "share": Share,
    "bps": BasisPoints,
    "bars": Bars,
    "duration": Duration,
}
durations = st.timedeltas(timedelta(0), timedelta(days=4000))


def said(kind: str, written: Any) -> str:
    """Return why `written` is refused."""
    with pytest.raises(ValidationError) as caught:
        TypeAdapter(KINDS[kind]).validate_python(written)
    return caught.value.errors()[0]["msg"]


@given(unit=st.sampled_from(UNITS), millionths=st.integers(0, 50_000_000))
@example(unit=ATR, millionths=2_123_456)
@example(unit=BASIS_POINTS, millionths=12_345_678)
def test_a_quantity_is_read_back_as_it_was_written(unit: Unit, millionths: int) -> None:
    value = millionths / 1e6 * unit.scale

    written = unit.write(value)

    assert unit.read(written) == pytest.approx(value, rel=1e-12, abs=1e-15)
    assert unit.write(unit.read(written)) == written


@given(unit=st.sampled_from(UNITS), one=st.integers(0, 10**8), other=st.integers(0, 10**8))
@example(unit=ATR, one=2_000_000, other=2_000_001)
def test_two_quantities_are_never_written_alike(unit: Unit, one: int, other: int) -> None:
    written = [unit.write(number / 1e6 * unit.scale) for number in (one, other)]

    assert (written[0] == written[1]) == (one == other)


@given(length=durations)
@example(length=timedelta(minutes=10))
@example(length=timedelta(days=1_234_567))
@example(length=timedelta(microseconds=1))
def test_a_duration_is_read_back_to_the_microsecond(length: timedelta) -> None:
    adapter: TypeAdapter[timedelta] = TypeAdapter(Duration)

    assert adapter.validate_python(write_duration(length)) == length
    assert adapter.dump_python(length, mode="json") == write_duration(length)


@given(bars=st.integers(1, 10**6))
def test_bars_are_read_back(bars: int) -> None:
    adapter: TypeAdapter[int] = TypeAdapter(Bars)

    written = adapter.dump_python(bars)

    assert written == f"{bars} bars"
    assert adapter.validate_python(written) == bars


@pytest.mark.parametrize(
    ("kind", "written", "meant"),
    [
        ("atr", "2 atr", 2.0),
        ("atr", " 2.5ATR ", 2.5),
        ("sigma", "0.25 sd", 0.25),
        ("share", "20 %", 0.2),
        ("share", "5percent", 0.05),
        ("bps", "1e-1 bp", 0.1),
        ("bars", "1 bar", 1),
        ("bars", "12.0 bars", 12),
        ("duration", "2 days", timedelta(days=2)),
        ("duration", "1.5h", timedelta(minutes=90)),
        ("duration", "1 week", timedelta(days=7)),
        ("duration", "30 minutes", timedelta(minutes=30)),
        ("duration", "0 days", timedelta(0)),
    ],
)
def test_a_quantity_means_what_people_mean(kind: str, written: str, meant: object) -> None:
    assert TypeAdapter(KINDS[kind]).validate_python(written) == meant


@pytest.mark.parametrize(
    ("kind", "written", "why"),
    [
        ("atr", 2, "has no unit (2): write it as in '2 atr'"),
        ("atr", 2.5, "has no unit (2.5): write it as in '2 atr'"),
        ("bars", 4, "has no unit (4): write it as in '4 bars'"),
        ("duration", 2, "has no unit (2): write it as in '2 days'"),
        ("atr", "2", "is no number with a unit ('2'): write it as in '2 atr'"),
        ("share", "a fifth", "is no number with a unit ('a fifth'): write it as in '20 %'"),
        ("share", True, "is no number with a unit (True): write it as in '20 %'"),
        ("share", None, "is no number with a unit (None): write it as in '20 %'"),
        ("share", [20, "%"], "is no number with a unit ([20, '%']): write it as in '20 %'"),
        ("atr", "nan atr", "is no number with a unit ('nan atr'): write it as in '2 atr'"),
        ("atr", "2 sigma", "is in 'sigma', but is measured in atr: write '2 atr'"),
        ("share", "20 bps", "is in 'bps', but is measured in %: write '20 %'"),
        ("bars", "4 hours", "is in 'hours', but is counted in bars: write it as in '4 bars'"),
        ("bars", "2.5 bars", "is a whole number of bars, 1 or more; found '2.5 bars'"),
        ("bars", "0 bars", "is a whole number of bars, 1 or more; found '0 bars'"),
        ("bars", "-3 bars", "is a whole number of bars, 1 or more; found '-3 bars'"),
        (
            "duration",
            "4 bars",
            "is in 'bars', but is a time: write it as in '2 days' or '12 hours'",
        ),
        ("duration", "-1 days", "is a time of 0 or more; found '-1 days'"),
        ("bars", "1e400 bars", "is too large a number ('1e400 bars'): write it as in '4 bars'"),
        ("atr", "1e999 atr", "is too large a number ('1e999 atr'): write it as in '2 atr'"),
        ("duration", "1e12 days", "is too long a time; found '1e12 days'"),
    ],
)
def test_a_wrong_quantity_is_refused_with_what_to_write(
    kind: str, written: object, why: str
) -> None:
    assert said(kind, written).removeprefix("Value error, ") == why
