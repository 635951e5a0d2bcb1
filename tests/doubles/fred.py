"""FRED's and ALFRED's interface, as its documents and people's measurements describe it."""

import json
from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from xml.etree import ElementTree as ET
from zoneinfo import ZoneInfo

from assay.sources.figures import Figure
from assay.sources.published import PUBLISHED, Kind
from tests.doubles.macrodesk import DAY, SERIES, MacroDouble, Version, order, said, versions
from tests.doubles.server import GOOD_KEY, Question, Reply

CHICAGO = ZoneInfo("America/Chicago")
EVER, FOR_EVER = date(1776, 7, 4), date(9999, 12, 31)
MOST_VINTAGES = 2_000
"""In an answer of JSON; more are refused (https://github.com/mortada/fredapi/issues/48)."""
WITHOUT_VINTAGES = "VIXCLS"
RELEASES = {"CPIAUCSL": (10, "Consumer Price Index")}
TO_COME = ("2026-11-12", "2026-12-10", "2027-01-13")
_TAKEN = {
    "series": {"series_id", "realtime_start", "realtime_end"},
    "series/observations": {
        "series_id",
        "realtime_start",
        "realtime_end",
        "limit",
        "offset",
        "sort_order",
        "observation_start",
        "observation_end",
        "units",
        "output_type",
    },
    "series/vintagedates": {
        "series_id",
        "realtime_start",
        "realtime_end",
        "limit",
        "offset",
        "sort_order",
    },
    "series/release": {"series_id", "realtime_start", "realtime_end"},
    "release/dates": {
        "release_id",
        "realtime_start",
        "realtime_end",
        "limit",
        "offset",
        "sort_order",
        "include_release_dates_with_no_data",
    },
}
_MOST = {"series/observations": 100_000, "series/vintagedates": 10_000, "release/dates": 10_000}
EXAMPLE = {
    "realtime_start": "2013-08-14",
    "realtime_end": "2013-08-14",
    "observation_start": "1776-07-04",
    "observation_end": "9999-12-31",
    "units": "lin",
    "output_type": 1,
    "file_type": "json",
    "order_by": "observation_date",
    "sort_order": "asc",
    "count": 84,
    "offset": 0,
    "limit": 100000,
    "observations": [
        {
            "realtime_start": "2013-08-14",
            "realtime_end": "2013-08-14",
            "date": "1929-01-01",
            "value": "1065.9",
        }
    ],
}
"""The answer in https://fred.stlouisfed.org/docs/api/fred/series_observations.html, shortened."""


class Wrong(Exception):  # noqa: N818 - it is an answer of the provider's
    """What is wrong with a question, in FRED's words."""


class Fred(MacroDouble):
    """Observations by real-time period, cut to the period that is asked for.

    Documented: the paths, their parameters and limits, that days are of St. Louis' time zone, "."
    for a missing value, XML unless JSON is asked for. Measured by others: a real-time period of
    more than 2,000 vintages is refused, one before the first vintage "does not exist in ALFRED",
    the periods of rows are cut to the one asked for (https://github.com/mortada/fredapi/pull/52),
    and one that ends after today is refused unless it never ends. Chosen: a parameter that does not
    exist is refused, where the real one passes over it, so that a misspelt one is seen.
    """

    adapter = "fred"
    document = "https://fred.stlouisfed.org/docs/api/fred/series_observations.html"
    subject = "CPIAUCSL"
    value = "value"

    @property
    def questions(self) -> tuple[str, ...]:
        """See `MacroDouble.questions`."""
        return SERIES

    def reply(self, question: Question) -> Reply:
        """See `Answering.reply`."""
        is_json = question.query.get("file_type", "xml") == "json"
        path = question.path.removeprefix("/fred/")
        if path not in _TAKEN:
            return _refused(404, "Not Found", is_json=is_json)
        query = {n: v for n, v in question.query.items() if n not in ("file_type", "api_key")}
        try:
            self._check(question.query.get("api_key"), path, query)
            body, field = self._body(path, query, is_json=is_json)
        except Wrong as wrong:
            return _refused(400, f"Bad Request.  {wrong}", is_json=is_json)
        return said(body) if is_json else _xml(body, field)

    def truth(self, question: str, start: datetime, end: datetime) -> list[Figure]:
        """See `MacroDouble.truth`."""
        series = PUBLISHED[question]
        every = [one for one in versions(question) if one.value is not None]
        first = {one.of: series.seen(one.vintage) for one in reversed(every)}
        if series.kind is Kind.DECIDED:
            every = [
                one
                for place, one in enumerate(every)
                if not place or one.value != every[place - 1].value
            ]
        begin = min(one.vintage for one in versions(question)) - 366 * DAY
        found = [
            Figure(
                series.name,
                series.currency,
                first[one.of]
                if series.kind is Kind.ANNOUNCED
                else min(series.due(one.of), series.seen(one.vintage)),
                series.seen(one.vintage),
                one.value,
                period=series.period(one.of),
            )
            for one in every
            if one.vintage <= self.today
            and start < series.seen(one.vintage) <= min(end, self.clock)
            and (series.kind is Kind.ANNOUNCED or one.of >= begin)
        ]
        return sorted(found, key=order)

    @property
    def today(self) -> date:
        """Return the day it is in St. Louis."""
        return self.clock.astimezone(CHICAGO).date()

    def _check(self, key: str | None, path: str, query: Mapping[str, str]) -> None:
        if key is None:
            raise Wrong("Variable api_key is not set.  Read https://fred.stlouisfed.org/docs/api/")
        if key != GOOD_KEY:
            raise Wrong("The value for variable api_key is not registered.")
        for name in set(query) - _TAKEN[path]:
            raise Wrong(f"Variable {name} is not one of its own.")
        for name in ("realtime_start", "realtime_end"):
            asked = _day(query.get(name, self.today.isoformat()), name)
            if self.today < asked < FOR_EVER:
                raise Wrong(f"Variable {name} can not be after today's date ({self.today}).")
        if path in _MOST and not 1 <= int(query.get("limit", "1")) <= _MOST[path]:
            raise Wrong(f"Variable limit is not between 1 and {_MOST[path]}.")

    def _body(
        self, path: str, query: Mapping[str, str], *, is_json: bool
    ) -> tuple[dict[str, Any], str]:
        if path == "release/dates":
            return self._dates(query)
        code = query.get("series_id", "")
        if code not in (*SERIES, WITHOUT_VINTAGES):
            raise Wrong("The series does not exist.")
        if path == "series":
            return {"seriess": [{"id": code, "title": code}]}, "series"
        if path == "series/release":
            number, name = RELEASES.get(code, (1, code))
            return {"releases": [{"id": number, "name": name, "press_release": True}]}, "release"
        if code == WITHOUT_VINTAGES:
            raise Wrong("The series does not exist in ALFRED but may exist in FRED.")
        held = [one for one in versions(code) if one.vintage <= self.today]
        default = EVER.isoformat() if path == "series/vintagedates" else self.today.isoformat()
        first = _day(query.get("realtime_start", default), "realtime_start")
        last = FOR_EVER.isoformat() if path == "series/vintagedates" else self.today.isoformat()
        end = _day(query.get("realtime_end", last), "realtime_end")
        if path == "series/vintagedates":
            days = sorted({one.vintage for one in held if first <= one.vintage <= end})
            return self._page([day.isoformat() for day in days], query, "vintage_dates"), "x"
        inside = {one.vintage for one in held if first <= one.vintage <= end}
        if is_json and len(inside) > MOST_VINTAGES:
            raise Wrong(
                f"There are {len(inside)} vintage dates in the specified real-time period: {first} "
                f"to {end}. This exceeds the maximum number of vintage dates allowed for this file "
                f"type ({MOST_VINTAGES})."
            )
        if not any(one.vintage <= end for one in held):
            raise Wrong("The series does not exist in ALFRED but may exist in FRED.")
        begin = _day(query.get("observation_start", EVER.isoformat()), "observation_start")
        rows = [row for row in _rows(held, first, end) if row["date"] >= begin.isoformat()]
        return self._page(rows, query, "observations"), "observation"

    def _page(self, rows: list[Any], query: Mapping[str, str], field: str) -> dict[str, Any]:
        told = self.told(rows) if field == "observations" else rows
        if query.get("sort_order", "asc") == "desc":
            told = told[::-1]
        most = min(self.most, int(query.get("limit", "100000")))
        offset = int(query.get("offset", "0"))
        part = told[offset : offset + most]
        return {"count": len(told), "offset": offset, "limit": most, field: part}

    def _dates(self, query: Mapping[str, str]) -> tuple[dict[str, Any], str]:
        number = int(query.get("release_id", "0"))
        if number not in (found for found, _ in RELEASES.values()):
            raise Wrong("The release does not exist.")
        first = query.get("realtime_start", EVER.isoformat())
        days = [day for day in TO_COME if day >= first]
        if query.get("include_release_dates_with_no_data") != "true":
            days = [day for day in days if day <= self.today.isoformat()]
        rows = [{"release_id": number, "date": day} for day in days]
        return self._page(rows, query, "release_dates"), "release_date"


def _rows(held: list[Version], first: date, end: date) -> list[dict[str, str]]:
    """Return what was true in the period, each row cut to it."""
    found = []
    for place, one in enumerate(held):
        after = held[place + 1] if place + 1 < len(held) else None
        until = after.vintage - DAY if after is not None and after.of == one.of else FOR_EVER
        if one.vintage <= end and until >= first:
            found.append(
                {
                    "realtime_start": max(one.vintage, first).isoformat(),
                    "realtime_end": min(until, end).isoformat(),
                    "date": one.of.isoformat(),
                    "value": "." if one.value is None else str(one.value),
                }
            )
    return found


def _day(text: str, name: str) -> date:
    try:
        return datetime.strptime(text, "%Y-%m-%d").replace(tzinfo=UTC).date()
    except ValueError:
        raise Wrong(f"Variable {name} is not a YYYY-MM-DD formatted date.") from None


def _refused(status: int, message: str, *, is_json: bool) -> Reply:
    if is_json:
        return said({"error_code": status, "error_message": message}, status)
    root = ET.Element("error", {"code": str(status), "message": message})
    return Reply(ET.tostring(root), status, {"Content-Type": "text/xml"})


def _xml(body: Mapping[str, Any], name: str) -> Reply:
    """Return an answer as XML: rows as elements, days of vintages as their text."""
    field = next(one for one in body if isinstance(body[one], list))
    head = {key: json.dumps(value) for key, value in body.items() if key != field}
    root = ET.Element(field, head)
    for row in body[field]:
        if isinstance(row, str):
            ET.SubElement(root, "vintage_date").text = row
        else:
            ET.SubElement(root, name, {key: str(value) for key, value in row.items()})
    return Reply(ET.tostring(root), 200, {"Content-Type": "text/xml"})
