"""What every provider that needs no network promises; the others answer recorded requests later."""

import pytest

from assay.analyst.blind import blind_request, view_problem
from assay.analyst.referee import open_request, verdict_problem
from assay.core.errors import RefusedError, SettingsError
from assay.llm.ask import ask
from assay.llm.catalog import PROVIDERS
from assay.llm.contract import Message, Provider, Request, canonical
from tests.analyst.makers import make_brief, make_open

LOCAL = [name for name in PROVIDERS.names() if not PROVIDERS.get(name).needs_network]


@pytest.fixture(params=LOCAL)
def provider(request: pytest.FixtureRequest) -> Provider:
    return PROVIDERS.get(request.param)()


def test_there_is_one_that_needs_no_network() -> None:
    assert "rules" in LOCAL


@pytest.mark.parametrize("drift", [-4e-4, -1e-4, 0.0, 1e-4, 4e-4])
def test_its_answers_fit_both_schemas_and_their_evidence_stands(
    provider: Provider, drift: float
) -> None:
    brief = make_brief(drift)
    opened = make_open(0.6, 0.58, brief=brief)

    view = ask(provider, blind_request(brief, provider))
    verdict = ask(provider, open_request(opened, provider))

    assert view.parsed is not None, view.problem
    assert verdict.parsed is not None, verdict.problem
    assert view_problem(view.parsed, brief.bundle) is None
    assert verdict_problem(verdict.parsed, opened) is None


def test_the_same_request_has_the_same_answer(provider: Provider) -> None:
    request = blind_request(make_brief(), provider)

    assert provider.answer(request) == type(provider)().answer(request)


def test_it_names_the_request_it_answers(provider: Provider) -> None:
    request = blind_request(make_brief(), provider)

    assert provider.answer(request).request == request.digest


def test_what_it_cannot_read_it_refuses(provider: Provider) -> None:
    good = blind_request(make_brief(), provider)
    bad = Request(
        good.system,
        (Message("user", "Hello"),),
        good.schema,
        provider.name,
        provider.model,
        10,
        "x",
    )

    with pytest.raises(RefusedError):
        provider.answer(bad)


def test_a_request_for_another_provider_is_refused(provider: Provider) -> None:
    good = blind_request(make_brief(), provider)
    other = Request(good.system, good.messages, good.schema, "other", "m", 10, "x")

    with pytest.raises(SettingsError, match="for other m"):
        ask(provider, other)
    assert canonical(other) != canonical(good)
