"""What calendars of economic events have in common that are asked for by days."""

from abc import abstractmethod
from collections.abc import Sequence
from datetime import date, datetime
from typing import ClassVar

from assay.sources.agenda_rows import MAJOR, Fields, Row, page_of_days, row_of
from assay.sources.contract import Note
from assay.sources.figure_rows import Odd, listed_rows
from assay.sources.figures import MacroPage, MacroProvider
from assay.sources.wire.http import Http

QUESTION = "calendar"


class Agenda(MacroProvider):
    """A calendar at `path` that answers with all events from one day to another (UTC).

    Its rows are in `field` of an answer, or are the answer; `fields` is what theirs are called.
    `abilities` name the longest span of one question.
    """

    path: ClassVar[str]
    field: ClassVar[str | None]
    fields: ClassVar[Fields]

    @property
    @abstractmethod
    def http(self) -> Http:
        """Return the way to it, always the same."""

    def questions(self, currencies: Sequence[str]) -> tuple[str, ...]:
        """See `MacroProvider.questions`; one for all currencies."""
        return (QUESTION,) if MAJOR & set(currencies) else ()

    def page(self, question: str, start: datetime, end: datetime) -> MacroPage:
        """See `MacroProvider.page`."""
        title, span = self.abilities.title, self.abilities.span
        assert span is not None

        def ask(first: date, last: date) -> tuple[list[Row], tuple[Note, ...], datetime]:
            answer = self.http.get(self.path, {"from": first.isoformat(), "to": last.isoformat()})
            rows, odd = listed_rows(answer.body, self.field, title), Odd(title)
            found = [one for row in rows if (one := row_of(row, self.fields, odd)) is not None]
            return found, odd.notes(len(rows)), answer.at

        return page_of_days(ask, start, end, span, title)
