"""Times in text, taken to pieces: year, month, day, clock and zone, and made into UTC."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import polars as pl

UTC_TIME = pl.Datetime("us", "UTC")
_ZONE = r"(Z|z|(?:UTC|GMT)?[+-]\d{2}:?\d{2}|(?:UTC|GMT)[+-]\d{1,2}|[+-]\d{2}|UTC|GMT)"
_HALF = r"\s*([AaPp]\.?[Mm]\.?)?"
_CLOCK = rf"(?:[T ,;_]+(\d{{1,2}}):(\d{{2}})(?::(\d{{2}})(?:[.,](\d{{1,9}}))?)?{_HALF})?"
_TAIL = rf"{_CLOCK}\s*{_ZONE}?$"
_TAIL_PARTS = ("hour", "minute", "second", "fraction", "half", "zone")
_MONTH = r"([A-Za-z]{3,9})\.?"
_WEEKDAY = r"[A-Z][a-z]{2,8}"
_OFFSET = re.compile(r"[+-]\d{2}:?\d{2}$")
_MONTHS = {
    word: str(number)
    for number, name in enumerate(
        (
            "january", "february", "march", "april", "may", "june", "july", "august", "september",
            "october", "november", "december",
        ),
        1,
    )
    for word in (name, name[:3])
} | {"sept": "9"}  # fmt: skip
_YEAR_FIRST = ("year", "month", "day", *_TAIL_PARTS)
_DAY_FIRST = ("day", "month", "year", *_TAIL_PARTS)
_MONTH_FIRST = ("month", "day", "year", *_TAIL_PARTS)
_DIGITS = ("year", "month", "day", "hour", "minute", "second", "zone")
KINDS: Sequence[tuple[str, Sequence[str]]] = (
    (rf"^(\d{{4}})[-/.](\d{{1,2}})[-/.](\d{{1,2}}){_TAIL}", _YEAR_FIRST),
    (rf"^(\d{{4}})(\d{{2}})(\d{{2}}){_TAIL}", _YEAR_FIRST),
    (r"^(\d{4})(\d{2})(\d{2})[T _]?(\d{2})(\d{2})(\d{2})?(Z)?$", _DIGITS),
    (rf"^(\d{{1,2}})[ -]?{_MONTH}[ ,-]*(\d{{4}}|\d{{2}}){_TAIL}", _DAY_FIRST),
    (rf"^(?:{_WEEKDAY},? )?{_MONTH} (\d{{1,2}}),? (\d{{4}}){_TAIL}", _MONTH_FIRST),
    (rf"^{_WEEKDAY}, (\d{{1,2}}) {_MONTH} (\d{{4}}){_TAIL}", _DAY_FIRST),
)
"""Ways to write a time that leave no doubt which part is what, and the parts in their order."""
ENDS_IN_YEAR = rf"^(\d{{1,2}})([-/.])(\d{{1,2}})([-/.])(\d{{4}}|\d{{2}}){_TAIL}"
"""A date with the day or the month first: which of the two, it does not show."""


@dataclass(frozen=True, slots=True)
class Read:
    """Times read from texts, null where unreadable.

    `values` are UTC, `walls` as a clock on the wall showed them, `clocked` says which name a clock
    time, `zoned` which name their zone; `short_years` that some years have two digits.
    """

    values: pl.Series
    walls: pl.Series
    clocked: pl.Series
    zoned: pl.Series
    short_years: bool = False

    def filled(self, gaps: pl.Series, other: "Read") -> "Read":
        """Return it with the rows `gaps` taken from `other`, which holds these rows alone."""
        at = gaps.arg_true()
        return Read(
            self.values.clone().scatter(at, other.values),
            self.walls.clone().scatter(at, other.walls),
            self.clocked.clone().scatter(at, other.clocked),
            self.zoned.clone().scatter(at, other.zoned),
            self.short_years or other.short_years,
        )


def as_machines_write(text: pl.Series) -> Read:
    """Return the times that are written like the first one, year first, the others null."""
    first = text.drop_nulls().head(1)
    shown = str(first[0]) if len(first) else ""
    offset = _OFFSET.search(shown)
    zone = offset[0] if offset else "Z" if shown.endswith("Z") else ""
    for form in ("%Y-%m-%d %H:%M:%S", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M:%S%.f"):
        if _walls(first, form, len(zone)).count():
            walls = _walls(text, form, len(zone))
            values = walls.dt.replace_time_zone("UTC")
            if zone:
                values = (values - _offsets(text.str.tail(len(zone)))).cast(UTC_TIME)
                walls = walls.set(values.is_null(), None)
            known = values.is_not_null()
            return Read(values, walls, known, known & pl.Series([bool(zone)]))
    return _nothing(text)


def _walls(text: pl.Series, form: str, zone_length: int) -> pl.Series:
    """Return the times written as `form` and a zone of that length, null if written otherwise."""
    body = text.str.head(-zone_length) if zone_length else text
    return body.str.to_datetime(form, time_unit="us", strict=False)


def _offsets(zones: pl.Series) -> pl.Series:
    """Return how far each zone lies east of UTC, null where it is none."""
    there = zones.drop_nulls().unique()
    there = there.filter(there.str.contains(r"^(?:Z|[+-]\d{2}:?\d{2})$"))
    known = dict(zip(there, _east(there), strict=True))
    minutes = zones.replace_strict(known, default=None, return_dtype=pl.Int64)
    return (minutes * 60_000_000).cast(pl.Duration("us"))


def _nothing(text: pl.Series) -> Read:
    none = pl.Series(text.name, [None] * len(text), dtype=pl.Datetime("us"))
    no = none.is_not_null()
    return Read(none.dt.replace_time_zone("UTC"), none, no, no)


def as_people_write(text: pl.Series, pattern: str, names: Sequence[str]) -> Read:
    """Return the times written as `pattern`, whose groups are the parts `names`."""
    if not text.str.contains(pattern).any():
        return _nothing(text)
    return composed(parts_of(text, pattern, names))


def parts_of(text: pl.Series, pattern: str, names: Sequence[str]) -> dict[str, pl.Series]:
    """Return the groups of `pattern` as text by the parts `names`; null where it does not match."""
    groups = text.str.extract_groups(pattern).struct.unnest()
    return {name: groups[place] for name, place in zip(names, groups.columns, strict=True)}


def composed(parts: Mapping[str, pl.Series]) -> Read:
    """Return the times that text parts make up: year, month (or its name), day, clock and zone.

    Years of two digits are 2000 to 2069 and 1970 to 1999. A part that is missing is null.
    """
    none = pl.Series([None] * len(parts["year"]), dtype=pl.String)
    short = parts["year"].str.len_chars() == 2
    late = (parts["year"].cast(pl.Int64) <= 69).cast(pl.String)
    century = late.replace({"true": "20", "false": "19"})
    year = parts["year"].zip_with(~short.fill_null(value=False), century + parts["year"])
    month = parts["month"].str.to_lowercase().replace(_MONTHS).str.zfill(2)
    hour = _hours(parts["hour"], parts.get("half", none))
    fraction, zone = parts.get("fraction", none), parts["zone"]
    clock = ":" + parts["minute"].fill_null("00") + ":" + parts["second"].fill_null("00")
    day = year + "-" + month + "-" + parts["day"].str.zfill(2)
    local = (day + " " + hour.fill_null("00") + clock).str.to_datetime(
        "%Y-%m-%d %H:%M:%S", time_unit="us", strict=False
    )
    micro = fraction.fill_null("0").str.pad_end(9, "0").str.slice(0, 6).cast(pl.Int64)
    cut = hour.is_null() & zone.str.contains(r"^[+-]\d{2}$").fill_null(value=False)
    walls = (local.cast(pl.Int64) + micro).set(cut, None).cast(pl.Datetime("us"))
    values = (walls.cast(pl.Int64) - _east(zone) * 60_000_000).cast(pl.Datetime("us"))
    known = values.is_not_null()
    return Read(
        values.dt.replace_time_zone("UTC"),
        walls,
        known & hour.is_not_null(),
        known & zone.is_not_null(),
        bool((known & short).any()),
    )


def _hours(hour: pl.Series, half: pl.Series) -> pl.Series:
    """Return the hour of 24 as two digits; of 12 if `half` says am or pm."""
    if not half.count():
        return hour.str.zfill(2)
    number = hour.cast(pl.Int64, strict=False)
    late = half.str.to_lowercase().str.starts_with("p").cast(pl.Int64) * 12
    of_12 = (number % 12 + late).set(~number.is_between(1, 12).fill_null(value=False), None)
    return of_12.cast(pl.String).fill_null(hour.set(half.is_not_null(), "99")).str.zfill(2)


def _east(zone: pl.Series) -> pl.Series:
    """Return the minutes that a zone lies east of UTC; null where there is no such zone."""
    digits = zone.str.replace_all(r"[^0-9]", "")
    hours = digits.str.slice(0, 2).cast(pl.Int64, strict=False).fill_null(0)
    minutes = digits.str.slice(2, 2).cast(pl.Int64, strict=False).fill_null(0)
    sign = zone.str.contains("-").fill_null(value=False).cast(pl.Int64) * -2 + 1
    return ((hours * 60 + minutes) * sign).set((hours > 14) | (minutes > 59), None)
