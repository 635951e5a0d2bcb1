"""What tests ask of any adapter of news behind its double."""

from datetime import datetime, timedelta

import pytest

from assay.core.errors import AssayError
from assay.sources.newsroom import Dispatch, NewsPage
from tests.doubles.market import BEGAN, NOW, known
from tests.doubles.newsdesk import NewsReached
from tests.doubles.server import GOOD_KEY


def subject(here: NewsReached) -> str:
    """Return the subject of the burst, or the one that the adapter has the most stories on."""
    subjects = here.double.subjects
    return max(subjects, key=lambda symbol: (symbol == "AAPL", len(here.double.on(symbol))))


def since(here: NewsReached) -> datetime:
    """Return the time from which its stories can be had."""
    reach = here.provider.abilities.reach
    return BEGAN if reach is None else max(BEGAN, NOW - reach + timedelta(minutes=1))


def lately(here: NewsReached) -> datetime:
    """Return a time since which some stories have come: about two dozen."""
    stories = here.double.truth(subject(here), since(here), NOW)
    return stories[-min(24, len(stories))].worded_at - timedelta(seconds=1)


def question(here: NewsReached) -> str:
    """Return the first question about `subject`."""
    return here.provider.questions([known(subject(here))])[0]


def a_page(here: NewsReached) -> NewsPage:
    """Return the page of the stories that came `lately`."""
    return here.provider.page(question(here), lately(here), NOW)


def some(here: NewsReached) -> list[Dispatch]:
    """Return what is found since `lately`, over all pages."""
    return here.on(subject(here), lately(here))


def expected(here: NewsReached) -> list[Dispatch]:
    """Return what `some` must be if all answers are whole."""
    return here.double.truth(subject(here), lately(here), NOW)


def refusal(here: NewsReached) -> AssayError:
    """Return the error that `a_page` ends with, which is one sentence that names the provider."""
    with pytest.raises(AssayError) as caught:
        a_page(here)
    said = str(caught.value)
    assert "\n" not in said
    assert said.startswith(here.provider.abilities.title)
    assert GOOD_KEY not in said
    return caught.value
