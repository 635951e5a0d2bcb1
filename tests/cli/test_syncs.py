"""`assay data sources|sync|backfill|fill-gaps|reconcile|watch` as a person runs them."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
import stamina

from assay.app import folder_of, open_desk
from assay.cli.main import run
from assay.sources.wire.http import ATTEMPTS
from tests.cli.conftest import Said
from tests.doubles import faults
from tests.doubles.finnhub import Finnhub
from tests.doubles.massive import Massive
from tests.doubles.server import GOOD_KEY, Double, Served

SETTINGS = """
[feeds.EURUSD]
sources = ["massive", "finnhub"]
timeframes = ["15m", "4h"]
since = 2026-11-10

[feeds.AAPL]
sources = ["massive"]
timeframes = ["30m"]
since = 2026-11-10
kind = "equity"
"""


class Person:
    """Somebody at a command line, with a workspace whose sources are doubles."""

    def __init__(self, home: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.home, self._capsys = home, capsys
        self.doubles: dict[str, Double] = {"massive": Massive(), "finnhub": Finnhub()}

    def configure(self, addresses: dict[str, str], settings: str = SETTINGS) -> None:
        self.home.mkdir(exist_ok=True)
        providers = "".join(
            f'\n[providers.{name}]\naddress = "{address}"\nlimits = []\n'
            for name, address in addresses.items()
        )
        (self.home / "assay.toml").write_text(settings + providers)

    def runs(self, *words: str) -> Said:
        code = run(["--home", str(self.home), *words], open_desk, folder_of)
        said = self._capsys.readouterr()
        return Said(code, said.out, said.err)


@pytest.fixture
def person(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Person]:
    for name in ("MASSIVE", "FINNHUB"):
        monkeypatch.setenv(f"ASSAY_{name}_KEY", GOOD_KEY)
    found = Person(tmp_path / "home", capsys)
    stamina.set_testing(True, attempts=ATTEMPTS)
    with ExitStack() as stack:
        served = {n: stack.enter_context(Served(one)).address for n, one in found.doubles.items()}
        found.configure(served)
        yield found
    stamina.set_testing(False)


def test_sources_say_what_they_have_and_whether_their_key_is_there(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("ASSAY_FINNHUB_KEY")

    table = person.runs("data", "sources")
    every = person.runs("data", "sources", "--json").json
    found = {one["name"]: one for one in every if one["gives"] == "bars"}
    one = person.runs("data", "sources", "polygon")

    assert table.code == one.code == 0
    assert found["massive"]["key"] == "present"
    assert found["finnhub"]["key"] == "missing"
    assert found["finnhub"]["variables"] == ["ASSAY_FINNHUB_KEY"]
    assert found["yahoo"]["key"] == "none needed"
    assert {"binance", "binanceus", "alpaca", "coingecko", "metatrader5"} <= set(found)
    assert {"rss", "newsapi"} <= {one["name"] for one in every if one["gives"] == "news"}
    assert "fred" in {one["name"] for one in every if one["gives"] == "figures"}
    assert all(entry["licence"] and entry["document"] for entry in every)
    assert "Massive" in one.out
    assert GOOD_KEY not in table.out + one.out + json.dumps(found)


def test_an_exchange_of_ccxt_says_what_it_gives_itself(person: Person) -> None:
    names = ("ccxt:kraken", "ccxt:bitstamp")
    live = {
        one["name"]: bool(one["live"])
        for one in person.runs("data", "sources", *names, "--json").json
    }

    assert live == {"ccxt:kraken": True, "ccxt:bitstamp": False}


def test_a_source_nobody_knows_is_named_with_those_that_are_near(person: Person) -> None:
    said = person.runs("data", "sources", "masive")

    assert said.code == 2
    assert "massive" in said.err


def test_a_plan_says_what_it_costs_and_asks_nothing(person: Person) -> None:
    said = person.runs("data", "sync", "--dry-run")
    plan = person.runs("data", "sync", "--dry-run", "--json").json

    assert said.code == 0
    assert "about 3 of massive" in said.out
    assert plan["cost"] == {"massive": 3}
    assert [(q["symbol"], q["timeframe"], q["part"]) for q in plan["questions"]] == [
        ("EURUSD", "15m", "first"),
        ("EURUSD", "1h", "first"),
        ("AAPL", "30m", "first"),
    ]
    assert not any(double.asked for double in person.doubles.values())


def test_a_sync_stores_bars_and_says_how_many(person: Person) -> None:
    first = person.runs("data", "sync", "--json")
    again = person.runs("data", "sync")
    listed = person.runs("data", "list", "--json").json

    added = {(one["symbol"], one["timeframe"]): one["added"] for one in first.json["synced"]}
    assert first.code == again.code == 0
    assert added["EURUSD", "15m"] > 700
    assert "massive" in again.out
    assert [(one["symbol"], one["timeframe"], one["source"]) for one in listed] == [
        ("AAPL", "30m", "massive"),
        ("EURUSD", "15m", "massive"),
        ("EURUSD", "1h", "massive"),
        ("EURUSD", "4h", "resampled:1h"),
    ]


def test_a_source_that_is_down_is_said_and_the_next_one_serves(person: Person) -> None:
    person.doubles["massive"].always = faults.broken(503)

    said = person.runs("data", "sync")

    assert said.code == 1
    assert "EURUSD 15m from massive: Massive is out of order" in said.err
    assert "AAPL 30m from massive: Massive is out of order" in said.err
    assert "finnhub" in said.out
    listed = person.runs("data", "list", "--json").json
    assert {one["symbol"] for one in listed} == {"EURUSD"}


def test_a_wrong_key_is_one_sentence_and_shown_nowhere(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_MASSIVE_KEY", "canary-77aa01")

    said = person.runs("data", "sync", "AAPL")

    assert said.code == 1
    assert "ASSAY_MASSIVE_KEY" in said.err
    written = [path.read_bytes() for path in person.home.rglob("*") if path.is_file()]
    assert all(b"canary-77aa01" not in content for content in written)
    assert "canary-77aa01" not in said.out + said.err


def test_a_backfill_names_its_source_and_goes_further_back_later(person: Person) -> None:
    words = ("data", "backfill", "finnhub", "USDJPY", "--timeframe", "15m", "--json")

    first = person.runs(*words, "--since", "2026-11-16")
    second = person.runs(*words, "--since", "2026-11-12")

    assert first.code == second.code == 0
    [one] = second.json["synced"]
    assert one["filled"] > 100
    assert one["sources"] == ["finnhub"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("backfill", "massive", "EURUSD", "--timeframe", "3m"), "timeframe"),
        (("backfill", "massive", "EURUSD", "--since", "2099-01-01"), "past"),
        (("backfill", "massive", "EURUSD", "--since", "soon"), "--since"),
        (("backfill", "nobody", "EURUSD"), "source"),
        (("backfill", "massive", "AAPL"), "--class equity"),
        (("backfill", "massive", "AAPL", "--class", "share"), "share"),
        (("sync", "NOPE"), "feed"),
        (("watch", "NOPE"), "feed"),
        (("reconcile", "NOPE"), "feed"),
        (("fill-gaps", "NOPE"), "feed"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(
    person: Person, words: tuple[str, ...], said: str
) -> None:
    found = person.runs("data", *words)

    assert found.code in (1, 2)
    assert said in found.err
    assert "Traceback" not in found.err


def test_without_feeds_a_sync_shows_how_to_write_one(person: Person) -> None:
    (person.home / "assay.toml").write_text("")

    said = person.runs("data", "sync")

    assert said.code == 2
    assert "[feeds.EURUSD]" in said.err


def test_gaps_are_asked_of_the_second_source(person: Person) -> None:
    person.doubles["massive"].spoil = lambda rows: [
        row for row in rows if row.opened // 900_000_000 % 30
    ]
    person.runs("data", "sync", "EURUSD")

    said = person.runs("data", "fill-gaps", "EURUSD", "--json")

    assert said.code == 0
    assert {s for one in said.json["synced"] for s in one["sources"]} == {"finnhub"}
    assert sum(one["filled"] for one in said.json["synced"]) > 20


def test_sources_are_compared_and_the_difference_is_said(person: Person) -> None:
    person.doubles["finnhub"].spoil = lambda rows: [
        row._replace(**{n: getattr(row, n) * 1.01 for n in ("open", "high", "low", "close")})
        for row in rows
    ]
    person.runs("data", "sync", "EURUSD")

    said = person.runs("data", "reconcile", "EURUSD")

    assert said.code == 0
    assert "adjustment" in said.out
    assert "finnhub tells prices 1.01 times those of massive" in said.out


def test_a_watch_ends_with_ctrl_c_and_tells_what_happened(person: Person) -> None:
    process = subprocess.Popen(
        [sys.executable, "-m", "assay", "--home", str(person.home), "data", "watch", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=dict(os.environ),
        text=True,
    )
    until = time.monotonic() + 30
    while len(list(person.home.glob("bars/symbol=*/timeframe=*"))) < 3 and time.monotonic() < until:
        time.sleep(0.05)
    time.sleep(0.3)

    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)

    events = [json.loads(line) for line in out.splitlines()]
    assert process.returncode == 130, err
    assert {event["what"] for event in events} >= {"bars"}
    assert "nothing is half-written" in err
