"""What every provider of figures promises, on good days and on bad ones, through its client."""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
import stamina

from assay.core.errors import (
    AssayError,
    CredentialError,
    DataError,
    QuotaError,
    TransientError,
)
from assay.sources import macro
from assay.sources.catalog import MACRO
from assay.sources.figures import Figure, MacroPage
from assay.sources.provider import Limit
from assay.sources.published import PUBLISHED, Kind
from assay.sources.wire.http import ATTEMPTS
from tests.doubles import faults
from tests.doubles.fred import Fred
from tests.doubles.macrodesk import (
    BURST,
    SINCE,
    MacroDouble,
    MacroReached,
    happenings,
    macro_doubles,
    macro_reached,
    versions,
)
from tests.doubles.market import NOW
from tests.doubles.server import GOOD_KEY, Fault, Reply

Kinds = type[MacroDouble]
LATELY = datetime(2026, 10, 1, tzinfo=UTC)
THE_WEEK = NOW - timedelta(days=5)


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


@pytest.fixture(params=sorted(macro_doubles()))
def kind(request: pytest.FixtureRequest) -> Kinds:
    return macro_doubles()[request.param]


@pytest.fixture
def here(kind: Kinds) -> Iterator[MacroReached]:
    with macro_reached(kind) as found:
        yield found


def a_page(here: MacroReached) -> MacroPage:
    """Return the first page of what became known since October."""
    return here.provider.page(here.double.subject, LATELY, NOW)


def some(here: MacroReached) -> list[Figure]:
    """Return what became known since October, over all pages."""
    return here.on(here.double.subject, LATELY)


def expected(here: MacroReached) -> list[Figure]:
    """Return what `some` must be if all answers are whole."""
    return here.double.truth(here.double.subject, LATELY, NOW)


def refusal(here: MacroReached) -> AssayError:
    """Return the error that `a_page` ends with, which is one sentence that names the provider."""
    with pytest.raises(AssayError) as caught:
        a_page(here)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(here.provider.abilities.title)
    assert GOOD_KEY not in said
    return caught.value


def test_every_provider_has_a_double_and_every_double_a_provider() -> None:
    assert set(MACRO.names()) == set(macro_doubles())
    assert macro.__path__


def test_abilities_say_what_a_person_must_know(kind: Kinds) -> None:
    abilities = MACRO.get(kind.adapter).abilities

    assert abilities.title[0].isupper()
    assert abilities.licence.endswith(".")
    assert abilities.document.startswith("https://")
    assert kind.document.startswith("https://")
    assert all(limit.calls > 0 and limit.seconds > 0 for limit in abilities.limits)
    assert bool(abilities.keys) == bool(abilities.sign_up)


def test_questions_are_on_the_currencies_asked_for_and_none_on_others(here: MacroReached) -> None:
    of_all = here.provider.questions(["USD", "EUR", "GBP"])

    assert set(here.double.questions) <= set(of_all)
    assert len(set(of_all)) == len(of_all)
    assert here.provider.questions(["XAU"]) == ()
    assert set(here.provider.questions(["USD"])) <= set(of_all)


def test_page_by_page_every_version_comes_once_and_nothing_else(here: MacroReached) -> None:
    for question in here.double.questions:
        found = here.on(question)

        assert found == here.double.truth(question, SINCE, NOW)
        assert found


def test_spans_that_follow_each_other_hold_the_same(here: MacroReached) -> None:
    question = here.double.subject
    cuts = [SINCE, LATELY, BURST - timedelta(seconds=1), BURST, NOW]

    found = [here.on(question, a, b) for a, b in pairwise(cuts)]

    assert found == [here.double.truth(question, a, b) for a, b in pairwise(cuts)]
    assert [one for part in found for one in part] == here.on(question)


def test_what_is_asked_twice_is_answered_twice_the_same(here: MacroReached) -> None:
    first, second = some(here), some(here)

    assert first == second


def test_no_figure_is_known_before_it_is_due_or_before_the_future_has_come(
    here: MacroReached,
) -> None:
    for question in here.provider.questions(["USD", "EUR", "GBP"]):
        if question.removeprefix("schedule/") not in here.double.questions:
            continue
        page = here.provider.page(question, LATELY, NOW)
        for one in page.figures:
            assert one.seen_at <= NOW
            assert one.actual is None or one.event_at <= one.seen_at
        assert page.through <= NOW


def test_a_clock_that_is_wrong_brings_nothing_early(here: MacroReached) -> None:
    question = here.double.subject
    here.hands.at = NOW + timedelta(hours=30)
    ahead = here.on(question, LATELY, here.hands.at)
    here.hands.at = NOW - timedelta(days=10)
    behind = here.on(question, LATELY, here.hands.at)

    assert ahead == here.double.truth(question, LATELY, NOW)
    assert behind == here.double.truth(question, LATELY, here.hands.at)
    assert len(behind) < len(ahead)


TORN = pytest.mark.parametrize(
    "fault", [faults.truncated, faults.dropped], ids=["truncated", "dropped"]
)
PASSING = [faults.busy(), faults.busy(None), faults.broken(500), faults.broken(503)]


@TORN
def test_after_torn_answers_the_figures_are_there(here: MacroReached, fault: Fault) -> None:
    here.double.faults.extend([fault, fault])

    assert some(here) == expected(here)


@pytest.mark.parametrize("fault", PASSING, ids=["429", "429-bare", "500", "503"])
def test_after_a_status_that_passes_the_figures_are_there(here: MacroReached, fault: Fault) -> None:
    here.double.faults.extend([fault, fault])

    assert some(here) == expected(here)


def test_retry_after_is_waited_for_by_everybody_with_the_key(here: MacroReached) -> None:
    here.double.faults.append(faults.busy("7"))

    a_page(here)

    assert here.hands.paused == [7.0]
    assert here.hands.slept == [7.0]


@pytest.mark.parametrize(
    "fault",
    [faults.truncated, faults.dropped, faults.busy(None), faults.broken(503)],
    ids=["truncated", "dropped", "429", "503"],
)
def test_a_fault_that_stays_is_said_in_a_sentence(here: MacroReached, fault: Fault) -> None:
    here.double.always = fault

    error = refusal(here)

    assert isinstance(error, TransientError)
    assert error.retry_after > 0
    assert len(here.double.asked) == ATTEMPTS


def test_an_answer_that_does_not_come_is_given_up(kind: Kinds) -> None:
    with macro_reached(kind, timeout=0.2) as here:
        here.double.always = faults.stalled(0.6)

        error = refusal(here)

    assert isinstance(error, TransientError)
    assert "in time" in str(error)


def test_a_provider_that_is_down_is_named(kind: Kinds) -> None:
    with macro_reached(kind, address=kind.nowhere(), timeout=1.0) as here:
        error = refusal(here)

    assert isinstance(error, TransientError)
    assert "cannot be reached" in str(error)


def test_an_allowance_that_is_used_up_says_when_it_is_back(here: MacroReached) -> None:
    here.hands.wait = 3600.0

    error = refusal(here)

    assert isinstance(error, QuotaError)
    assert not here.double.asked


def test_every_question_is_counted_before_it_is_asked(here: MacroReached) -> None:
    a_page(here)

    assert here.hands.taken
    assert len(here.hands.taken) == len(here.double.asked)


def test_an_empty_answer_is_no_error_and_no_figure(here: MacroReached) -> None:
    here.double.spoil = lambda rows: []

    page = a_page(here)

    assert page.figures == ()
    assert page.through > LATELY


def twice(rows: list[Any]) -> list[Any]:
    return [row for row in rows for _ in range(2)]


def backwards(rows: list[Any]) -> list[Any]:
    return rows[::-1]


@pytest.mark.parametrize("spoil", [twice, backwards], ids=["twice", "backwards"])
def test_rows_that_come_twice_or_out_of_order_change_nothing(
    here: MacroReached, spoil: Callable[[list[Any]], list[Any]]
) -> None:
    here.double.spoil = spoil

    assert some(here) == expected(here)


def test_of_two_rows_that_contradict_each_other_none_is_taken(here: MacroReached) -> None:
    field = here.double.value
    last = expected(here)[-1]

    def contradict(rows: list[Any]) -> list[Any]:
        told = [row for row in rows if str(row[field]) == str(last.actual)]
        return [*rows, *({**row, field: "999.9"} for row in told)]

    here.double.spoil = contradict

    page = a_page(here)

    assert last not in page.figures
    assert any(note.code == "conflict" for note in page.notes)
    assert "999.9" not in {str(one.actual) for one in page.figures}


WRONG: list[Any] = ["abc", {"a": 1}, [], True, "1e999", "NaN", float("inf")]


@pytest.mark.parametrize("value", WRONG, ids=map(repr, WRONG))
def test_a_row_that_cannot_be_read_is_left_out_and_said(here: MacroReached, value: object) -> None:
    victim = next(one for one in expected(here) if one.actual)
    field = here.double.value

    def damage(row: Any) -> Any:
        return {**row, field: value} if str(row[field]) == str(victim.actual) else row

    here.double.damage = damage

    page = a_page(here)

    assert victim not in page.figures
    assert page.figures
    assert set(page.figures) <= set(expected(here))
    assert any(note.code == "unreadable_row" for note in page.notes)


def test_rows_without_their_fields_are_left_out_and_an_answer_of_them_is_refused(
    here: MacroReached,
) -> None:
    here.double.damage = lambda row: {"unknown": 1}

    error = refusal(here)

    assert isinstance(error, DataError)


@pytest.mark.parametrize("row", [None, 7, "text", [1, 2]], ids=map(repr, [None, 7, "text", [1]]))
def test_an_answer_of_rows_that_are_none_is_refused(here: MacroReached, row: object) -> None:
    here.double.damage = lambda _: row

    assert isinstance(refusal(here), DataError)


@pytest.mark.parametrize("body", [b"[]", b"null", b"17", b'"no"', b'{"unknown": 1}', b"{}"])
def test_another_shape_than_the_document_says_is_one_sentence(
    here: MacroReached, body: bytes
) -> None:
    here.double.always = lambda reply: replace(reply, body=body)

    try:
        figures: Sequence[Figure] = a_page(here).figures
        said = ""
    except AssayError as error:
        figures, said = (), str(error)

    assert figures == ()
    assert "\n" not in said


def test_null_for_a_list_is_no_figure(here: MacroReached) -> None:
    def nulled(reply: Reply) -> Reply:
        body = json.loads(reply.body)
        if isinstance(body, list):
            return replace(reply, body=b"null")
        return replace(
            reply,
            body=json.dumps(
                {k: None if isinstance(v, list) else v for k, v in body.items()}
            ).encode(),
        )

    here.double.always = nulled

    assert a_page(here).figures == ()


def test_hostile_text_passes_through_bounded(kind: Kinds) -> None:
    if kind is Fred:
        return
    text = "<script>alert(1)</script>\x00\u202e" + "A" * 1_000_000
    with macro_reached(kind) as here:
        here.double.damage = lambda row: {**row, "event": text, "country": "US"}

        page = a_page(here)

    titles = {one.title for one in page.figures}
    assert titles
    assert all(title == text[: len(title)] and len(title) <= 200 for title in titles)
    assert all(len(one.series) <= 80 for one in page.figures)
    assert all(len(note.sentence) < 1_000 for note in page.notes)


def test_without_a_key_it_says_where_to_put_one(kind: Kinds) -> None:
    with macro_reached(kind, {}) as here:
        error = refusal(here)

    assert isinstance(error, CredentialError)
    assert f"ASSAY_{kind.adapter.upper()}_key" in str(error)
    assert not here.double.asked


def test_a_wrong_key_is_refused_once_and_never_shown(kind: Kinds) -> None:
    with macro_reached(kind, {"key": "wrong-key-0815"}) as here:
        error = refusal(here)

        assert isinstance(error, CredentialError)
        assert f"ASSAY_{kind.adapter.upper()}_key" in str(error)
        assert "wrong-key-0815" not in str(error)
        assert len(here.double.asked) == 1


def test_keys_are_in_no_log_no_error_and_no_repr(
    kind: Kinds, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.DEBUG), macro_reached(kind) as here:
        a_page(here)
        here.double.always = lambda reply: replace(
            reply, status=400, body=json.dumps({"you sent": GOOD_KEY}).encode()
        )
        with pytest.raises(AssayError) as caught:
            a_page(here)
        shown = [caplog.text, repr(here.provider.access), str(caught.value), repr(caught.value)]

    assert not any(GOOD_KEY in text for text in shown)


def test_limits_of_a_person_replace_the_documented_ones(here: MacroReached) -> None:
    seen: list[tuple[Limit, ...]] = []

    class Watching:
        def take(self, name: str, limits: Sequence[Limit], cost: int) -> float:
            seen.append(tuple(limits))
            return 0.0

        def pause(self, name: str, seconds: float) -> None:
            here.hands.pause(name, seconds)

    mine = (Limit(3, 10),)
    access = replace(here.provider.access, budget=Watching(), limits=mine)

    with closing(type(here.provider)(access)) as provider:
        provider.page(here.double.subject, LATELY, NOW)

    assert set(seen) == {mine}


def test_what_is_planned_costs_about_what_is_asked(here: MacroReached) -> None:
    question = here.double.subject

    here.on(question, LATELY)

    planned = here.provider.calls(question, LATELY, NOW)
    assert planned - 2 <= len(here.double.asked) <= planned + 2
    assert here.provider.calls(question, NOW, NOW) == 0


def test_the_world_holds_what_is_hard() -> None:
    cpi = versions("CPIAUCSL")
    at = [one.at for one in happenings()]

    assert len({one.of for one in cpi}) < len(cpi), "revisions"
    assert any(one.vintage > NOW.date() for one in versions("DGS10"))
    assert any(one.value is None for one in versions("DGS10"))
    assert at.count(BURST) == 12
    assert any(one.at > NOW for one in happenings())
    assert {one.kind for one in PUBLISHED.values()} == set(Kind)
