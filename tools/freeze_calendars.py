"""Freeze exchange_calendars into the small tables that `assay.core.calendars` ships.

Run it with the extra `oracle` installed: `python tools/freeze_calendars.py [FOLDER]`. It writes one
JSON file an exchange: usual hours in local time, the weekdays without a session and their names,
and the days with other hours. Nothing of exchange_calendars is needed after that.
"""

import json
import sys
from datetime import date, time
from pathlib import Path
from typing import Any

import exchange_calendars
import pandas as pd

EXCHANGES = ("XNYS", "XLON", "XTKS", "CMES")
FIRST, LAST = date(2007, 1, 1), date(2027, 12, 31)
FOLDER = Path(__file__).parent.parent / "src/assay/core/calendars/tables"

PLAIN_NAMES = {
    "July 4th": "Independence Day",
    "President's Day": "Presidents' Day",
    "Dr. Martin Luther King Jr. Day": "Martin Luther King Jr. Day",
    "Juneteenth National Independence Day": "Juneteenth",
}
MOURNING_AND_STORMS = {
    "2007-01-02": "day of mourning for President Ford",
    "2012-10-29": "Hurricane Sandy",
    "2012-10-30": "Hurricane Sandy",
    "2018-12-05": "day of mourning for President Bush",
    "2025-01-09": "day of mourning for President Carter",
}
ONE_OFF = {
    "XNYS": MOURNING_AND_STORMS,
    "CMES": MOURNING_AND_STORMS,
    "XLON": {
        "2011-04-29": "royal wedding",
        "2012-06-04": "Spring Bank Holiday, moved",
        "2012-06-05": "Diamond Jubilee",
        "2020-05-08": "Early May Bank Holiday, moved",
        "2022-06-02": "Spring Bank Holiday, moved",
        "2022-06-03": "Platinum Jubilee",
        "2022-09-19": "state funeral of Queen Elizabeth II",
        "2023-05-08": "coronation of King Charles III",
    },
    "XTKS": {
        "2009-09-22": "Citizens' Holiday",
        "2015-09-22": "Citizens' Holiday",
        "2026-09-22": "Citizens' Holiday",
        "2019-04-30": "abdication of Emperor Akihito",
        "2019-05-01": "enthronement of Emperor Naruhito",
        "2019-05-02": "enthronement of Emperor Naruhito",
        "2019-10-22": "enthronement ceremony",
        "2020-10-01": "failure of the trading system",
    },
}


def main() -> None:
    """Write the tables into the folder named on the command line, else into the package."""
    folder = Path(sys.argv[1]) if len(sys.argv) > 1 else FOLDER
    folder.mkdir(parents=True, exist_ok=True)
    for name in EXCHANGES:
        text = written(table(name))
        (folder / f"{name.lower()}.json").write_text(text, encoding="utf-8")
        print(f"{name}: {len(text):,} bytes")


def table(name: str) -> dict[str, Any]:
    """Return the frozen table of one exchange."""
    calendar = exchange_calendars.get_calendar(name, start=str(FIRST), end=str(LAST))
    hours = _usual_hours(calendar)
    days = pd.date_range(FIRST, LAST, freq="B")
    weekend = [day for day in calendar.sessions if day.weekday() > 4]
    if weekend:
        raise SystemExit(f"{name} has weekend sessions, which the tables cannot say: {weekend}")
    named = _names(calendar, name)
    closed = {
        str(day.date()): named.get(str(day.date()), "closed")
        for day in days
        if day not in calendar.sessions
    }
    return {
        "name": name,
        "made_with": f"exchange_calendars {exchange_calendars.__version__}",
        "zone": str(calendar.tz),
        "first": str(FIRST),
        "last": str(LAST),
        "open_day": calendar.open_offset,
        "hours": hours,
        "closed": closed,
        "special": _special(calendar, hours),
    }


def _usual_hours(calendar: Any) -> list[dict[str, Any]]:  # noqa: ANN401 - the library is untyped
    """Return the usual hours, one entry for each date from which they held."""
    marks = {pair[0] for pair in (*calendar.open_times, *calendar.close_times)}
    starts = sorted(FIRST if mark is None else mark.date() for mark in marks)

    def holding(pairs: Any, day: date) -> str:  # noqa: ANN401 - the library is untyped
        held = [at for since, at in pairs if since is None or since.date() <= day]
        return _clock(held[-1])

    entries = []
    for start in starts:
        entry = {
            "from": str(start),
            "open": holding(calendar.open_times, start),
            "close": holding(calendar.close_times, start),
        }
        if calendar.break_start_times:
            entry["break_start"] = holding(calendar.break_start_times, start)
            entry["break_end"] = holding(calendar.break_end_times, start)
        entries.append(entry)
    return entries


def _names(calendar: Any, name: str) -> dict[str, str]:  # noqa: ANN401 - the library is untyped
    named = calendar.regular_holidays.holidays(
        pd.Timestamp(FIRST), pd.Timestamp(LAST), return_name=True
    )
    found = {}
    for day, said in named.items():
        plain = str(said).partition(" (")[0] if "onwards" in str(said) else str(said)
        found[str(day.date())] = PLAIN_NAMES.get(plain, plain)
    if name == "XTKS":
        for day in calendar.adhoc_holidays:
            season = {3: "Vernal Equinox Day", 9: "Autumnal Equinox Day"}.get(day.month)
            if season:
                found.setdefault(str(day.date()), season)
    return found | ONE_OFF[name]


def _special(calendar: Any, hours: list[dict[str, Any]]) -> dict[str, list[str]]:  # noqa: ANN401 - the library is untyped
    """Return the days whose hours are not the usual ones: open, close, what is special."""
    found = {}
    for day, row in calendar.schedule.iterrows():
        usual = [entry for entry in hours if entry["from"] <= str(day.date())][-1]
        opened = _clock(row["open"].tz_convert(calendar.tz).time())
        closed = _clock(row["close"].tz_convert(calendar.tz).time())
        said = []
        if opened != usual["open"]:
            said.append("late open" if opened > usual["open"] else "early open")
        if closed != usual["close"]:
            said.append("early close" if closed < usual["close"] else "late close")
        if said:
            found[str(day.date())] = [opened, closed, " and ".join(said)]
    return found


def _clock(at: time) -> str:
    if at.second or at.microsecond:
        raise SystemExit(f"the tables hold whole minutes; found {at}")
    return at.strftime("%H:%M")


def written(content: dict[str, Any]) -> str:
    """Return the JSON text: one line an entry, so that a change shows as a line."""
    return json.dumps(content, indent=1, ensure_ascii=True) + "\n"


if __name__ == "__main__":
    main()
