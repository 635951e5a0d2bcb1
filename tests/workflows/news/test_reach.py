"""A provider of news is reached under the name, the key and the allowance of its bars."""

from pathlib import Path

import pytest

from assay.core.errors import NotFoundError
from assay.core.secret import Secret
from assay.sources.catalog import NEWS
from assay.sources.wire.http import account
from assay.workflows.syncing.feeds import Reach, Terms
from tests.doubles.market import NOW
from tests.workflows.workspace import HandClock

TERMS = {
    "alpaca": Terms(address="http://here", symbols={"BTCUSD": "BTC/USD"}),
    "alpaca_news": Terms(symbols={"BTCUSD": "BTCUSD"}),
    "rss": Terms(places=("https://wire.example/feed",), symbols={"AAPL": "apple"}),
}


@pytest.fixture
def reach(tmp_path: Path) -> Reach:
    return Reach(tmp_path, HandClock(NOW), TERMS, Secret)


def test_every_adapter_is_reached_under_the_name_that_is_listed(reach: Reach) -> None:
    kinds = {type(reach.news(name)) for name in reach.news_names()}

    assert kinds == {NEWS.get(name) for name in NEWS.names()}
    assert {"alpaca", "reddit", "rss", "x"} <= set(reach.news_names())


@pytest.mark.parametrize("name", ["alpaca", "alpaca_news"])
def test_key_and_allowance_are_those_of_its_bars(reach: Reach, name: str) -> None:
    news, bars = reach.news(name).access, reach.provider("alpaca").access

    assert news.secrets == bars.secrets
    assert news.where("key") == "ASSAY_ALPACA_KEY (or ASSAY_ALPACA_KEY_FILE)"
    names = [account(one.name, tuple(one.secrets.values())) for one in (news, bars)]
    assert names[0] == names[1]
    assert news.address == "http://here"


def test_what_a_person_calls_instruments_for_bars_is_no_name_for_news(reach: Reach) -> None:
    assert reach.news("alpaca").access.symbols == {"BTCUSD": "BTCUSD"}
    assert reach.news("finnhub").access.symbols == {}
    assert reach.news("rss").access.symbols == {"AAPL": "apple"}


def test_a_name_that_nobody_has_is_named_with_those_there_are(reach: Reach) -> None:
    with pytest.raises(NotFoundError, match="alpaca"):
        reach.news("reuters")
