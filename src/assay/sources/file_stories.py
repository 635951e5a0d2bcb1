"""Stories in a table of anybody's: which column says what, and when each could first be known."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import timedelta
from urllib.parse import urlsplit

import numpy as np
import polars as pl

from assay.core.errors import DataError, SettingsError
from assay.core.names import nearest
from assay.sources.clocks import HOUR, Clocks, parse_clock
from assay.sources.contract import Finding
from assay.sources.file_times import DateOrder, Times, parsed_times
from assay.sources.reading.table import Raw, listed

TEXTS = ("headline", "title", "text", "tweet", "content", "body", "summary", "description")
MOMENTS = (
    "created_at", "published_at", "publishedat", "published", "pubdate", "timestamp", "datetime",
    "date_time", "time", "date",
)  # fmt: skip
SOURCES = ("source", "publisher", "provider", "site", "outlet")
TICKERS = ("ticker", "tickers", "symbol", "symbols", "instrument", "instruments", "subject")
LINKS = ("url", "link")
"""Names of columns, the best first; case, spaces and hyphens do not matter."""
LAST_PLACE = "UTC-12"
"""Where on earth a day ends last: what only names its day was known by then, wherever it was."""
STORY_ROWS = pl.Schema(
    {
        "event_at": pl.Datetime("us", "UTC"),
        "seen_at": pl.Datetime("us", "UTC"),
        "source": pl.String(),
        "text": pl.String(),
        "tickers": pl.List(pl.String()),
        "dated": pl.Boolean(),
    }
)
_ZONED = r":\d{2}.*(?:Z|z|UTC|GMT|[+-]\d{2}:?\d{2})$"
_TICKER = r"^\$?[A-Z0-9][A-Z0-9.\-/^=_]{0,14}$"
_BETWEEN = re.compile(r"[,;|\s]+")


@dataclass(frozen=True, slots=True)
class Told:
    """What a person says of a table of stories; None leaves it to the table.

    `text` and `time` name columns; `symbol` names one, or says what every row is about; `source`
    names one, or says where every row is from. `clock` is what times without a zone, and days, are
    written in; `delay` is added to every first-seen time.
    """

    text: str | None = None
    time: str | None = None
    symbol: str | None = None
    source: str | None = None
    clock: Clocks | None = None
    dates: DateOrder | None = None
    delay: timedelta = timedelta()

    def __post_init__(self) -> None:
        if self.delay < timedelta():
            raise SettingsError(
                f"A delay is a time of 0 or more, found {self.delay}: no story is known early"
            )


@dataclass(frozen=True, slots=True)
class Stories:
    """The rows of a table that are stories, as `STORY_ROWS`, and what became of the others.

    `dated` rows name a day alone: they happened at its start in UTC and were seen at its end.
    `about` is what `Told.symbol` says of every row, or None. `rows` = `frame.height` + the others.
    """

    frame: pl.DataFrame
    rows: int
    without_text: int
    without_time: int
    about: str | None
    findings: tuple[Finding, ...] = field(default=())


def stories_of(raw: Raw, told: Told, default_source: str) -> Stories:
    """Return the stories of a table; `default_source` is where they are from if nothing tells.

    What is no story for want of text or time is counted. A row that names a moment is first seen
    then; one that names a day alone, or midnight, at the end of that day in the zone, without a
    zone at its last end on earth. Columns that cannot be told are a `SettingsError` that asks.
    """
    table = _Table(raw, told)
    text, time = table.text(), table.time()
    tickers, about = table.tickers()
    sources = table.sources(default_source)
    said = table.frame[text].cast(pl.String).str.strip_chars()
    times = parsed_times(table.frame[time], told.dates)
    event, seen, dated = _when(table.frame[time], times, told, raw.name)
    frame = pl.DataFrame(
        {
            "event_at": event,
            "seen_at": seen,
            "source": sources,
            "text": said,
            "tickers": tickers,
            "dated": dated,
        }
    )
    spoken = (said.str.len_chars() > 0).fill_null(value=False)
    known = frame.filter(spoken & seen.is_not_null()).cast(dict(STORY_ROWS))  # type: ignore[arg-type] # a schema is a mapping
    table.say_when(known["dated"], times)
    wordless = int((~spoken).sum()) + len(raw.ragged)
    return Stories(
        known,
        raw.rows,
        wordless,
        raw.rows - wordless - known.height,
        about,
        tuple(table.findings),
    )


class _Table:
    """A table whose columns are found by name, and what was found by which evidence."""

    def __init__(self, raw: Raw, told: Told) -> None:
        self.frame, self._told, self._name = raw.frame, told, raw.name
        self._plain = {_plain(column): column for column in reversed(raw.frame.columns)}
        self.findings: list[Finding] = []

    def text(self) -> str:
        """Return the column that holds the words."""
        return self._column("text", self._told.text, TEXTS)

    def time(self) -> str:
        """Return the column that holds the times; days are refused where moments stand beside."""
        asked = self._told.time
        found = self._column("time", asked, MOMENTS)
        best = self._first(MOMENTS)
        if asked is not None and best is not None and best != found:
            own, other = (parsed_times(self.frame[c], self._told.dates) for c in (found, best))
            if own.are_dates and not other.are_dates:
                raise SettingsError(
                    f"{self._name}: {found!r} only names days, but {best!r} beside it names "
                    "moments, and whose days they are is not said; leave --time out"
                )
        return found

    def tickers(self) -> tuple[pl.Series, str | None]:
        """Return the tickers of every row, and what all rows are about instead, if said."""
        none = pl.Series("tickers", [[]] * self.frame.height, dtype=pl.List(pl.String()))
        asked = self._told.symbol
        column = self._plain.get(_plain(asked)) if asked is not None else self._first(TICKERS)
        if column is None:
            about = None if asked is None else asked.strip().upper()
            because = "as you say" if about else "no column holds tickers"
            linked = about or "the whole market; what names an instrument's sides counts for it"
            self._say("about", linked, because, "--symbol")
            return none, about
        if self.frame[column].dtype.base_type() == pl.List:
            lists = self.frame[column].cast(pl.List(pl.String())).list.eval(_cleaned(pl.element()))
            self._say("about", f"column {column}", "it holds lists", "--symbol")
            return lists, None
        words = self.frame[column].cast(pl.String).str.strip_chars()
        if asked is None and not _are_tickers(words):
            shown = listed(words.drop_nulls().unique(maintain_order=True).head(3).to_list())
            because = f"the column {column} holds no tickers ({shown})"
            self._say("about", "the whole market", because, "--symbol")
            return none, None
        because = "as you say" if asked else "its name and its capitals"
        self._say("about", f"column {column}", because, "--symbol")
        parts = [
            [part.strip("$").upper() for part in _BETWEEN.split(word) if part.strip("$")]
            if word
            else []
            for word in words
        ]
        return pl.Series("tickers", parts, dtype=pl.List(pl.String())), None

    def sources(self, default: str) -> pl.Series:
        """Return where every row is from: a column, the hosts of links, or one name for all."""
        asked = self._told.source
        column = self._plain.get(_plain(asked)) if asked is not None else self._first(SOURCES)
        link = self._first(LINKS) if asked is None else None
        one = asked if asked is not None and column is None else default
        if column is not None:
            self._say("source", f"column {column}", "as you say" if asked else "its name")
            return self.frame[column].cast(pl.String).fill_null(one)
        if link is not None:
            self._say("source", f"the hosts of column {link}", "its name", "--source")
            hosts = [_host(url) or one for url in self.frame[link].cast(pl.String)]
            return pl.Series("source", hosts, dtype=pl.String)
        self._say("source", one, "as you say" if asked else "the name of the file", "--source")
        return pl.Series("source", [one] * self.frame.height, dtype=pl.String)

    def say_when(self, dated: pl.Series, times: Times) -> None:
        """Say when the rows are first seen, and in which zone."""
        days = int(dated.sum())
        clock = self._told.clock
        late = f", {self._told.delay} later" if self._told.delay else ""
        if dated.len() > days:
            zone = clock.name if times.naive and clock is not None else "the times' own"
            because = f"{dated.len() - days:,} rows name a moment"
            self._say("first seen", f"at that moment{late} (zone: {zone})", because, "--zone")
        if days:
            zone = f"in {clock.name}" if clock is not None else "wherever on earth that is last"
            because = f"{days:,} rows name a day alone, or its midnight"
            self._say("first seen", f"at the end of the day {zone}{late}", because, "--zone")
        self.findings += [Finding("times", note.sentence, "") for note in times.notes]

    def _column(self, what: str, asked: str | None, names: Sequence[str]) -> str:
        if asked is not None:
            found = self._plain.get(_plain(asked))
            if found is None:
                raise SettingsError(
                    f"{self._name} has no column {asked!r}{nearest(asked, self.frame.columns)}; "
                    f"it has {', '.join(self.frame.columns)}"
                )
            self._say(what, f"column {found}", "as you say")
            return found
        found = self._first(names)
        if found is None:
            raise SettingsError(
                f"{self._name}: which column holds the {what} cannot be told from the names "
                f"{', '.join(self.frame.columns)}; say it with --{what} COLUMN"
            )
        others = [self._plain[name] for name in names if name in self._plain]
        beside = [column for column in others if column != found]
        evidence = "its name" + (f", before {listed(beside)}" if beside else "")
        self._say(what, f"column {found}", evidence, f"--{what}")
        return found

    def _first(self, names: Sequence[str]) -> str | None:
        return next((self._plain[name] for name in names if name in self._plain), None)

    def _say(self, what: str, value: str, evidence: str, flag: str = "") -> None:
        self.findings.append(Finding(what, value, evidence, flag))


def _plain(name: str) -> str:
    return re.sub(r"[\s\-]+", "_", name.strip().lower())


def _cleaned(ticker: pl.Expr) -> pl.Expr:
    return ticker.str.strip_chars().str.strip_chars("$").str.to_uppercase()


def _are_tickers(words: pl.Series) -> bool:
    """Say whether nine of ten values are short and in capitals, as tickers are."""
    known = words.drop_nulls().filter(words.drop_nulls() != "")
    each = known.str.split(",").explode().str.strip_chars()
    return bool(len(each)) and int(each.str.contains(_TICKER).sum()) >= 0.9 * len(each)


def _host(url: str | None) -> str:
    try:
        return (urlsplit(url or "").hostname or "").removeprefix("www.")
    except ValueError:
        return ""


def _when(
    column: pl.Series, times: Times, told: Told, name: str
) -> tuple[pl.Series, pl.Series, pl.Series]:
    """Return event time, first-seen time (both null where unreadable), and which name days alone.

    A midnight is taken for a day: that is what is left of one in a column of times, and a story
    that is really of midnight is only seen too late.
    """
    values = times.values
    dated = (values == values.dt.truncate("1d")).fill_null(value=False)
    moments = values.set(dated, None)
    if times.naive and moments.count():
        if told.clock is None:
            raise SettingsError(
                f"{name}: the times of {column.name!r} name no zone; say with --zone what they are "
                "written in (UTC, America/New_York …): a wrong one makes stories known too early"
            )
        free = ~_zoned(column)
        local = values.filter(free).dt.epoch("us").fill_null(0).to_numpy()
        utc, exists = told.clock.utc(local)
        own = pl.Series(utc).set(pl.Series(~exists), None).cast(pl.Datetime("us", "UTC"))
        moments = moments.scatter(free.arg_true(), own).set(dated | values.is_null(), None)
    ends = _day_ends(values.filter(dated), told.clock or parse_clock(LAST_PLACE))
    event = moments.clone().scatter(dated.arg_true(), values.filter(dated))
    seen = moments.clone().scatter(dated.arg_true(), ends)
    try:
        return event, seen + told.delay, dated
    except (OverflowError, pl.exceptions.PolarsError) as error:
        raise DataError(f"{name}: a delay of {told.delay} leads out of the calendar") from error


def _zoned(column: pl.Series) -> pl.Series:
    """Return which rows name their own zone, in a column in which others do not."""
    if column.dtype != pl.String:
        return pl.Series([False]).new_from_index(0, column.len())
    return column.str.strip_chars().str.contains(_ZONED).fill_null(value=False)


def _day_ends(days: pl.Series, clock: Clocks) -> pl.Series:
    """Return when days (their midnights as if in UTC) end in `clock`, as UTC."""
    local = (days + timedelta(days=1)).dt.epoch("us").to_numpy().astype(np.int64)
    utc, exists = clock.utc(local)
    later, _ = clock.utc(local + HOUR)  # where the clock skips midnight, the day ends an hour on
    return pl.Series(np.where(exists, utc, later)).cast(pl.Datetime("us", "UTC"))
