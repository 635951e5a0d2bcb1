"""FRED and ALFRED: figures of the United States and rates of others, with their vintages."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from typing import Any

from assay.core.errors import (
    AssayError,
    CredentialError,
    DataError,
    NotFoundError,
    TransientError,
)
from assay.core.names import unknown
from assay.sources.contract import Note
from assay.sources.figure_rows import Odd, day, listed_rows, number, some
from assay.sources.figures import Figure, MacroAbilities, MacroPage, MacroProvider
from assay.sources.provider import Limit
from assay.sources.published import DAY, FRED_ZONE, PUBLISHED, Kind, Published
from assay.sources.vintages import Version, announced, by_first_sight, changes, figure_of
from assay.sources.wire.http import Answer, Http

ADDRESS = "https://api.stlouisfed.org"
EVER = "1776-07-04"
FOR_EVER = "9999-12-31"
"""The first and the last day that a real-time period can have."""
MOST_VINTAGES = 1_500
"""So many are asked for at once; 2,000 are allowed."""
MOST_ROWS, MOST_DATES = 100_000, 10_000
"""Of one answer, by its document."""
BACK = timedelta(days=366)
"""Revisions of quotations older than this are not asked for: nothing is done with them."""
MISSING = "."
SCHEDULED = (
    "CPIAUCSL", "PPIFIS", "PAYEMS", "PCEPI", "GDPC1", "RSAFS", "DGORDER", "HOUST", "INDPRO",
    "ICSA",
)  # fmt: skip
"""Series, one of each release, whose days to come are asked for."""
SCHEDULE = "schedule/"
"""Before the code of a series: a question for the days on which it will come out."""


class Fred(MacroProvider):
    """Series of FRED with every version that ALFRED keeps, by the day it appeared.

    A vintage is a day: the hour is that of the series' releases, else the end of the day in
    St. Louis. The first vintage of an archive may hold decades: they were known before it, nobody
    knows since when, and are told as known since then, which is late and true. Its interface of
    version 2, which takes the key in a header, has no vintages; here the key is a parameter.

    A period that is asked for cuts the first day of what was known before to its own first day
    (https://github.com/mortada/fredapi/pull/52): it begins a day before the first vintage that is
    wanted, and what seems to be of that day is left out. Of announcements the whole history is
    asked for when there is a new vintage, for a figure was due when its first version came.
    """

    abilities = MacroAbilities(
        title="FRED",
        limits=(Limit(120, 60),),
        licence="Free to use; some series are copyrighted by their sources, who must be asked.",
        document="https://fred.stlouisfed.org/docs/api/fred/series_observations.html",
        vintages=True,
        keys=("key",),
        sign_up="https://fred.stlouisfed.org/docs/api/api_key.html",
    )

    @cached_property
    def _http(self) -> Http:
        key = self.access.secret(self.abilities, "key")
        return self.holding(
            Http(self.access, self.abilities, ADDRESS, params={"api_key": key}, fault=self._fault)
        )

    def questions(self, currencies: Sequence[str]) -> tuple[str, ...]:
        """See `MacroProvider.questions`: codes of series, and `schedule/` before some of them."""
        codes = [code for code, one in PUBLISHED.items() if one.currency in currencies]
        return (*codes, *(SCHEDULE + code for code in codes if code in SCHEDULED))

    def calls(self, question: str, start: datetime, end: datetime) -> int:
        """See `MacroProvider.calls`; the days of vintages are one, what they brought another."""
        return 0 if end <= start else 2

    def page(self, question: str, start: datetime, end: datetime) -> MacroPage:
        """See `MacroProvider.page`; today is never done with."""
        series = PUBLISHED.get(question.removeprefix(SCHEDULE))
        if series is None:
            raise unknown("series of FRED", question, self.questions(_currencies()))
        if question.startswith(SCHEDULE):
            return self._schedule(series, end)
        vintages, answer = self._vintages(series)
        until = min(end, answer.at)
        wanted = [one for one in vintages if start < series.seen(one) <= until]
        settled = max(start, min(end, _midnight(answer.at)))
        if not wanted:
            return MacroPage((), (), settled, current=True)
        if series.kind is Kind.ANNOUNCED:
            history = [one for one in vintages if one <= wanted[-1]]
            versions, _, notes = self._versions(series, history)
            return MacroPage(announced(series, versions, wanted), notes, settled, current=True)
        part = wanted[:MOST_VINTAGES]
        versions, before, notes = self._versions(series, part, since=part[0] - BACK)
        if series.kind is Kind.DECIDED:
            versions = changes(versions, before)
        figures = tuple(figure_of(series, one, series.due(one.of)) for one in versions)
        more = len(part) < len(wanted)
        through = series.seen(part[-1]) if more else settled
        return MacroPage(
            tuple(sorted(figures, key=by_first_sight)), notes, through, current=not more
        )

    def _vintages(self, series: Published) -> tuple[list[date], Answer]:
        """Return the days on which the series was published or revised, in order."""
        params = {"series_id": series.code, "realtime_start": EVER, "realtime_end": FOR_EVER}
        rows, answer = self._whole("series/vintagedates", "vintage_dates", params, MOST_DATES)
        found = {day(row) for row in rows}
        if None in found:
            raise DataError(f"FRED named a day of a vintage of {series.code} that is none")
        return sorted(one for one in found if one is not None), answer

    def _versions(
        self, series: Published, vintages: Sequence[date], since: date | None = None
    ) -> tuple[list[Version], dict[date, float], tuple[Note, ...]]:
        """Return what became known on `vintages`, in order, what was before, and what was odd."""
        found: dict[tuple[date, date], float] = {}
        before: dict[date, float] = {}
        odd, count = Odd("FRED"), 0
        conflicts: set[tuple[date, date]] = set()
        doubtful: set[date] = set()
        for at in range(0, len(vintages), MOST_VINTAGES):
            part = vintages[at : at + MOST_VINTAGES]
            first = part[0] - DAY
            params: dict[str, str | int] = {
                "series_id": series.code,
                "realtime_start": first.isoformat(),
                "realtime_end": part[-1].isoformat(),
                "observation_start": since.isoformat() if since else EVER,
            }
            rows, _ = self._whole("series/observations", "observations", params, MOST_ROWS)
            count += len(rows)
            for version in _read(rows, odd, doubtful):
                key = (version.of, version.vintage)
                if version.vintage <= first:
                    if not at:
                        before[version.of] = version.value
                    continue
                if found.setdefault(key, version.value) != version.value:
                    conflicts.add(key)
        notes = list(odd.notes(count))
        if conflicts:
            said = some(f"{of} of {vintage}" for of, vintage in sorted(conflicts))
            notes.append(Note("conflict", f"FRED said two things of {series.code} for {said}"))
        if series.kind is Kind.ANNOUNCED:  # when it was due depends on its first version
            doubtful |= {of for of, _ in conflicts}
            found = {key: value for key, value in found.items() if key[0] not in doubtful}
        kept = [
            Version(of, vintage, value)
            for (of, vintage), value in sorted(found.items())
            if (of, vintage) not in conflicts
        ]
        return kept, before, tuple(notes)

    def _schedule(self, series: Published, end: datetime) -> MacroPage:
        """Return the days to come of the release that a series is part of, as known now."""
        answer = self._http.get(
            "/fred/series/release", {"series_id": series.code, "file_type": "json"}
        )
        releases = listed_rows(answer.body, "releases", "FRED")
        if not releases or not isinstance(releases[0], Mapping):
            raise NotFoundError(f"FRED names no release that {series.code} is part of")
        number_of, title = releases[0].get("id"), str(releases[0].get("name") or series.name)
        if isinstance(number_of, bool) or not isinstance(number_of, int):
            raise DataError(f"FRED named no release that {series.code} is part of")
        params: dict[str, str | int] = {
            "release_id": number_of,
            "include_release_dates_with_no_data": "true",
            "realtime_start": _midnight(answer.at).astimezone(FRED_ZONE).date().isoformat(),
            "realtime_end": FOR_EVER,
        }
        rows, answer = self._whole("release/dates", "release_dates", params, MOST_DATES)
        odd = Odd("FRED")
        due: set[datetime] = set()
        for row in rows:
            found = day(row.get("date")) if isinstance(row, Mapping) else None
            if found is None:
                odd.add(row)
            else:
                due.add(series.seen(found))
        seen = min(end, answer.at)
        figures = tuple(
            Figure(series.name, series.currency, at, seen, None, title=title[:200])
            for at in sorted(due)
            if at > seen
        )
        return MacroPage(figures, odd.notes(len(rows)), seen, current=True)

    def _whole(
        self, path: str, field: str, params: Mapping[str, str | int], most: int
    ) -> tuple[list[Any], Answer]:
        """Return all rows of an answer, however many parts it comes in, and the last part."""
        rows: list[Any] = []
        counted: object = None
        while True:
            answer = self._http.get(
                f"/fred/{path}",
                {**params, "file_type": "json", "limit": most, "offset": len(rows)},
            )
            part = listed_rows(answer.body, field, "FRED")
            count = answer.body.get("count")
            if isinstance(count, bool) or not isinstance(count, int):
                raise DataError(f"FRED did not say how many {field} there are")
            if counted is not None and count != counted:
                raise TransientError(f"FRED changed {field} while they were read; ask again", 60.0)
            counted = count
            rows += part
            if not part or len(rows) >= count:
                return rows, answer

    def _fault(self, status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
        """Return what FRED says is wrong; a wrong key is a bad request to it."""
        said = str(body.get("error_message") or "") if isinstance(body, Mapping) else ""
        if "api_key" in said:
            where = self.access.where("key")
            return CredentialError(f"FRED refused the key ({status}: {said}); check {where}")
        if "not exist in ALFRED" in said:
            return NotFoundError(
                f"FRED keeps no vintages of this series, so that what was known when cannot be "
                f"told ({status}: {said})"
            )
        if "series does not exist" in said:
            return NotFoundError(f"FRED has no such series ({status}: {said})")
        return None


def _currencies() -> tuple[str, ...]:
    return tuple({one.currency for one in PUBLISHED.values()})


def _midnight(at: datetime) -> datetime:
    """Return when (UTC) the day of `at` began in St. Louis."""
    return datetime.combine(at.astimezone(FRED_ZONE).date(), time(), FRED_ZONE).astimezone(UTC)


def _read(rows: Sequence[Any], odd: Odd, doubtful: set[date]) -> Iterator[Version]:
    """Yield the versions that rows tell of; a missing value is none.

    What a row that cannot be read is about, where that can be, is put into `doubtful`.
    """
    for row in rows:
        if not isinstance(row, Mapping):
            odd.add(row)
            continue
        of, vintage = day(row.get("date")), day(row.get("realtime_start"))
        if row.get("value") == MISSING and of and vintage:
            continue
        value = number(row.get("value"))
        if of is None or vintage is None or value is None:
            odd.add(row)
            doubtful |= {of} if of else set()
            continue
        yield Version(of, vintage, value)
