import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import polars as pl
import pytest

from assay.core.errors import DataError, NotFoundError, StoreError
from assay.core.instruments import equity, instrument
from assay.core.values.bars import BAR_SCHEMA, Bars
from assay.core.values.timeframe import Timeframe
from assay.store.bars import BarStore
from assay.store.rows import content_hash
from tests.factories import make_bars

START = datetime(2020, 12, 29, tzinfo=UTC)
MONDAY = datetime(2026, 3, 2, 12, tzinfo=UTC)
H1 = Timeframe.H1


@pytest.fixture
def store(tmp_path: Path) -> BarStore:
    return BarStore(tmp_path)


def some(bars: Bars, start: int, stop: int) -> Bars:
    return Bars(bars.instrument, bars.timeframe, bars.frame[start:stop])


def shifted(bars: Bars, factor: float = 1.01) -> Bars:
    prices = [pl.col(name) * factor for name in ("open", "high", "low", "close")]
    return Bars(bars.instrument, bars.timeframe, bars.frame.with_columns(prices))


def files(root: Path) -> list[Path]:
    return [p for p in root.rglob("*") if p.suffix in (".parquet", ".tmp")]


def test_bars_come_back_as_they_went_in(store: BarStore) -> None:
    bars = make_bars(300, start=START)

    added = store.append(bars, source="file", known_at=MONDAY)

    found = store.read(bars.instrument, H1)
    assert added == 300
    assert found.frame.equals(bars.frame)
    assert found.frame.schema == BAR_SCHEMA
    years = {p.parent.name for p in files(store.root)}
    assert years == {"year=2020", "year=2021"}


def test_any_parquet_reader_sees_the_partitions(store: BarStore) -> None:
    bars = make_bars(300, start=START)
    store.append(bars, source="file", known_at=MONDAY)

    found = pl.read_parquet(store.root / "**/*.parquet", hive_partitioning=True)

    assert found["symbol"].unique().to_list() == ["EURUSD"]
    assert found["year"].unique().sort().to_list() == [2020, 2021]
    assert found.height == 300


def test_appending_again_is_harmless_and_overlap_is_passed_over(store: BarStore) -> None:
    bars = make_bars(300)
    store.append(some(bars, 0, 200), source="file", known_at=MONDAY)
    before = store.info("EURUSD", H1)

    again = store.append(some(bars, 50, 200), source="file", known_at=MONDAY - timedelta(days=9))
    after = store.info("EURUSD", H1)
    more = store.append(some(bars, 150, 300), source="file", known_at=MONDAY)

    assert (again, more) == (0, 100)
    assert before == after
    assert store.read(bars.instrument, H1).frame.equals(bars.frame)


def test_bars_that_differ_are_refused_with_the_first(store: BarStore) -> None:
    bars = make_bars(100)
    store.append(bars, source="file", known_at=MONDAY)
    other = Bars(bars.instrument, H1, pl.concat([bars.frame[:90], shifted(bars).frame[90:]]))

    told = r"10 of 100 bars .* first at .*assay data correct"
    with pytest.raises(DataError, match=told) as caught:
        store.append(other, source="file", known_at=MONDAY)

    assert str(bars.frame["time"][90]) in str(caught.value)
    assert store.read(bars.instrument, H1).frame.equals(bars.frame)


def test_a_bar_missing_in_the_middle_needs_a_correction(store: BarStore) -> None:
    bars = make_bars(100)
    holed = Bars(bars.instrument, H1, pl.concat([bars.frame[:50], bars.frame[51:]]))
    store.append(holed, source="file", known_at=MONDAY)

    with pytest.raises(DataError, match="no bar is stored there"):
        store.append(bars, source="file", known_at=MONDAY)
    later = MONDAY + timedelta(hours=1)
    changed = store.correct(bars, reason="late bar", known_at=later)

    assert changed == 1
    assert store.read(bars.instrument, H1).frame.equals(bars.frame)
    assert store.read(bars.instrument, H1, known_at=MONDAY).frame.equals(holed.frame)


def test_older_versions_stay_readable(store: BarStore) -> None:
    bars = make_bars(300, start=START)
    store.append(bars, source="file", known_at=MONDAY)
    first, second = MONDAY + timedelta(hours=1), MONDAY + timedelta(hours=2)
    once = some(shifted(bars), 50, 60)
    twice = some(shifted(bars, 1.02), 55, 58)

    counts = (
        store.correct(once, reason="feed error", known_at=first),
        store.correct(twice, reason="feed error again", known_at=second),
    )

    frames = [
        bars.frame,
        pl.concat([bars.frame[:50], once.frame, bars.frame[60:]]),
        pl.concat([bars.frame[:50], once.frame[:5], twice.frame, once.frame[8:], bars.frame[60:]]),
    ]
    assert counts == (10, 3)
    for moment, frame in zip((MONDAY, first, second), frames, strict=True):
        assert store.read(bars.instrument, H1, known_at=moment).frame.equals(frame)
        just_before = store.read(
            bars.instrument, H1, known_at=moment + timedelta(hours=1) - timedelta(microseconds=1)
        )
        assert just_before.frame.equals(frame)
    assert store.read(bars.instrument, H1).frame.equals(frames[2])
    assert len(store.read(bars.instrument, H1, known_at=MONDAY - timedelta(seconds=1))) == 0
    info = store.info("EURUSD", H1)
    assert (info.rows, info.corrections, info.superseded) == (300, 2, 13)
    assert [c.reason for c in store.changes("EURUSD", H1)] == [
        None,
        "feed error",
        "feed error again",
    ]


def test_what_was_not_known_yet_is_not_read(store: BarStore) -> None:
    bars = make_bars(300, start=START)
    for i in range(3):
        part = some(bars, 100 * i, 100 * i + 100)
        store.append(part, source="feed", known_at=MONDAY + timedelta(hours=i))

    heights = [
        len(store.read(bars.instrument, H1, known_at=MONDAY + timedelta(hours=i)))
        for i in (-1, 0, 1, 2)
    ]

    assert heights == [0, 100, 200, 300]


def test_a_bar_cannot_be_known_before_it_closed(store: BarStore) -> None:
    bars = make_bars(10)

    with pytest.raises(DataError, match="still open"):
        store.append(bars, source="x", known_at=bars.last_time - timedelta(microseconds=1))

    assert store.series() == []
    assert store.append(bars, source="x", known_at=bars.last_time) == 10


def test_the_past_is_not_rewritten_by_an_earlier_clock(store: BarStore) -> None:
    bars = make_bars(100)
    store.append(some(bars, 0, 50), source="x", known_at=MONDAY)

    with pytest.raises(DataError, match="check the clock"):
        store.append(bars, source="x", known_at=MONDAY - timedelta(hours=1))
    for moment in (MONDAY, MONDAY - timedelta(hours=1)):
        with pytest.raises(DataError, match="must be later"):
            store.correct(shifted(some(bars, 0, 5)), reason="x", known_at=moment)


def test_corrections_stay_inside_what_is_stored_and_have_a_reason(store: BarStore) -> None:
    bars = make_bars(100)
    store.append(some(bars, 0, 50), source="x", known_at=MONDAY)
    later = MONDAY + timedelta(hours=1)

    with pytest.raises(DataError, match="assay data import"):
        store.correct(bars, reason="x", known_at=later)
    with pytest.raises(DataError, match="needs a reason"):
        store.correct(some(bars, 0, 1), reason=" ", known_at=later)
    assert store.correct(some(bars, 0, 50), reason="nothing new", known_at=later) == 0


def test_simulated_and_real_bars_do_not_mix(store: BarStore) -> None:
    bars = make_bars(100)
    store.append(some(bars, 0, 50), source="simulated", known_at=MONDAY, simulated=True)

    with pytest.raises(DataError, match="real bars cannot follow the simulated"):
        store.append(bars, source="file", known_at=MONDAY)

    assert store.info("EURUSD", H1).simulated


def test_spans_include_both_ends(store: BarStore) -> None:
    bars = make_bars(300, start=START)
    store.append(bars, source="x", known_at=MONDAY)
    start, end = bars.frame["time"][20], bars.frame["time"][260]

    found = store.read(bars.instrument, H1, start, end)
    nothing = store.read(bars.instrument, H1, MONDAY, MONDAY)

    assert found.frame.equals(bars.frame[20:261])
    assert len(nothing) == 0
    with pytest.raises(DataError, match="no time zone"):
        store.read(bars.instrument, H1, datetime(2020, 1, 1))  # noqa: DTZ001 - what is refused


def test_a_short_span_of_a_long_file_is_the_same_rows_and_is_checked_too(store: BarStore) -> None:
    bars = make_bars(140_000, timeframe=Timeframe.M1, start=datetime(2021, 1, 4, tzinfo=UTC))
    store.append(bars, source="file", known_at=MONDAY)
    times = bars.frame["time"]
    (part,) = files(store.root)
    good = part.read_bytes()

    for first, last in ((65_500, 65_600), (0, 2), (139_990, 139_999), (10, 139_000)):
        found = store.read(bars.instrument, Timeframe.M1, times[first], times[last]).frame
        assert found.equals(bars.frame[first : last + 1])

    part.write_bytes(good[:-9] + bytes([good[-9] ^ 1]) + good[-8:])
    with pytest.raises(StoreError, match="its SHA-256 does not match"):
        store.read(bars.instrument, Timeframe.M1, times[70_000], times[70_001])
    part.unlink()
    with pytest.raises(StoreError, match="is missing"):
        store.read(bars.instrument, Timeframe.M1, times[70_000], times[70_001])


def test_the_hash_is_of_the_values_however_they_lie_in_memory() -> None:
    frame = make_bars(50).frame

    pieces = pl.concat([frame[:7], frame[7:8], frame[8:]], rechunk=False)

    assert pieces.n_chunks() == 3
    assert content_hash(pieces) == content_hash(frame)


@pytest.mark.parametrize("rows", [0, 1, 5, 60, 300, 1000])
def test_the_tail_is_the_end_of_the_whole(store: BarStore, rows: int) -> None:
    bars = make_bars(300, start=START)
    store.append(bars, source="x", known_at=MONDAY)

    cold = BarStore(store.root).tail(bars.instrument, H1, rows)
    warm = [store.tail(bars.instrument, H1, rows) for _ in range(2)]

    expected = bars.frame.tail(rows)
    assert all(found.frame.equals(expected) for found in (cold, *warm))


def test_the_tail_sees_a_correction_and_a_new_bar(store: BarStore) -> None:
    bars = make_bars(300)
    store.append(some(bars, 0, 299), source="x", known_at=MONDAY)
    store.tail(bars.instrument, H1, 5)
    other = BarStore(store.root)
    last = some(shifted(bars), 298, 299)
    other.correct(last, reason="x", known_at=MONDAY + timedelta(hours=1))
    other.append(some(bars, 299, 300), source="x", known_at=MONDAY + timedelta(hours=2))

    found = store.tail(bars.instrument, H1, 3)

    assert found.frame.equals(pl.concat([bars.frame[297:298], last.frame, bars.frame[299:300]]))


def test_series_are_listed(store: BarStore) -> None:
    store.append(make_bars(50, timeframe=Timeframe.H4), source="a", known_at=MONDAY)
    store.append(make_bars(40), source="b", known_at=MONDAY, simulated=True)
    store.append(make_bars(30, symbol="BTCUSDT"), source="c", known_at=MONDAY)

    found = store.series()

    assert [(s.symbol, s.timeframe, s.rows, s.source, s.simulated) for s in found] == [
        ("BTCUSDT", H1, 30, "c", False),
        ("EURUSD", H1, 40, "b", True),
        ("EURUSD", Timeframe.H4, 50, "a", False),
    ]
    assert found[0].last == make_bars(30, symbol="BTCUSDT").last_time


def test_symbols_with_odd_characters_stay_in_their_folder(store: BarStore) -> None:
    bars = make_bars(10)
    odd = [equity(name) for name in ("../X", "A/B", "BRK.B", "..", "^GSPC", "%2F")]

    for one in odd:
        store.append(Bars(one, H1, bars.frame), source="x", known_at=MONDAY)

    assert {s.symbol for s in store.series()} == {one.symbol for one in odd}
    assert len(list(store.root.iterdir())) == len(odd)
    assert all(p.name.startswith("symbol=") for p in store.root.iterdir())


def test_a_refused_first_write_leaves_no_series(store: BarStore) -> None:
    bars = make_bars(10, start=START)

    with pytest.raises(DataError, match="cannot have been known"):
        store.append(bars, source="test", known_at=START)

    assert list(store.root.rglob("*.json")) == []
    assert store.series() == []
    with pytest.raises(NotFoundError, match=r"no bars of EURUSD 4h; import some"):
        store.info("EURUSD", Timeframe.H4)


def test_bars_before_the_first_are_a_correction(store: BarStore) -> None:
    bars = make_bars(60, start=START)
    store.append(some(bars, 20, 60), source="test", known_at=MONDAY)

    with pytest.raises(DataError, match=r"20 of 60 bars .* no bar is stored there.*data correct"):
        store.append(bars, source="test", known_at=MONDAY)
    added = store.correct(bars, reason="older history", known_at=MONDAY + timedelta(days=1))

    assert added == 20
    assert store.read(bars.instrument, H1).frame.equals(bars.frame)
    assert len(store.read(bars.instrument, H1, known_at=MONDAY)) == 40


def test_an_unknown_series_names_the_near_ones(store: BarStore) -> None:
    store.append(make_bars(10), source="x", known_at=MONDAY)

    with pytest.raises(NotFoundError, match="EURUSD 1h"):
        store.read(instrument("EURGBP"), H1)
    with pytest.raises(NotFoundError, match="EURUSD 1h"):
        store.tail(instrument("EURUSD"), Timeframe.H4, 5)


def test_the_fingerprint_is_of_the_bars_in_the_span(store: BarStore, tmp_path: Path) -> None:
    bars = make_bars(300, start=START)
    store.append(some(bars, 0, 250), source="x", known_at=MONDAY)
    start, end = bars.frame["time"][10], bars.frame["time"][240]
    before = store.fingerprint("EURUSD", H1, start, end)
    whole = store.fingerprint("EURUSD", H1)

    store.append(bars, source="y", known_at=MONDAY)
    grown = store.fingerprint("EURUSD", H1, start, end)
    elsewhere = BarStore(tmp_path / "elsewhere")
    elsewhere.append(some(bars, 10, 241), source="z", known_at=MONDAY)
    moment = MONDAY + timedelta(hours=1)
    store.correct(some(shifted(bars), 245, 246), reason="x", known_at=moment)
    beside = store.fingerprint("EURUSD", H1, start, end)
    store.correct(
        some(shifted(bars), 240, 241), reason="x", known_at=2 * (moment - MONDAY) + MONDAY
    )
    inside = store.fingerprint("EURUSD", H1, start, end)

    assert before == grown == beside == elsewhere.fingerprint("EURUSD", H1)
    assert inside != before
    assert whole not in (before, store.fingerprint("EURUSD", H1))


def test_every_flipped_byte_is_found(store: BarStore) -> None:
    bars = make_bars(200)
    store.append(bars, source="x", known_at=MONDAY)
    (part,) = files(store.root)
    good = part.read_bytes()

    for at in range(0, len(good), len(good) // 40):
        part.write_bytes(good[:at] + bytes([good[at] ^ 1]) + good[at + 1 :])
        with pytest.raises(StoreError, match="damaged"):
            store.read(bars.instrument, H1)
        with pytest.raises(StoreError, match="damaged"):
            BarStore(store.root).tail(bars.instrument, H1, 3)
        with pytest.raises(StoreError, match="import EURUSD again"):
            store.verify("EURUSD", H1)
    part.write_bytes(good)

    assert store.verify("EURUSD", H1) == 1


def test_a_truncated_an_empty_and_a_missing_file_are_named(store: BarStore) -> None:
    bars = make_bars(200)
    store.append(bars, source="x", known_at=MONDAY)
    store.tail(bars.instrument, H1, 1)
    (part,) = files(store.root)
    good = part.read_bytes()

    for content in (good[:-10], b"", None):
        part.unlink() if content is None else part.write_bytes(content)
        for read in (
            lambda: store.read(bars.instrument, H1),
            lambda: store.tail(bars.instrument, H1, 3),
            lambda: store.append(shifted(bars), source="x", known_at=MONDAY),
        ):
            with pytest.raises(StoreError, match=part.name):
                read()


@pytest.mark.parametrize("content", [b"", b"{", b"[]", b"null", b'{"format": 1}', b"\xff\xfe"])
def test_a_damaged_manifest_is_named(store: BarStore, content: bytes) -> None:
    bars = make_bars(20)
    store.append(bars, source="x", known_at=MONDAY)
    manifest = next(store.root.rglob("manifest.json"))
    manifest.write_bytes(content)

    with pytest.raises(StoreError, match=r"manifest\.json is damaged"):
        store.read(bars.instrument, H1)
    with pytest.raises(StoreError, match=r"manifest\.json is damaged"):
        store.append(bars, source="x", known_at=MONDAY)

    assert len(files(store.root)) == 1


def test_a_changed_number_in_the_manifest_is_found(store: BarStore) -> None:
    store.append(make_bars(20), source="x", known_at=MONDAY)
    manifest = next(store.root.rglob("manifest.json"))
    found = json.loads(manifest.read_text())
    found["years"][0]["current"]["rows"] = 19
    manifest.write_text(json.dumps(found))

    with pytest.raises(StoreError, match="hash does not match"):
        store.series()


def test_a_damaged_series_hides_no_other_where_it_may_be_named(store: BarStore) -> None:
    for symbol in ("EURUSD", "GBPUSD", "USDJPY"):
        bars = make_bars(20)
        renamed = Bars(instrument(symbol), bars.timeframe, bars.frame)
        store.append(renamed, source="x", known_at=MONDAY)
    (store.root / "symbol=GBPUSD" / "timeframe=1h" / "manifest.json").write_text("{")
    problems: list[str] = []

    found = store.series(problems)

    assert [info.symbol for info in found] == ["EURUSD", "USDJPY"]
    assert len(problems) == 1
    assert problems[0].startswith("GBPUSD 1h: ")
    assert "manifest.json is damaged" in problems[0]
    with pytest.raises(StoreError, match="GBPUSD"):
        store.series()


def test_what_may_stop_a_write_is_asked_before_anything_is_written(tmp_path: Path) -> None:
    def refuse() -> None:
        raise StoreError("not now")

    strict = BarStore(tmp_path / "bars", before_writing=refuse)

    with pytest.raises(StoreError, match="not now"):
        strict.append(make_bars(20), source="x", known_at=MONDAY)

    assert list(tmp_path.iterdir()) == []


def test_a_lost_manifest_does_not_cost_the_data(store: BarStore) -> None:
    bars = make_bars(20)
    store.append(bars, source="x", known_at=MONDAY)
    manifest = next(store.root.rglob("manifest.json"))
    kept = manifest.read_bytes()
    manifest.unlink()

    with pytest.raises(StoreError, match="is missing, but its data are there"):
        store.append(bars, source="x", known_at=MONDAY)
    manifest.write_bytes(kept)

    assert store.read(bars.instrument, H1).frame.equals(bars.frame)


def test_no_leftovers_after_writes(store: BarStore) -> None:
    bars = make_bars(300, start=START)
    for i in range(6):
        part = some(bars, 50 * i, 50 * i + 50)
        store.append(part, source="x", known_at=MONDAY + timedelta(minutes=i))
    for i in range(1, 4):
        moment = MONDAY + timedelta(hours=i)
        store.correct(shifted(some(bars, i, 10 + i), 1 + i / 100), reason="x", known_at=moment)

    assert len(files(store.root)) == 3  # two years, one with older versions
    assert len(store.changes("EURUSD", H1)) == 4  # appends of one source are one change
    assert store.verify("EURUSD", H1) == 3


def test_bars_that_are_taken_away_stay_readable_as_they_were_known(store: BarStore) -> None:
    bars, later = make_bars(300, start=START), MONDAY + timedelta(days=1)
    times, nothing = bars.frame["time"], some(bars, 0, 0)
    store.append(bars, source="file", known_at=MONDAY)

    gone = store.correct(nothing, reason="a spike", known_at=later, without=[times[3], times[299]])
    again = store.correct(
        nothing, reason="a spike", known_at=later + timedelta(days=1), without=[times[3]]
    )

    left = bars.frame.filter(~pl.col("time").is_in([times[3], times[299]]))
    assert (gone, again) == (2, 0)
    assert store.read(bars.instrument, H1).frame.equals(left)
    assert store.read(bars.instrument, H1, known_at=MONDAY).frame.equals(bars.frame)
    assert store.read(bars.instrument, H1, known_at=later).frame.equals(left)
    before = store.read(bars.instrument, H1, end=times[298], known_at=MONDAY).frame
    assert before.equals(bars.frame[:299])
    assert [change.reason for change in store.changes("EURUSD", H1)] == [None, "a spike"]
    assert store.info("EURUSD", H1).rows == 298
    assert store.verify("EURUSD", H1) > 2


def test_a_bar_may_be_replaced_while_another_is_taken_away(store: BarStore) -> None:
    bars = make_bars(300, start=START)
    store.append(bars, source="file", known_at=MONDAY)
    other = shifted(some(bars, 10, 12))

    count = store.correct(
        other,
        reason="both",
        known_at=MONDAY + timedelta(days=1),
        without=[bars.frame["time"][20]],
    )

    found = store.read(bars.instrument, H1).frame
    assert count == 3
    assert found.height == 299
    assert found.join(other.frame, on=other.frame.columns, how="semi").height == 2


def test_a_year_is_not_taken_away_whole(store: BarStore) -> None:
    bars = make_bars(50, start=datetime(2021, 3, 1, tzinfo=UTC))
    store.append(bars, source="file", known_at=MONDAY)

    with pytest.raises(DataError, match="no bar of 2021 would be left"):
        store.correct(
            some(bars, 0, 0),
            reason="all",
            known_at=MONDAY + timedelta(days=1),
            without=bars.frame["time"].to_list(),
        )

    assert store.read(bars.instrument, H1).frame.equals(bars.frame)
