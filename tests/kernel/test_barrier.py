import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.kernel.barrier import Hit, Resolution, barrier
from tests.kernel.worlds import LAW

PRICE = st.integers(900, 1100)
SIDES = st.sampled_from([1, -1])


@pytest.mark.parametrize(
    ("bar", "side", "expected"),
    [
        ((100, 101, 99, 95, 110), 1, (Hit.NONE, 0, False)),
        ((100, 101, 95, 95, 110), 1, (Hit.STOP, 95, False)),  # touched is filled
        ((94, 101, 93, 95, 110), 1, (Hit.STOP, 94, False)),  # a gap fills at the worse price
        ((100, 110, 99, 95, 110), 1, (Hit.TARGET, 110, False)),
        ((113, 115, 112, 95, 110), 1, (Hit.TARGET, 113, False)),  # a gap in favour
        ((113, 115, 90, 95, 110), 1, (Hit.TARGET, 113, False)),  # the open was first, so no doubt
        ((94, 115, 90, 95, 110), 1, (Hit.STOP, 94, False)),
        ((100, 101, 99, 105, 90), -1, (Hit.NONE, 0, False)),
        ((100, 105, 99, 105, 90), -1, (Hit.STOP, 105, False)),
        ((107, 108, 99, 105, 90), -1, (Hit.STOP, 107, False)),
        ((100, 101, 90, 105, 90), -1, (Hit.TARGET, 90, False)),
        ((88, 101, 87, 105, 90), -1, (Hit.TARGET, 88, False)),
    ],
)
def test_one_barrier_decides(
    bar: tuple[int, int, int, int, int], side: int, expected: tuple[Hit, int, bool]
) -> None:
    for belief in Resolution:
        assert barrier(*bar, side, int(belief), 0) == expected


@pytest.mark.parametrize(
    ("open_", "belief", "expected"),
    [
        (100, Resolution.PESSIMISTIC, (Hit.STOP, 95)),
        (100, Resolution.OPTIMISTIC, (Hit.TARGET, 110)),
        (100, Resolution.ADAPTIVE, (Hit.STOP, 95)),
        (104, Resolution.ADAPTIVE, (Hit.TARGET, 110)),
    ],
)
def test_a_bar_that_reaches_both_is_ambiguous(
    open_: int, belief: Resolution, expected: tuple[Hit, int]
) -> None:
    assert barrier(open_, 112, 94, 95, 110, 1, int(belief), 0) == (*expected, True)


def test_as_near_to_both_is_the_stop() -> None:
    assert barrier(100, 112, 88, 90, 110, 1, int(Resolution.ADAPTIVE), 0) == (Hit.STOP, 90, True)


def test_a_target_must_be_traded_through_when_asked() -> None:
    assert barrier(100, 110, 99, 95, 110, 1, 0, 1) == (Hit.NONE, 0, False)
    assert barrier(100, 111, 99, 95, 110, 1, 0, 1) == (Hit.TARGET, 110, False)
    assert barrier(100, 101, 90, 105, 90, -1, 0, 1) == (Hit.NONE, 0, False)
    assert barrier(100, 101, 89, 105, 90, -1, 0, 1) == (Hit.TARGET, 90, False)


def test_missing_prices_reach_nothing() -> None:
    nan = np.nan

    assert barrier(nan, nan, nan, 95.0, 110.0, 1, 0, 0)[0] == Hit.NONE


@given(
    open_=PRICE,
    above=st.integers(0, 60),
    below=st.integers(0, 60),
    risk=st.integers(1, 50),
    gain=st.integers(1, 50),
    entry=PRICE,
    side=SIDES,
    belief=st.sampled_from(Resolution),
    through=st.integers(0, 3),
)
@LAW
def test_a_fill_is_in_the_bar_and_no_better_than_its_trigger_but_by_a_gap(
    open_: int,
    above: int,
    below: int,
    risk: int,
    gain: int,
    entry: int,
    side: int,
    belief: Resolution,
    through: int,
) -> None:
    high, low = open_ + above, open_ - below
    stop, target = entry - side * risk, entry + side * gain

    hit, price, ambiguous = barrier(open_, high, low, stop, target, side, int(belief), through)

    if hit != Hit.NONE:
        assert low <= price <= high
    if hit == Hit.STOP:
        assert side * (price - stop) <= 0
    if hit == Hit.TARGET and price != target:
        assert price == open_
        assert side * (open_ - target) > 0
    if ambiguous:
        assert low <= min(stop, target)
        assert high >= max(stop, target)


@given(
    open_=PRICE,
    above=st.integers(0, 60),
    below=st.integers(0, 60),
    stop=PRICE,
    width=st.integers(1, 100),
    belief=st.sampled_from(Resolution),
)
@LAW
def test_short_is_long_in_the_mirror(
    open_: int, above: int, below: int, stop: int, width: int, belief: Resolution
) -> None:
    def flip(price: int) -> int:
        return 2000 - price

    target = stop + width
    long = barrier(open_, open_ + above, open_ - below, stop, target, 1, int(belief), 0)
    short = barrier(
        flip(open_),
        flip(open_ - below),
        flip(open_ + above),
        flip(stop),
        flip(target),
        -1,
        int(belief),
        0,
    )

    assert short[0] == long[0]
    assert short[2] == long[2]
    assert long[0] == Hit.NONE or short[1] == flip(int(long[1]))
