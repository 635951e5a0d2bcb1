"""The simulated market goes on: what was stored stays, prices and bars follow on without a seam."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from assay.core.calendars.calendar import calendar
from assay.core.errors import NotFoundError
from assay.core.instruments import KNOWN
from assay.core.resample import resample
from assay.core.values.timeframe import Timeframe
from assay.sources.simulation.grid import EPOCH
from assay.sources.simulation.stretches import Origin, State, Stretch, first_state, stretch
from assay.workflows.desk import Desk
from assay.workflows.simulate import PLAN, MarketPlan, simulate
from assay.workflows.ticking import Due, Ticking, origin_of, reach, simulated_series, steps
from tests.workflows.workspace import open_at

SYMBOLS = ("EURUSD", "BTCUSDT")
TIMEFRAMES = (Timeframe.H1, Timeframe.H4, Timeframe.D1)
START = datetime(2016, 1, 4, tzinfo=UTC)
MADE = MarketPlan(7, 0.25, TIMEFRAMES, START, SYMBOLS)
HOURS = 40


@pytest.fixture(scope="module")
def reached(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Stretch]:
    """Return a simulated workspace, and the stretch that comes after what it has."""
    home = tmp_path_factory.mktemp("market")
    desk = market(home)
    simulate(desk, MADE)
    part, _ = reach(origin_of(desk), None, last_of(desk))
    return home, part


def market(home: Path) -> Desk:
    return open_at(home, datetime(2026, 1, 3, 12, tzinfo=UTC))


def last_of(desk: Desk) -> datetime:
    return max(one.last for one in simulated_series(desk))


def gone_on(desk: Desk, part: Stretch, count: int) -> list[Due]:
    """Let the market go on for some steps and return them."""
    ticking = Ticking(desk, lambda: None)
    ticking.now = last_of(desk)
    taken: list[Due] = []
    for step in steps(desk, origin_of(desk), part):
        if len(taken) == count:
            break
        ticking.take(origin_of(desk), step, part)
        taken.append(step)
    return taken


def test_what_goes_on_leaves_what_was_stored_and_is_what_longer_bars_are_made_of(
    reached: tuple[Path, Stretch],
) -> None:
    home, part = reached
    desk = market(home)
    before = {
        (one.symbol, one.timeframe): desk.bars.read(KNOWN[one.symbol], one.timeframe).frame
        for one in simulated_series(desk)
    }

    taken = gone_on(desk, part, HOURS)

    assert [step.at for step in taken] == sorted({step.at for step in taken})
    for (symbol, timeframe), frame in before.items():
        now = desk.bars.read(KNOWN[symbol], timeframe)
        assert now.frame.head(frame.height).equals(frame)
        assert len(now) > frame.height
        shortest = desk.bars.read(KNOWN[symbol], Timeframe.H1)
        whole = resample(shortest, timeframe, calendar(KNOWN[symbol].calendar))
        assert now.frame.equals(whole.frame)
        assert desk.is_simulated(symbol, timeframe)
    seen = desk.documents.stories(list(SYMBOLS), taken[-1].at, taken[0].at, simulated=True)
    assert seen.height > 0


def test_the_price_goes_on_from_where_it_stood(reached: tuple[Path, Stretch]) -> None:
    home, part = reached
    origin = origin_of(market(home))
    state = first_state(origin)
    seam = EPOCH + timedelta(microseconds=state.start_us)
    before = market(home).bars.read(KNOWN["BTCUSDT"], Timeframe.H1, end=seam).frame
    after = part.bars["BTCUSDT"].frame

    assert before["time"][-1] == seam
    assert after["time"][0] == seam + timedelta(hours=1)
    assert abs(after["open"][0] / before["close"][-1] - 1) < 0.005


def test_a_market_left_in_the_middle_goes_on_where_it_was_left(
    reached: tuple[Path, Stretch],
) -> None:
    home, part = reached
    desk = market(home)
    gone_on(desk, part, 5)
    left = last_of(desk)

    following = gone_on(market(home), part, 1)[0]

    assert following.at == left + timedelta(hours=1)


def test_the_same_state_gives_the_same_stretch_and_edges_stay(
    reached: tuple[Path, Stretch],
) -> None:
    origin = origin_of(market(reached[0]))
    state = first_state(origin)

    (one, end), (again, same_end) = stretch(origin, state), stretch(origin, state)

    assert end == same_end
    assert all(one.bars[symbol].frame.equals(again.bars[symbol].frame) for symbol in SYMBOLS)
    assert (one.stories, one.releases) == (again.stories, again.releases)
    for symbol in SYMBOLS:
        first, then = state.carries[symbol], end.carries[symbol]
        assert (first.amplitude, first.attempt, first.spread) == (
            then.amplitude,
            then.attempt,
            then.spread,
        )


def test_figures_are_published_on_the_same_days_as_if_the_market_were_longer(
    reached: tuple[Path, Stretch],
) -> None:
    from assay.sources.adapters.simulated import Simulated

    home, part = reached
    origin = origin_of(market(home))
    longer = Simulated(seed=7, years=1.0, start=START, instruments=[KNOWN["EURUSD"]])
    begin = EPOCH + timedelta(microseconds=first_state(origin).start_us)
    last = part.releases[-1].event_at

    expected = [one for one in longer.releases() if begin < one.event_at <= last]

    assert [(one.series, one.event_at, one.actual) for one in part.releases] == [
        (one.series, one.event_at, one.actual) for one in expected
    ]


def test_without_a_simulated_market_nothing_goes_on(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="no simulated market"):
        origin_of(market(tmp_path))


def test_what_it_was_made_with_is_kept_and_else_found_out(reached: tuple[Path, Stretch]) -> None:
    desk = market(reached[0])
    written = origin_of(desk)
    assert isinstance(written, Origin)
    assert written.hours == round(0.25 * 8766)
    assert "kind" not in (desk.home / PLAN).read_text()
    assert isinstance(first_state(written), State)
