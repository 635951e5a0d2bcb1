"""Answers that leave out their old end without a word: asked on until nothing can be missing."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import datetime
from itertools import chain

from assay.core.calendars.calendar import calendar
from assay.core.calendars.table import STEP, micro, moment_of
from assay.sources.provider import Page
from assay.sources.wire.rows import Asked, Rows, page_of

Ask = Callable[[datetime], tuple[Rows, datetime]]
"""Asks for the bars that close by a moment: some rows, newest ones at least, and `Answer.at`."""


def page_back(ask: Ask, asked: Asked) -> Page:
    """Return the page of all bars that close in the span of `asked`, however often `ask` is asked.

    An answer that begins after the first bar that should exist may have been cut there. So the
    rest is asked for, up to the newest bar still missing, until an answer brings nothing older.
    """
    market, start = calendar(asked.instrument.calendar), micro(asked.start)
    parts: list[Rows] = []
    at, close, oldest = asked.at, asked.end, micro(asked.end)
    while True:
        rows, answered = ask(close)
        at = min(at, answered)
        parts.insert(0, _older(rows, oldest) if parts else rows)
        known = [opened for opened in parts[0].opened if opened is not None]
        oldest = min(known, default=start)
        if oldest <= start:
            break
        missing = market.expected_closes(asked.timeframe, asked.start + STEP, moment_of(oldest))
        if missing.is_empty():
            break
        close = missing[-1]
    return page_of(_joined(parts), replace(asked, at=at), more=False)


def _older(rows: Rows, oldest: int) -> Rows:
    """Return the rows of bars that opened before `oldest`, and those nobody can read."""
    return rows.at(
        [at for at, opened in enumerate(rows.opened) if opened is None or opened < oldest]
    )


def _joined(parts: Sequence[Rows]) -> Rows:
    """Return the rows of all parts as one."""
    volumes = [part.volume for part in parts if part.volume is not None]
    return Rows(
        list(chain.from_iterable(part.opened for part in parts)),
        list(chain.from_iterable(part.open for part in parts)),
        list(chain.from_iterable(part.high for part in parts)),
        list(chain.from_iterable(part.low for part in parts)),
        list(chain.from_iterable(part.close for part in parts)),
        list(chain.from_iterable(volumes)) if len(volumes) == len(parts) else None,
    )
