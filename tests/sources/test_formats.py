"""What is made out of the tables that providers write, and what is said of those without bars."""

import re

import polars as pl
import pytest

from assay.core.errors import DataError
from assay.sources.file_times import parsed_times
from assay.sources.formats.columns import plain
from assay.sources.layouts import STAMP_KEY, Layout, Stamp, layout_of
from tests.sources.format_samples import (
    CANDLES,
    FUTURES,
    LOWER,
    MT4,
    NODE,
    RATES,
    SAMPLES,
    TRADINGVIEW_DAYS,
    YAHOO,
    Sample,
    lists,
    raw_of,
    table,
)

ids = pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.format}: {s.what}")
ROLES = ("open", "high", "low", "close", "volume")


def codes(layout: Layout) -> list[str]:
    return [note.code for note in layout.notes]


@ids
def test_columns_stamp_and_clock_are_what_the_provider_means(sample: Sample) -> None:
    layout = layout_of(sample.raw, "here")

    assert layout.format == sample.format
    assert layout.time == sample.time
    assert layout.columns == dict(zip(ROLES, sample.roles, strict=False))
    assert layout.stamp is sample.stamp
    assert (layout.clock, layout.server) == (sample.clock, sample.server)
    assert layout.order is sample.order


@ids
def test_symbol_timeframe_and_notes_are_what_the_table_says(sample: Sample) -> None:
    layout = layout_of(sample.raw, "here")

    assert layout.symbol == sample.symbol
    assert layout.timeframe is sample.timeframe
    assert layout.instruments == sample.instruments
    assert set(codes(layout)) - {"ignored_columns"} == set(sample.codes)


@ids
def test_times_of_the_sample_are_read(sample: Sample) -> None:
    layout, frame = layout_of(sample.raw, "here"), sample.raw.frame
    text = frame[layout.time[0]]
    if len(layout.time) == 2:
        text = text + " " + frame[layout.time[1]]

    times = parsed_times(text, layout.order, layout.days_in)

    assert times.values.dt.strftime("%Y-%m-%d %H:%M")[0] == sample.first
    assert times.are_dates is sample.are_dates
    assert times.values.null_count() == 0


def test_names_that_a_format_asks_for_are_not_found_by_chance() -> None:
    assert layout_of(table(NODE, "bars.csv"), "here").format == "generic"
    assert layout_of(table(TRADINGVIEW_DAYS, "bars.csv"), "here").format == "generic"
    assert (
        layout_of(table(MT4, "x/DAT_MT_EURUSD_M1_2019.csv", named=False), "").format == "histdata"
    )
    assert layout_of(raw_of(lists(CANDLES), "any.json", named=False), "").format == "freqtrade"


def test_seconds_of_a_server_are_no_utc_but_a_written_offset_is_believed() -> None:
    zoned = RATES.replace("1577923200", "2020-01-02 00:00:00+00:00")
    zoned = zoned.replace("1577926800", "2020-01-02 01:00:00+00:00")

    assert layout_of(table(RATES), "here").server
    assert not layout_of(table(zoned), "here").server


def test_a_table_of_several_shares_names_none() -> None:
    text = YAHOO.replace("Date", "ticker,Date").replace("\n2020-01-02", "\nAAPL,2020-01-02")
    layout = layout_of(table(text.replace("\n2020-01-03", "\nMSFT,2020-01-03")), "here")

    assert (layout.format, layout.instruments, layout.symbol) == ("yahoo", "ticker", None)


def test_klines_with_times_that_someone_rewrote_name_no_clock() -> None:
    text = FUTURES.replace("1748736000000", "2025-06-01 00:00:00")
    layout = layout_of(table(text.replace("1748739600000", "2025-06-01 01:00:00")), "here")

    assert (layout.format, layout.clock, layout.timeframe) == ("binance", None, None)


@pytest.mark.parametrize(
    ("header", "time", "stamp", "clock"),
    [
        ("timestamp,open,high,low,close,volume", ("timestamp",), Stamp.OPEN, None),
        (" Open Time , OPEN ,HIGH, low,Close,Tick_Volume", (" Open Time ",), Stamp.OPEN, None),
        ("close_time,o,h,l,c,v", ("close_time",), Stamp.CLOSE, None),
        ("Date,Time,Open,High,Low,Close", ("Date", "Time"), None, None),
        ("time_utc,open,high,low,close,volume", ("time_utc",), None, "UTC"),
        ("index,1. open,2. high,3. low,4. close,5. volume", ("index",), None, None),
    ],
)
def test_other_tables_are_known_by_the_names_of_their_columns(
    header: str, time: tuple[str, ...], stamp: Stamp | None, clock: str | None
) -> None:
    first = "2024-01-01,00:00" if len(time) == 2 else "2024-01-01 00:00:00"
    row = ",".join([first, *["1"] * (header.count(",") + 1 - len(time))])

    layout = layout_of(table(f"{header}\n{row}"), "here")

    assert (layout.format, layout.time) == ("generic", time)
    assert (layout.stamp, layout.clock) == (stamp, clock)
    assert layout.evidence.startswith("its columns ")


def test_digits_may_be_a_date_and_a_clock_in_two_columns() -> None:
    text = "<DATE>,<TIME>,<OPEN>,<HIGH>,<LOW>,<CLOSE>,<VOL>\n20200102,100000,1,2,1,2,5"

    assert layout_of(table(text), "here").time == ("<DATE>", "<TIME>")


def test_numbers_since_1970_are_utc_and_our_own_exports_say_their_stamp() -> None:
    frame = pl.DataFrame({"time": [1577923200], **{name: [1.0] for name in LOWER}})

    layout = layout_of(raw_of(frame, metadata={STAMP_KEY: "close"}), "here")

    assert (layout.clock, layout.stamp) == ("UTC", Stamp.CLOSE)


def test_a_ticker_beside_the_table_is_its_symbol() -> None:
    text = "timestamp,open,high,low,close,volume\n2024-01-01 00:00:00,1,2,1,2,5"

    assert layout_of(table(text, metadata={"ticker": "AAPL"}), "here").symbol == "AAPL"
    assert layout_of(table(text), "here").symbol is None


NO_BARS = [
    (
        "date,source,headline\n2018-03-20,reuters,Oil rises",
        "headlines or other texts (in its column",
    ),
    ("text,label\nup we go,1", "labelled texts (in its column 'text')"),
    ("id,note\n1,Shares of the company rose by a tenth on Monday", "headlines or other texts"),
    ("ticker,created_at,user,text\nAAPL,2014-01-01,x,buy", "headlines or other texts"),
    ("series,date,value\nDFF,1990-01-01,8.2", "macro series in long form (in its columns 'series'"),
    ("DATE,CPIAUCSL\n1947-01-01,21.48", "one value for each time (in its column 'CPIAUCSL')"),
    ("timestamp,currency,impact,name\n2014-01-03,USD,HIGH,ISM", "a calendar of events (in its"),
    ("Date,Event,Actual,Forecast\n2014-01-03,NFP,1,2", "a calendar of events"),
    ("timestamp,symbol,funding_rate\n1,BTC,0.0001", "funding rates (in its column 'funding_rate')"),
    ("Gmt time,Ask,Bid,AskVolume\n01.01.2019,1,1,1", "quotes (in its columns 'Bid' and 'Ask')"),
    ("<DATE>,<TIME>,<BID>,<ASK>,<LAST>\n2019.01.01,1,1,1,1", "quotes (in its columns '<BID>'"),
    ("id,price,qty,time\n1,2,3,4", "single trades (in its columns 'price' and 'qty')"),
]


@pytest.mark.parametrize(("text", "said"), NO_BARS)
def test_a_table_without_bars_is_called_what_it_is(text: str, said: str) -> None:
    with pytest.raises(DataError) as caught:
        layout_of(table(text), "here.csv")

    assert str(caught.value).startswith(f"here.csv seems to hold {said}")
    assert str(caught.value).endswith("no bars with open, high, low and close")


def test_ticks_without_a_header_are_called_what_they_are() -> None:
    ticks = "20120201 000003660,1.306600,1.306770,0\n20120201 000003973,1.306580,1.306750,0"

    with pytest.raises(DataError, match="seems to hold quotes"):
        layout_of(table(ticks, named=False), "here.csv")


@pytest.mark.parametrize(
    ("text", "named", "said"),
    [
        ("timestamp,open,high,close\n1,2,3,4", True, "lacks the column low; found timestamp, open"),
        ("open,high,low,close\n1,2,3,4", True, "lacks the column time; found open"),
        ("date,HUFL,OT\n2016,1,2", True, "lacks the columns open, high, low, close; found date"),
        ("2020-01-02,1,2,3\n2020-01-03,1,2,3", False, "has no header line: the first line is data"),
        ("2020-01-02,1,2,3\n2020-01-03,1,2,3", True, "has no header line: the first line is data"),
        ("time,open,high,low,close,Close\n1,1,1,1,1,1", True, "two columns called 'close'"),
    ],
)
def test_what_is_missing_is_named(text: str, named: bool, said: str) -> None:
    with pytest.raises(DataError, match=re.escape(said)):
        layout_of(table(text, named=named), "here.csv")


@pytest.mark.parametrize("kind", ["funding_rate", "mark", "index", "premiumIndex", "open_interest"])
def test_freqtrade_s_other_files_are_no_bars(kind: str) -> None:
    name = f"futures/BTC_USDT_USDT-1h-{kind}.feather"
    frame = pl.DataFrame({"date": [1577923200000], **{name: [0.0001] for name in LOWER}})

    with pytest.raises(
        DataError, match=f"{name} holds .*, no bars: import the file without -{kind}"
    ):
        layout_of(raw_of(frame, name), name)


@pytest.mark.parametrize("empty", ["", "NaN", "null", "."])
def test_a_price_table_without_a_price_is_a_series_forced_into_it(empty: str) -> None:
    text = f"timestamp,open,high,low,close,volume\n1947-01-01,{empty},{empty},{empty},{empty},"

    with pytest.raises(DataError, match="a macro series forced into a price table: every price is"):
        layout_of(table(text), "here.csv")


def test_a_price_table_of_one_value_is_refused_but_not_a_quiet_week() -> None:
    prices = {name: [2.5] * 1000 for name in LOWER}
    frame = pl.DataFrame({"time": range(1577923200, 1577924200), **prices})

    with pytest.raises(
        DataError, match=r"one value forced into a price table: every price is 2\.5"
    ):
        layout_of(raw_of(frame), "here.csv")
    assert layout_of(raw_of(frame.head(999)), "here.csv").format == "generic"
    moved = frame.with_columns(high=pl.lit(2.6))
    assert layout_of(raw_of(moved), "here.csv").format == "generic"


def test_plain_names_are_small_and_whole() -> None:
    names = ["<TICKVOL>", " Adj Close", "4. close", "Time (UTC)", "close\x002", "%"]

    assert [plain(name) for name in names] == [
        "tickvol",
        "adj_close",
        "close",
        "time_utc",
        "close",
        "",
    ]
