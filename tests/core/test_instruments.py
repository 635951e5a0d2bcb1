"""The instruments known by name."""

from decimal import Decimal

import pytest

from assay.core.calendars.calendar import CALENDARS, calendar
from assay.core.errors import NotFoundError
from assay.core.instruments import (
    FX_PAIRS,
    KNOWN,
    STANDARD_GRID,
    equity,
    index,
    instrument,
)
from assay.core.values.instrument import AssetClass


def test_the_standard_grid_is_95_series() -> None:
    assert len(set(STANDARD_GRID)) == len(STANDARD_GRID) == 95
    assert len(set(FX_PAIRS)) == 18


@pytest.mark.parametrize("symbol", sorted(KNOWN))
def test_every_instrument_has_a_calendar_and_its_own_name(symbol: str) -> None:
    known = KNOWN[symbol]

    assert calendar(known.calendar).name == known.calendar
    assert known.symbol == symbol == known.base + known.quote
    assert instrument(symbol) is known


@pytest.mark.parametrize("written", ["eurusd", "EUR/USD", "eur-usd", " EUR_USD "])
def test_names_may_be_written_in_many_ways(written: str) -> None:
    assert instrument(written).symbol == "EURUSD"


def test_yen_pairs_have_the_yen_s_tick() -> None:
    assert instrument("USDJPY").tick == Decimal("0.001")
    assert instrument("EURUSD").tick == Decimal("0.00001")


def test_unknown_names_bring_the_nearest_or_the_way_to_make_one() -> None:
    with pytest.raises(NotFoundError, match="did you mean EURUSD"):
        instrument("EURUDS")
    with pytest.raises(NotFoundError, match="known ones are currency pairs"):
        instrument("ZZ9")


def test_shares_and_indices_are_made_by_anyone() -> None:
    share, fund = equity(" aapl "), index("us500")

    assert (share.symbol, share.asset_class, share.calendar) == ("AAPL", AssetClass.EQUITY, "XNYS")
    assert (fund.symbol, fund.asset_class, fund.calendar) == ("US500", AssetClass.INDEX, "CMES")
    assert {"XNYS", "XLON", "XTKS", "CMES"} < set(CALENDARS)
