"""Settings are told without a secret in them."""

from datetime import UTC, datetime
from pathlib import Path

from starlette.testclient import TestClient

from assay.api.serving import Serving
from assay.core.secret import Secret
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Limit
from assay.workflows.chosen import host_of
from assay.workflows.macro.feed import MacroFeed
from assay.workflows.news.planning import NewsFeed
from assay.workflows.syncing.feeds import Feed, Terms
from tests.api.conftest import asking, parts_over

HERE = "/api/v1/settings"
CANARY = "kY7-canary"


def test_a_workspace_says_what_it_is_set_to(client: TestClient, own: Path) -> None:
    found = client.get(HERE).json()

    assert (found["home"], found["seed"], found["jobs"]) == (str(own), 7, 1)
    assert (found["database_url"], found["redis_url"]) == ("not set", "not set")
    assert (found["feeds"], found["news"], found["providers"]) == ([], None, [])
    assert (found["serve"]["port"], found["serve"]["encrypted"]) == (8420, False)
    assert set(found["secrets"].values()) == {"not set"}


def test_no_secret_is_in_it_wherever_one_may_stand(own: Path) -> None:
    parts = parts_over(own, Serving(redis_url=f"redis://:{CANARY}@cache.example.org/0"))
    desk = parts.desk
    client = asking(parts)
    desk.database_url = f"postgresql+pg8000://ann:{CANARY}@db.example.org/assay"
    desk.secret = lambda name: Secret(CANARY) if name == "ASSAY_ALPACA_KEY" else None
    since = datetime(2022, 1, 1, tzinfo=UTC)
    desk.feeds = {"EURUSD": Feed("EURUSD", ("dukascopy",), (Timeframe.H1,), since)}
    desk.news = NewsFeed(("rss",))
    desk.macro = MacroFeed(("fred",), ("USD",))
    desk.terms = {
        "rss": Terms(places=(f"https://feeds.example.org/{CANARY}/all?key={CANARY}", "forex")),
        "massive": Terms(
            limits=(Limit(5, 60),), address=f"https://ann:{CANARY}@127.0.0.1:9/x", zone="UTC"
        ),
    }

    answer = client.get(HERE)

    found = answer.json()
    assert CANARY not in answer.text
    assert (found["database_url"], found["redis_url"]) == ("set", "set")
    assert found["secrets"]["ASSAY_ALPACA_KEY"] == "set"
    assert found["secrets"]["ASSAY_ALPACA_SECRET"] == "not set"
    assert found["feeds"][0] == {
        "symbol": "EURUSD",
        "sources": ["dukascopy"],
        "timeframes": ["1h"],
        "since": "2022-01-01T00:00:00Z",
    }
    providers = {one["name"]: one for one in found["providers"]}
    assert providers["rss"]["places"] == ["feeds.example.org", "forex"]
    assert (providers["massive"]["address"], providers["massive"]["limits"]) == (
        "127.0.0.1",
        [[5, 60.0]],
    )
    desk.close()


def test_only_the_host_of_an_address_is_told() -> None:
    for place in (
        f"https://example.org/{CANARY}",
        f"https://ann:{CANARY}@example.org",
        f"ann:{CANARY}@example.org",
        f"example.org/{CANARY}",
        f"//example.org?{CANARY}",
    ):
        assert host_of(place) == "example.org"
    assert host_of(f"file:///{CANARY}") == "set"
