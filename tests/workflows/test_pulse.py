"""The pulse says what changed in the stores, whoever wrote it, once."""

from datetime import timedelta
from pathlib import Path

import pytest

from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.store.jobs import Jobs
from assay.store.leases import Leases
from assay.workflows.gather import Series
from assay.workflows.issue import issue
from assay.workflows.pulse import BarsCame, Pulse
from assay.workflows.syncing.feeds import Feed
from tests.workflows.workspace import open_at, trending_bars

H1 = Timeframe.H1


def one_more(home: Path) -> Bars:
    """Store one more bar, as another process would, and return it."""
    bars = trending_bars()
    last = bars.frame.tail(1)
    fresh = Bars(bars.instrument, H1, last.with_columns(time=last["time"].dt.offset_by("1h")))
    desk = open_at(home, fresh.last_time + timedelta(hours=1))
    desk.bars.append(fresh, source="test", known_at=desk.clock.now())
    return fresh


def test_the_first_look_only_looks_and_nothing_new_is_nothing(own: Path) -> None:
    pulse = Pulse(open_at(own))

    assert pulse.look() == []
    assert pulse.look() == []


def test_a_bar_of_another_process_is_told_once(own: Path) -> None:
    pulse = Pulse(open_at(own))
    pulse.look()

    fresh = one_more(own)
    found = pulse.look()

    assert len(found) == 1
    came = found[0]
    assert isinstance(came, BarsCame)
    assert (came.series, came.last, came.has_closed) == (
        Series("EURUSD", H1),
        fresh.last_time,
        True,
    )
    assert came.topic == "bars:EURUSD:1h"
    assert came.data["bar"]["close"] == fresh.frame["close"][0]
    assert pulse.look() == []


def test_a_correction_is_told_as_one_and_closes_no_bar(own: Path) -> None:
    bars = trending_bars()
    desk = open_at(own, bars.last_time + timedelta(days=1))
    pulse = Pulse(desk)
    pulse.look()

    row = bars.frame[-10:-9]
    wrong = Bars(bars.instrument, H1, row.with_columns(volume=row["volume"] + 1))
    desk.bars.correct(wrong, reason="a test", known_at=desk.clock.now())
    (came,) = pulse.look()

    assert isinstance(came, BarsCame)
    assert (came.data["corrected"], came.data["added"], came.has_closed) == (True, 0, False)


def test_a_signal_is_told_and_an_alert_when_it_reaches_high(own: Path) -> None:
    desk = open_at(own, trending_bars().last_time + timedelta(hours=1))
    pulse = Pulse(desk)
    pulse.look()

    row = issue(desk, "EURUSD", H1)
    found = pulse.look()

    (signal,) = [one for one in found if one.topic == "signals"]
    assert signal.data["id"] == row.id
    assert (signal.data["tier"], signal.data["score"]) == (row.tier, row.conviction)
    alerts = [one for one in found if one.topic == "alerts"]
    assert [one.data["kind"] for one in alerts] == (["signal_high"] if row.tier == "HIGH" else [])


def test_a_failed_job_is_told_with_its_reason(own: Path) -> None:
    desk = open_at(own)
    pulse = Pulse(desk)
    pulse.look()
    now = desk.clock.now()
    job, _ = Jobs(desk.database).add("sync", {}, "test", asked_by="test", at=now, most_attempts=1)

    (queued,) = pulse.look()

    assert (queued.topic, queued.data["id"], queued.data["state"]) == ("jobs", job.id, "queued")
    leases = Leases(desk.database)
    held = leases.claim("worker", now, {"sync": timedelta(minutes=1)})
    assert held is not None
    pulse.look()
    leases.fail(held.lease, now, "the provider was away")
    failed, alert = pulse.look()
    assert (failed.data["state"], failed.data["error"]) == ("failed", "the provider was away")
    assert (alert.topic, alert.data["kind"]) == ("alerts", "job_failed")
    assert alert.data["sentence"].endswith("has failed: the provider was away")


def test_a_live_feed_that_falls_silent_is_told_once(own: Path) -> None:
    last = trending_bars().last_time
    desk = open_at(own, last + timedelta(days=7))
    desk.feeds = {"EURUSD": Feed("EURUSD", ("test",), (H1,), None, None, None, ())}
    pulse = Pulse(desk)
    pulse.look()

    first, again = pulse.silences(), pulse.silences()

    kinds = [one.data["kind"] for one in first]
    assert kinds
    assert set(kinds) == {"feed_silent"}
    assert "is silent" in first[0].data["sentence"]
    assert again == []


def test_a_store_that_cannot_be_read_is_a_problem_and_not_an_end(own: Path) -> None:
    pulse = Pulse(open_at(own))
    pulse.look()
    manifest = own / "bars" / "symbol=EURUSD" / "timeframe=1h" / "manifest.json"
    whole = manifest.read_bytes()

    manifest.write_bytes(b"{")
    pulse.look()
    said = dict(pulse.problems)
    manifest.write_bytes(whole)
    pulse.look()

    assert "damaged" in said["bars"]
    assert pulse.problems == {}


@pytest.mark.parametrize("count", [3])
def test_a_quiet_look_opens_no_file(own: Path, count: int, monkeypatch: pytest.MonkeyPatch) -> None:
    desk = open_at(own)
    pulse = Pulse(desk)
    pulse.look()

    def refuse(*_: object) -> None:
        raise AssertionError("a file was opened")

    monkeypatch.setattr(desk.bars, "info", refuse)

    assert [pulse.look() for _ in range(count)] == [[]] * count
