"""The published series we know: what FRED calls them, what we do, and when they come out.

What is not on FRED is not here: the purchasing managers of ISM took theirs away in 2016, and of
most countries two-year yields and the rates that central banks set were never there. They come
from a calendar.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum
from types import MappingProxyType
from zoneinfo import ZoneInfo

from assay.sources.decisions import BANKS, IN_FORCE, POLICY_RATE

DAY = timedelta(days=1)
FRED_ZONE = ZoneInfo("America/Chicago")
"""The days of vintages are those of St. Louis."""


class Frequency(StrEnum):
    """How often a series has a figure."""

    DAILY = "daily"
    WEEKLY = "weekly"
    MONTHLY = "monthly"
    QUARTERLY = "quarterly"


class Kind(StrEnum):
    """What a new figure is: an announcement, a quotation that is carried on, or a decision."""

    ANNOUNCED = "announced"
    QUOTED = "quoted"
    DECIDED = "decided"


@dataclass(frozen=True, slots=True)
class Published:
    """One series: its `code` at FRED, our `name`, the `currency` it bears on, its `unit`.

    `at` is the hour in `zone` at which it comes out; None where nobody keeps to one. `days` after
    the end of what a figure is about it had come out in every case known to us, with a margin:
    shutdowns of the government are in it.
    """

    code: str
    name: str
    currency: str
    unit: str
    frequency: Frequency
    kind: Kind
    at: time | None
    zone: str
    days: int
    document: str

    def seen(self, vintage: date) -> datetime:
        """Return when (UTC) a version with the vintage of that day could first be known.

        At its hour, never before the day begins at FRED; without an hour when the day is over.
        """
        first = datetime.combine(vintage, time(), FRED_ZONE)
        if self.at is None:
            return datetime.combine(vintage + DAY, time(), FRED_ZONE).astimezone(UTC)
        hour = datetime.combine(vintage, self.at, ZoneInfo(self.zone))
        return max(first.astimezone(UTC), hour.astimezone(UTC))

    def last_day(self, of: date) -> date:
        """Return the last day of the month or quarter that begins with `of`, or the day itself."""
        months = {Frequency.MONTHLY: 1, Frequency.QUARTERLY: 3}.get(self.frequency)
        if months is None:
            return of
        after = of.year * 12 + of.month - 1 + months
        return date(after // 12, after % 12 + 1, 1) - DAY

    def period(self, of: date) -> str:
        """Return what a figure dated `of` is about: 2026-10-30, 2026-10 or 2026-Q4."""
        if self.frequency is Frequency.MONTHLY:
            return f"{of:%Y-%m}"
        if self.frequency is Frequency.QUARTERLY:
            return f"{of.year}-Q{(of.month + 2) // 3}"
        return of.isoformat()

    def due(self, of: date) -> datetime:
        """Return when (UTC) a quotation or a decision dated `of` was due.

        A quotation on its last day; a decision when the bank spoke, a while before it came into
        force. When an announcement was due its date does not say.
        """
        if self.kind is Kind.DECIDED:
            return BANKS[self.currency].decided(of - IN_FORCE[self.currency])
        return datetime.combine(self.last_day(of), time(), UTC)

    def assumed(self, of: date) -> datetime:
        """Return when (UTC) a figure dated `of` had surely been known: see `days`.

        A quotation of one day had been by the end of the next weekday.
        """
        last = self.last_day(of) + self.days * DAY
        if self.frequency is Frequency.DAILY and self.days == 1:
            last += {5: 2, 6: 1}.get(last.weekday(), 0) * DAY
        return datetime.combine(last + DAY, time(), FRED_ZONE).astimezone(UTC)


_BLS = "https://www.bls.gov/schedule/"
_BEA = "https://www.bea.gov/news/schedule"
_CENSUS = "https://www.census.gov/economic-indicators/calendar-listview.html"
_H15 = "https://www.federalreserve.gov/releases/h15/"
_OECD = "https://data-explorer.oecd.org"
_NEW_YORK = "America/New_York"
_HALF_PAST_EIGHT = time(8, 30)
_H15_HOUR = time(16, 15)
_M, _Q, _D, _W = Frequency.MONTHLY, Frequency.QUARTERLY, Frequency.DAILY, Frequency.WEEKLY


def _news(
    code: str,
    name: str,
    unit: str,
    days: int,
    document: str,
    at: time | None = _HALF_PAST_EIGHT,
    frequency: Frequency = _M,
) -> Published:
    """Return an announcement of the United States."""
    kind = Kind.ANNOUNCED
    return Published(code, name, "USD", unit, frequency, kind, at, _NEW_YORK, days, document)


def _quote(
    code: str, name: str, unit: str, document: str, at: time | None = None, days: int = 1
) -> Published:
    """Return a daily quotation that bears on the dollar."""
    return Published(code, name, "USD", unit, _D, Kind.QUOTED, at, _NEW_YORK, days, document)


def _abroad(country: str, currency: str) -> tuple[Published, ...]:
    """Return the rates that the OECD collects of a country: means of months, told late."""
    kinds = (
        ("IRLTLT01", "yield_10y_percent"),
        ("IR3TIB01", "yield_3m_percent"),
        ("IRSTCI01", "overnight_rate_percent"),
    )
    return tuple(
        Published(
            f"{kind}{country}M156N", name, currency, "percent a year",
            _M, Kind.QUOTED, None, "Europe/Paris", 120, _OECD,
        )
        for kind, name in kinds
    )  # fmt: skip


_ALL = (
    _news("CPIAUCSL", "cpi_index", "1982-1984 = 100", 45, _BLS),
    _news("CPILFESL", "core_cpi_index", "1982-1984 = 100", 45, _BLS),
    _news("PPIFIS", "ppi_final_demand_index", "November 2009 = 100", 75, _BLS),
    _news("PAYEMS", "payrolls_thousands", "thousands of people", 60, _BLS),
    _news("UNRATE", "unemployment_rate_percent", "percent", 60, _BLS),
    _news("CES0500000003", "hourly_earnings_dollars", "dollars an hour", 60, _BLS),
    _news("PCEPI", "pce_price_index", "2017 = 100", 75, _BEA),
    _news("PCEPILFE", "core_pce_price_index", "2017 = 100", 75, _BEA),
    _news("GDPC1", "real_gdp_billions", "billions of 2017 dollars a year", 95, _BEA, frequency=_Q),
    _news("GDP", "gdp_billions", "billions of dollars a year", 95, _BEA, frequency=_Q),
    _news("RSAFS", "retail_sales_millions", "millions of dollars", 75, _CENSUS),
    _news("DGORDER", "durable_goods_orders_millions", "millions of dollars", 90, _CENSUS),
    _news("HOUST", "housing_starts_thousands", "thousands a year", 75, _CENSUS),
    _news(
        "INDPRO", "industrial_production_index", "2017 = 100", 75,
        "https://www.federalreserve.gov/releases/g17/release_dates.htm", time(9, 15),
    ),
    _news(
        "ICSA", "initial_claims_count", "people", 60,
        "https://www.dol.gov/ui/data.pdf", frequency=_W,
    ),
    _news("UMCSENT", "consumer_sentiment_index", "1966 Q1 = 100", 62,
          "https://data.sca.isr.umich.edu", None),
    Published(
        "DFEDTARU", POLICY_RATE, "USD", "percent a year", _D, Kind.DECIDED, None, _NEW_YORK, 0,
        "https://www.federalreserve.gov/monetarypolicy/fomccalendars.htm",
    ),
    Published(
        "DFEDTARL", "policy_rate_lower_percent", "USD", "percent a year", _D, Kind.DECIDED, None,
        _NEW_YORK, 0, "https://www.federalreserve.gov/monetarypolicy/fomccalendars.htm",
    ),
    _quote("DFF", "overnight_rate_percent", "percent a year", _H15, _H15_HOUR),
    _quote("DGS3MO", "yield_3m_percent", "percent a year", _H15, _H15_HOUR),
    _quote("DGS2", "yield_2y_percent", "percent a year", _H15, _H15_HOUR),
    _quote("DGS10", "yield_10y_percent", "percent a year", _H15, _H15_HOUR),
    _quote("T10YIE", "breakeven_10y_percent", "percent a year",
           "https://fred.stlouisfed.org/series/T10YIE"),
    _quote("DTWEXBGS", "dollar_index", "January 2006 = 100",
           "https://www.federalreserve.gov/releases/h10/", days=10),
    _quote("DCOILWTICO", "oil_wti_dollars", "dollars a barrel",
           "https://www.eia.gov/dnav/pet/pet_pri_spt_s1_d.htm", days=14),
    _quote("VIXCLS", "vix_index", "percent a year", "https://www.cboe.com/tradable_products/vix/"),
    Published(
        "ECBDFR", POLICY_RATE, "EUR", "percent a year", _D, Kind.DECIDED, None, "Europe/Berlin", 0,
        "https://www.ecb.europa.eu/press/calendars/mgcgc/html/index.en.html",
    ),
    Published(
        "CP0000EZ19M086NEST", "hicp_index", "EUR", "2015 = 100", _M, Kind.ANNOUNCED, None,
        "Europe/Berlin", 62, "https://ec.europa.eu/eurostat/news/release-calendar",
    ),
    *_abroad("EZ", "EUR"), *_abroad("GB", "GBP"), *_abroad("JP", "JPY"), *_abroad("CH", "CHF"),
    *_abroad("AU", "AUD"), *_abroad("NZ", "NZD"), *_abroad("CA", "CAD"),
)  # fmt: skip
PUBLISHED: Mapping[str, Published] = MappingProxyType({one.code: one for one in _ALL})
"""The series by their code at FRED."""
