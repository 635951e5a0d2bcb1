"""Events with what was known of them, and how far a source was heard."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import DataError
from assay.core.values.release import Event, Release
from assay.store.agenda import EVENT_SCHEMA, Agenda
from assay.store.documents import RELEASE_SCHEMA, DocumentStore
from assay.store.heard import Heard
from assay.store.seen import SeenLog

DAY = datetime(2026, 3, 2, tzinfo=UTC)
HOUR = timedelta(hours=1)
CPI = Event("cpi_yoy", "USD", DAY + 9 * HOUR, DAY, "CPI y/y", "high", 3.0, 2.9)


def test_an_event_is_shown_as_it_was_known(tmp_path: Path) -> None:
    agenda = Agenda(tmp_path)
    later = replace(CPI, seen_at=DAY + HOUR, consensus=3.1)

    added = agenda.add([CPI, later])
    again = agenda.add([later, replace(CPI, seen_at=DAY + 2 * HOUR, consensus=3.1)])

    assert (added, again) == (2, 0)
    span = (DAY, DAY + 24 * HOUR)
    assert agenda.due(*span, DAY - HOUR).is_empty()
    assert agenda.due(*span, DAY)["consensus"].to_list() == [3.0]
    assert agenda.due(*span, DAY + HOUR)["consensus"].to_list() == [3.1]
    assert agenda.due(*span, DAY + HOUR).schema == EVENT_SCHEMA
    assert agenda.due(*span, DAY + HOUR, ["EUR"]).is_empty()
    assert agenda.due(DAY + 10 * HOUR, DAY + 24 * HOUR, DAY + HOUR).is_empty()


def test_an_event_without_a_zone_is_refused() -> None:
    with pytest.raises(DataError, match="no time zone"):
        replace(CPI, event_at=datetime(2026, 3, 2))  # noqa: DTZ001 - that is the point


def test_files_of_before_the_new_columns_are_still_read(tmp_path: Path) -> None:
    old = pl.Schema(
        {name: kind for name, kind in RELEASE_SCHEMA.items() if name not in ("period", "assumed")}
        | {"simulated": pl.Boolean()}
    )
    row = pl.DataFrame([("cpi_yoy", "USD", DAY, DAY, 3.0, None, False)], schema=old, orient="row")
    SeenLog(tmp_path / "releases", old, ["seen_at"], "").add(row, lambda stored: row)
    store = DocumentStore(tmp_path)
    same = Release("cpi_yoy", "USD", DAY, DAY + HOUR, 3.0)

    again = store.add_releases([same], simulated=False)
    new = store.add_releases([replace(same, actual=3.1)], simulated=False)

    assert (again, new) == (0, 1)
    found = store.releases(None, DAY + 2 * HOUR, simulated=False)
    assert found.schema == RELEASE_SCHEMA
    assert found["period"].to_list() == ["", ""]
    assert found["assumed"].to_list() == [False, False]


def test_figures_of_two_months_that_come_at_once_are_two(tmp_path: Path) -> None:
    store = DocumentStore(tmp_path)
    both = [Release("cpi", "USD", DAY, DAY, value, period=f"2026-0{value:.0f}") for value in (1, 2)]

    added = store.add_releases(both, simulated=False)

    assert added == 2
    assert store.releases(None, DAY, simulated=False)["period"].to_list() == ["2026-01", "2026-02"]


def test_a_question_goes_on_where_it_was_answered_to(tmp_path: Path) -> None:
    heard = Heard(tmp_path)

    heard.add("fred", "CPI", DAY, DAY + HOUR)
    heard.add("fred", "CPI", DAY + HOUR, DAY + 3 * HOUR)

    assert Heard(tmp_path).through("fred", "CPI", DAY) == DAY + 3 * HOUR
    assert heard.through("fred", "CPI", DAY + 5 * HOUR) == DAY + 5 * HOUR
    assert heard.through("fred", "PCE", DAY) == DAY
    assert heard.through("fmp", "CPI", DAY) == DAY


def test_an_earlier_beginning_is_asked_for_from_there(tmp_path: Path) -> None:
    heard = Heard(tmp_path)
    heard.add("fred", "CPI", DAY, DAY + HOUR)

    assert heard.through("fred", "CPI", DAY - HOUR) == DAY - HOUR


def test_a_hole_is_never_taken_for_answered(tmp_path: Path) -> None:
    heard = Heard(tmp_path)
    heard.add("fred", "CPI", DAY, DAY + HOUR)

    heard.add("fred", "CPI", DAY + 2 * HOUR, DAY + 3 * HOUR)

    assert heard.through("fred", "CPI", DAY) == DAY


@given(st.binary(max_size=60))
def test_a_file_that_cannot_be_read_counts_as_never_written(content: bytes) -> None:
    with TemporaryDirectory() as folder:
        (Path(folder) / "fred.json").write_bytes(content)

        assert Heard(Path(folder)).through("fred", "CPI", DAY) == DAY
