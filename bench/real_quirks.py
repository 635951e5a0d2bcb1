"""What is known of the real files by other means, and where to look whether the checks say it.

The oddities are those that whoever gathered the files wrote down beside them. Each names what in
our findings would tell of it: a code of the rules, a gap, a note or a refusal of the import.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from assay.core.values.bars import Bars
from assay.core.values.timeframe import Timeframe
from assay.workflows.check import Checked
from assay.workflows.quality import Quality


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one series of a file: found, or refused with a sentence."""

    file: str
    symbol: str = ""
    timeframe: Timeframe | None = None
    refused: str = ""
    notes: dict[str, str] = field(default_factory=dict)
    quality: Quality | None = None
    check: Checked | None = None
    bars: Bars | None = None
    beside: tuple[str, ...] = ()
    """What a second source of the symbol says against it."""


Look = Callable[[Sequence[Outcome]], str | None]


@dataclass(frozen=True, slots=True)
class Quirk:
    """One known oddity of a file; `look` returns by what it was found, None if it was not.

    `rule` says of one that is not found what could find it, or why nothing in the bars can; of one
    that is found what else is to know. One that `happened` is no defect: nothing should be said.
    """

    file: str
    what: str
    look: Look
    rule: str = ""
    happened: bool = False


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def gap(start: str, end: str, least: int = 1) -> Look:
    """Look for gaps that lie, wholly or in part, in a span."""

    def look(found: Sequence[Outcome]) -> str | None:
        gaps = found[0].quality.gaps if found[0].quality else ()
        own = [g for g in gaps if g.first <= at(end) and g.last >= at(start)]
        bars = sum(g.bars for g in own)
        many = "1 gap" if len(own) == 1 else f"{len(own)} gaps"
        return f"{many}, {bars:,} bars" if bars >= least else None

    return look


def gaps(least: int, bars: int = 1) -> Look:
    """Look for so many gaps of at least so many bars."""

    def look(found: Sequence[Outcome]) -> str | None:
        every = found[0].quality.gaps if found[0].quality else ()
        many = sum(one.bars >= bars for one in every)
        size = f" of {bars} bars or more" if bars > 1 else ""
        return f"{many:,} gaps{size}" if many >= least else None

    return look


def silent(start: str, end: str) -> Look:
    """Look whether no bar of a span is flagged."""

    def look(found: Sequence[Outcome]) -> str | None:
        flaws = found[0].check.flaws if found[0].check else ()
        own = [flaw for flaw in flaws if flaw.first <= at(end) and flaw.last >= at(start)]
        return None if own else "no flag, and rightly"

    return look


def whole(found: Sequence[Outcome]) -> str | None:
    """Look whether everything that is expected is there, once."""
    quality = found[0].quality
    read = quality is not None and quality.there == quality.expected == quality.info.rows
    return f"read right: every one of {quality.expected:,} bars once" if read and quality else None


def code(name: str, start: str = "1990-01-01", end: str = "2049-01-01") -> Look:
    """Look for flags of a code in a span."""

    def look(found: Sequence[Outcome]) -> str | None:
        flaws = [
            flaw
            for one in found
            if one.check is not None
            for flaw in one.check.flaws
            if flaw.code == name and flaw.first <= at(end) and flaw.last >= at(start)
        ]
        bars = sum(flaw.end - flaw.start + 1 for flaw in flaws)
        return f"`{name}`, {bars:,} bar{'s' * (bars != 1)}" if flaws else None

    return look


def year(number: int, most: float) -> Look:
    """Look for a year of which at most a share is there."""

    def look(found: Sequence[Outcome]) -> str | None:
        check = found[0].check
        own = [one for one in (check.years if check else ()) if one.year == number]
        return f"coverage of {number}: {own[0].coverage:.0%}" if own[0].coverage <= most else None

    return look


def note(name: str, holds: str = "") -> Look:
    """Look for something that the import said."""

    def look(found: Sequence[Outcome]) -> str | None:
        said = next((one.notes[name] for one in found if name in one.notes), None)
        if said is None or holds not in said:
            return None
        return f"import, `{name}`: {said}"

    return look


def refusal(holds: str) -> Look:
    """Look for a refusal."""

    def look(found: Sequence[Outcome]) -> str | None:
        said = next((one.refused for one in found if holds in one.refused), None)
        return f"refused: {holds}" if said else None

    return look


def counted(name: str, least: int) -> Look:
    """Look for a count of the check: `zero_volume` or `flat`."""

    def look(found: Sequence[Outcome]) -> str | None:
        count = max(getattr(one.check, name) for one in found if one.check is not None)
        return f"check, {name.replace('_', ' ')}: {count:,} bars" if count >= least else None

    return look


def beside(kind: str, symbol: str) -> Look:
    """Look for a kind of difference to a second file of the symbol."""

    def look(found: Sequence[Outcome]) -> str | None:
        said = next((s for one in found for s in one.beside if s.startswith(f"`{kind}`")), None)
        return said and f"`assay data reconcile {symbol} --stored`, {said}"

    return look


HOURS = ("AUDUSD", "EURJPY", "GBPUSD", "USDJPY")
BTC, ETH = "crypto/BTCUSDT_1h_2017-2022.parquet", "crypto/ETHUSDT_1h_2017-2022.parquet"
BTC_5M, PERP = "crypto/BTCUSDT_5m_2021-2022.parquet", "crypto/BTCUSDT_PERP_1h_2020-2022.parquet"
POUND, YEN = "fx/GBPUSD_1h_2012-2022.parquet", "fx/USDJPY_1h_2012-2022.parquet"
AUD_5M, YEN_5M = "fx/AUDUSD_5m_2018-2019.parquet", "fx/USDJPY_5m_2018-2019.parquet"
GOLD, SILVER = "fx/XAUUSD_1h_2012-2022.parquet", "fx/XAGUSD_1h_2011-2022.parquet"
AAPL, TSLA = "equity/AAPL_15m_2017-2022.parquet", "equity/TSLA_15m_2017-2022.parquet"
INDEX = "equity/US500_1h_2013-2022.parquet"
WEEKS = "quirks/GBPUSD_2018-03-04_2018-03-30"
HISTDATA = "quirks/histdata_EURUSD_M1_2019-10-20_2019-11-08.csv.gz"
ADDED = "added after the first run of this bench"
STAYED = "the price did not come back: it is no spike"

DEFECTS = (
    Quirk(BTC, "the exchange was down, 2018-02-08 and 09", gap("2018-02-08", "2018-02-10", 30)),
    Quirk(BTC, "3 hours without any volume", code("thin_volume")),
    Quirk(BTC, "hours that hold part of their minutes", note("partial_bars", "30 of 46,981"),
          ADDED),
    Quirk(BTC_5M, "6 outages, the longest of 4 h 45 on 2021-04-25",
          gap("2021-04-25", "2021-04-26", 50)),
    Quirk(ETH, "19 outages of 3 hours or more", gaps(19, 2)),
    Quirk(ETH, "a bad tick of the first week, 2017-08-22 04:00: half the price before",
          code("spike", "2017-08-22", "2017-08-23"),
          "widened after the first run: 9.6 local ATR in the price, 19 once lows are measured as "
          "highs of the price turned over, for half is as far as double"),
    Quirk(ETH, "5 hours without any volume", code("thin_volume")),
    Quirk(ETH, "two publishers are joined at 2019-12-04 06:00",
          note("seam", "2019-12-04 07:00 UTC"),
          f"{ADDED}; both tell the same prices, but not the same decimals of the volume"),
    Quirk(PERP, "a perpetual future, not the coin", note("symbol", "BTCUSDT.P"),
          "told by the name alone; the prices lie 5 bp from the coin's"),
    *(
        Quirk(f"fx/{symbol}_1h_2012-2022.parquet",
              "the week's first hour lacks while New York and the server differ from 7 h",
              gap("2016-03-13 20:00", "2016-03-28", 2), "here of March 2016")
        for symbol in HOURS
    ),
    Quirk(POUND, "Christmas and New Year of 2015 lack days", gap("2015-12-24", "2016-01-04"),
          "less than it seems: on the weekend and the holiday itself nothing is expected"),
    Quirk(AUD_5M, "the volume is 0 in every row: none is published",
          counted("zero_volume", 149_214)),
    Quirk(YEN_5M, "the flash crash of 2019-01-02 22:35, in the yen",
          code("spike", "2019-01-02", "2019-01-03"), "it happened"),
    Quirk(AUD_5M, "the flash crash of 2019-01-02 22:35, in the Australian dollar",
          code("spike", "2019-01-02", "2019-01-03"),
          "it happened; widened after the first run: 45 % was taken back by the next bar, more "
          "than half by the one after it"),
    Quirk("fx/EURUSD_1m_2018-2019.parquet", "51 gaps of 3 minutes or more inside the week",
          gaps(51, 2)),
    Quirk("fx/GBPUSD_1m_bid_ask_2012-02.parquet", "676 minutes are crossed: the ask below the bid",
          note("crossed"), ADDED),
    Quirk("fx/USDJPY_4h_2007-2022.parquet", "a week lacks, 2009-06-12 to 19",
          gap("2009-06-12", "2009-06-20", 25)),
    Quirk(SILVER, "344 flat bars", counted("flat", 300)),
    Quirk(AAPL, "a 4-for-1 split of 2020-08-31, not adjusted for",
          code("split", "2020-08-30", "2020-09-01")),
    Quirk(TSLA, "a 5-for-1 split of 2020-08-31, not adjusted for",
          code("split", "2020-08-30", "2020-09-01")),
    Quirk(TSLA, "a 3-for-1 split of 2022-08-25, not adjusted for",
          code("split", "2022-08-24", "2022-08-26")),
    Quirk(AAPL, "the volume is that of a contract on the share, not the exchange's",
          beside("volume", "AAPL"),
          f"{ADDED}; only a second source can show it, here the days of the share in "
          "`stocks/stocknet_prices.parquet`"),
    Quirk(INDEX, "the night lacks from 2015 Q2 to 2018 Q1", year(2016, 0.7)),
    Quirk(INDEX, "5.6 days lack from 2013-10-11", gap("2013-10-11", "2013-10-18", 80)),
    Quirk("quirks/BTCUSDT-1m-2018-02-08.csv.gz + …-09", "no trade from 00:28 to 10:00 a day later",
          gap("2018-02-08", "2018-02-10", 1_900)),
    Quirk("quirks/BTCUSDT-1m-2025-01-01_first60.csv", "microsecond stamps, from this day on",
          note("epoch", "us since 1970")),
    Quirk("quirks/CPIAUCSL_forced_into_price_schema.csv",
          "a macro series pushed through a price table", refusal("a macro series forced into")),
    Quirk("quirks/DJIA_dmy_dates_2008-2014.csv.gz", "dates as d/m/yyyy", note("date_order")),
    Quirk("quirks/DJIA_dmy_dates_2008-2014.csv.gz", "the newest row first", note("reordered")),
    Quirk("quirks/ETHUSDT_1h_local_offsets_2022.csv.gz",
          "local stamps whose offset changes: an hour comes twice, another never", whole,
          "by the offsets in the stamps"),
    Quirk(f"{WEEKS}/histdata_m1.csv.gz",
          "stamped in New York's local time, though the publisher says UTC−5",
          note("clock", "America/New_York")),
    Quirk(f"{WEEKS}/ejtrader_h1.csv",
          "a server's clock in the weeks in which only New York has changed",
          refusal("fit Europe/Athens and America/New_York+7h alike")),
    Quirk(f"{WEEKS}/snow_h4.tsv", "UTC, and says so nowhere", note("clock", "UTC")),
    Quirk("quirks/XAUUSD_H1_with_daily_bars_2019-2021.csv.gz",
          "a daily bar is mixed in at 00:00: it holds the day before it happened",
          refusal("longer bars (of a whole day) are mixed in")),
    Quirk("quirks/ejtrader_GBPUSDh1_raw.csv.gz", "the server's clock moves in 2013, 2014 and 2017",
          refusal("its clock changes on the way"), "of the three moves it names that of 2014"),
    Quirk("quirks/freqtrade_BTC_USDT-1h_2022-09.json", "lists of lists, in milliseconds",
          note("epoch", "ms since 1970")),
    Quirk(HISTDATA, "the hour of 2019-10-27 19:00 is there twice", note("copy")),
    Quirk(HISTDATA, "London less five hours, through the weeks in which Europe alone has changed",
          note("clock", "Europe/London-5h")),
)  # fmt: skip
EVENTS = (
    Quirk(POUND, "the vote of 2016-06-24: −5.9 % in an hour",
          silent("2016-06-23 22:00", "2016-06-24 06:00"), STAYED, happened=True),
    Quirk(YEN, "the Bank of Japan, 2016-04-28: −2.1 % in an hour",
          silent("2016-04-28", "2016-04-29"), STAYED, happened=True),
    Quirk("fx/EURJPY_1h_2012-2022.parquet", "+3.3 % over the weekend of 2017-04-23",
          silent("2017-04-23", "2017-04-24"), STAYED, happened=True),
    Quirk(SILVER, "−9.9 % at 2011-05-01 22:00", silent("2011-05-01 21:00", "2011-05-02 06:00"),
          STAYED, happened=True),
    Quirk(GOLD, "−4.1 % at the open of 2021-08-08", silent("2021-08-08", "2021-08-09 06:00"),
          STAYED, happened=True),
    Quirk(INDEX, "the limit-down morning of 2020-03-16: 11.5 % at the open",
          silent("2020-03-15", "2020-03-17"), STAYED, happened=True),
    Quirk(BTC_5M, "−10.4 % at 2021-09-07 15:05",
          silent("2021-09-07 14:00", "2021-09-07 17:00"), STAYED, happened=True),
)  # fmt: skip
QUIRKS = (*DEFECTS, *EVENTS)
