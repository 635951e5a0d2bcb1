"""What is special about exchanges, of whatever language: history, silence, names, ccxt itself."""

import subprocess
import sys
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import stamina
from polars.testing import assert_frame_equal

from assay.core.errors import MissingExtraError, NotFoundError, RefusedError
from assay.core.values.timeframe import Timeframe
from assay.sources.provider import Limit
from tests.doubles import faults
from tests.doubles.binance import Binance
from tests.doubles.bitstamp import Bitstamp
from tests.doubles.kraken import MOST, Kraken
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.reach import Reached, reached
from tests.doubles.server import Double, Reply, Row

M1, M5, D1 = Timeframe.M1, Timeframe.M5, Timeframe.D1


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=2)
    yield
    stamina.set_testing(False)


@pytest.fixture
def kraken() -> Iterator[Reached]:
    with reached(Kraken) as found:
        yield found


@pytest.fixture
def bitstamp() -> Iterator[Reached]:
    with reached(Bitstamp) as found:
        yield found


def codes(here: Reached, timeframe: Timeframe, start: datetime) -> set[str]:
    page = here.provider.page(known("BTCUSD"), timeframe, start, NOW)
    return {note.code for note in page.notes}


def named(here: Reached, name: str) -> Reached:
    """Return the same adapter for another exchange."""
    provider = here.provider
    return replace(here, provider=type(provider)(replace(provider.access, name=name)))


def test_what_an_exchange_does_not_give_any_more_is_said(kraken: Reached) -> None:
    start = NOW - timedelta(days=30)

    page = kraken.provider.page(known("BTCUSD"), M5, start, NOW)

    (note,) = (one for one in page.notes if one.code == "history_short")
    assert "2026-10-21 15:07" in note.sentence
    assert f"{page.bars.frame['time'][0] - M5.length:%Y-%m-%d %H:%M}" in note.sentence
    want = kraken.double.truth("BTCUSD", M5, start, NOW).tail(len(page.bars))
    assert_frame_equal(page.bars.frame, want, check_exact=True)
    assert len(page.bars) == MOST - 1
    assert page.through == NOW


def test_within_its_reach_nothing_is_said(kraken: Reached) -> None:
    start = kraken.provider.earliest(M1)

    assert start == NOW - timedelta(minutes=MOST - 1)
    assert not codes(kraken, M1, start)


def test_even_an_hour_out_of_its_reach_is_said(kraken: Reached) -> None:
    assert codes(kraken, M1, NOW - timedelta(minutes=MOST + 60)) == {"history_short"}


def test_a_coin_that_is_younger_than_was_asked_for_is_noted(bitstamp: Reached) -> None:
    assert codes(bitstamp, M5, BEGAN - timedelta(days=3)) == {"history_short"}
    assert not codes(bitstamp, M5, BEGAN)


def test_years_of_silence_are_crossed_in_few_calls(bitstamp: Reached) -> None:
    start = datetime(2015, 1, 1, tzinfo=UTC)

    found = bitstamp.provider.bars(known("BTCUSDT"), M5, start, NOW)

    want = bitstamp.double.truth("BTCUSDT", M5, start, NOW)
    assert_frame_equal(found.bars.frame, want, check_exact=True)
    assert len(bitstamp.double.asked) < 40


def test_trades_late_on_a_day_after_a_silence_are_not_jumped_over(bitstamp: Reached) -> None:
    evening = BEGAN + timedelta(hours=19, minutes=37)
    bitstamp.double.spoil = lambda rows: [
        row for row in rows if row.opened >= evening.timestamp() * 1e6 or _is_midnight(row)
    ]
    start = BEGAN - timedelta(minutes=1500)

    found = bitstamp.provider.bars(known("BTCUSDT"), M1, start, BEGAN + timedelta(days=1))

    want = bitstamp.double.truth("BTCUSDT", M1, evening, BEGAN + timedelta(days=1))
    missing = want.join(found.bars.frame, on="time", how="anti")
    assert missing.is_empty()


def _is_midnight(row: Row) -> bool:
    return row.opened % 86_400_000_000 == 0


def test_a_day_that_begins_at_another_hour_is_left_out_and_the_others_keep_theirs(
    bitstamp: Reached,
) -> None:
    def spoil(rows: list[Row]) -> list[Row]:
        return [*rows[:5], rows[5]._replace(opened=rows[5].opened + 57_600_000_000), *rows[6:]]

    bitstamp.double.spoil = spoil

    page = bitstamp.provider.page(known("BTCUSD"), D1, BEGAN, NOW)

    want = bitstamp.double.truth("BTCUSD", D1, BEGAN, NOW)
    missing = want.join(page.bars.frame, on="time", how="anti")
    assert missing.height == 1
    assert_frame_equal(page.bars.frame, want.join(missing, on="time", how="anti"))
    assert "off_grid" in {note.code for note in page.notes}


def test_a_clock_that_is_ahead_does_not_make_it_ask_for_ever(bitstamp: Reached) -> None:
    bitstamp.hands.at = NOW + timedelta(hours=30)

    found = bitstamp.provider.bars(known("BTCUSD"), M5, NOW - timedelta(hours=3))

    assert found.bars.last_time <= NOW
    assert len(bitstamp.double.asked) < 5


def test_an_absurd_time_is_left_out(bitstamp: Reached) -> None:
    bitstamp.double.spoil = lambda rows: [*rows[:-1], rows[-1]._replace(opened=9 * 10**17)]

    page = bitstamp.provider.page(known("BTCUSD"), M5, NOW - timedelta(hours=8), NOW)

    assert len(page.bars) > 80
    assert page.through <= NOW


def test_the_pace_is_the_one_ccxt_knows(kraken: Reached) -> None:
    limits: set[Limit] = set()
    take = kraken.hands.take

    class Watching:
        def take(self, name: str, allowed: tuple[Limit, ...], cost: int) -> float:
            limits.update(allowed)
            return take(name, allowed, cost)

        def pause(self, name: str, seconds: float) -> None: ...

    access = replace(kraken.provider.access, budget=Watching())  # type: ignore[arg-type]
    provider = type(kraken.provider)(access)

    provider.page(known("BTCUSD"), M5, NOW - timedelta(hours=5), NOW)

    assert limits == {Limit(60, 60)}
    assert kraken.hands.taken == [("ccxt:kraken", 1), ("ccxt:kraken", 2)]


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("ccxt:krakn", ["Krakn", "did you mean kraken"]),
        ("ccxt:bitflyer", ["Bitflyer", "no bars"]),
        ("ccxt", ["ccxt:kraken"]),
    ],
)
def test_an_exchange_that_does_not_do_is_named(
    kraken: Reached, name: str, words: list[str]
) -> None:
    with pytest.raises(NotFoundError) as caught:
        named(kraken, name).provider.page(known("BTCUSD"), M5, BEGAN, NOW)

    assert all(word in str(caught.value) for word in words)
    assert not kraken.double.asked


def test_without_ccxt_it_says_what_to_install(
    kraken: Reached, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "ccxt", None)

    with pytest.raises(MissingExtraError) as caught:
        kraken.provider.page(known("BTCUSD"), M5, BEGAN, NOW)

    assert "assay[live]" in str(caught.value)


def test_to_look_at_an_adapter_imports_no_ccxt() -> None:
    looked = (
        "import sys; from assay.sources.catalog import SOURCES;"
        "[SOURCES.get(name).abilities for name in ('binance', 'binanceus', 'ccxt')];"
        "sys.exit('ccxt' in sys.modules)"
    )

    done = subprocess.run([sys.executable, "-c", looked], check=False)

    assert done.returncode == 0


@pytest.mark.parametrize(("symbol", "id_"), [("BTC/USDT", "slash"), ("XBTUSDT", "own")])
def test_a_person_may_name_a_market_in_either_way(symbol: str, id_: str) -> None:
    with reached(Kraken, symbols={"BTCUSD": symbol}) as here:
        page = here.provider.page(known("BTCUSD"), M5, NOW - timedelta(hours=5), NOW)

        want = here.double.truth("BTCUSDT", M5, NOW - timedelta(hours=5), NOW)
        assert_frame_equal(page.bars.frame, want, check_exact=True)


@pytest.mark.parametrize("kind", [Binance, Bitstamp])
def test_dollars_are_not_tethers(kind: type[Double]) -> None:
    with reached(kind) as here:
        here.double.symbols = {"BTCUSDT": here.double.symbols["BTCUSDT"]}  # type: ignore[misc]

        with pytest.raises(NotFoundError) as caught:
            here.provider.page(known("BTCUSD"), M5, BEGAN, NOW)

    assert "BTC/USD" in str(caught.value)


def test_errors_of_an_exchange_are_said_in_its_own_words(kraken: Reached) -> None:
    kraken.double.faults.append(lambda _: Reply(b'{"error": ["EGeneral:Permission denied"]}'))

    with pytest.raises(RefusedError) as caught:
        kraken.provider.page(known("BTCUSD"), M5, BEGAN, NOW)

    assert "EGeneral:Permission denied" in str(caught.value)
    assert len(kraken.double.asked) == 1


def test_an_exchange_that_says_with_a_good_status_that_it_is_busy_is_asked_again(
    kraken: Reached,
) -> None:
    kraken.double.faults.append(lambda _: Reply(b'{"error": ["EGeneral:Too many requests"]}'))

    page = kraken.provider.page(known("BTCUSD"), M5, NOW - timedelta(hours=5), NOW)

    assert len(page.bars) > 50


def test_a_gap_stays_a_gap(kraken: Reached) -> None:
    kraken.double.spoil = lambda rows: rows[:100] + rows[130:]

    page = kraken.provider.page(known("BTCUSD"), M5, NOW - timedelta(days=2), NOW)

    want = kraken.double.truth("BTCUSD", M5, NOW - timedelta(days=2), NOW)
    assert want.height - len(page.bars) == 30


def test_markets_are_asked_for_once(kraken: Reached) -> None:
    for hours in (5, 4, 3):
        kraken.provider.page(known("BTCUSD"), M5, NOW - timedelta(hours=hours), NOW)
    kraken.provider.close()

    assert [one.path for one in kraken.double.asked].count("/0/public/AssetPairs") == 1


def test_a_fault_while_the_markets_come_is_not_remembered(kraken: Reached) -> None:
    kraken.double.always = faults.broken()
    with pytest.raises(Exception, match="Kraken"):
        kraken.provider.page(known("BTCUSD"), M5, BEGAN, NOW)
    kraken.double.always = None

    page = kraken.provider.page(known("BTCUSD"), M5, NOW - timedelta(hours=5), NOW)

    assert len(page.bars) > 50
