"""Everything that the schema allows, and some that it does not: never an error of the server's."""

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, Phase, Verbosity, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)
from starlette.types import ASGIApp, Receive, Scope, Send

from assay.api.parts import Parts
from assay.api.service import make
from assay.api.throttling import Rate, Rates
from assay.core.values.scope import Scope as Right
from assay.workflows.access.logins import login
from assay.workflows.access.people import add_person
from assay.workflows.access.principal import Place
from tests.api.conftest import ADDRESS, bearer, parts_over
from tests.workflows.workspace import copied

PASSWORD = "four words of no relation"
EXAMPLES = 10
"""For each operation; the seeds are fixed, so that a failure comes again."""
MANY = Rate(1e9, 1e9)
CHECKS = [content_type_conformance, response_schema_conformance, status_code_conformance]
NEVER = {500, 502, 504}
"""503 says which part is away, and is one of the documented answers."""


@pytest.fixture(scope="module")
def parts(workspace: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Parts]:
    """Yield the parts of a service over a copy of the workspace that throttles nobody."""
    found = parts_over(copied(workspace, tmp_path_factory.mktemp("schema") / "home"))
    found.throttle.rates = Rates(*[MANY] * 5)
    yield found
    found.desk.close()


class Lifeless:
    """The application without its life: no jobs and no looking for news beside the questions."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            raise NotImplementedError
        await self._app(scope, receive, send)


@pytest.fixture(scope="module")
def headers(parts: Parts) -> dict[str, str]:
    """Return what a program with all rights shows."""
    return bearer(parts) | {"host": "127.0.0.1:8420"}


@pytest.fixture(scope="module")
def schema(parts: Parts, headers: dict[str, str]) -> Any:
    """Return the schema that the service gives of itself, to be asked of the service itself."""
    app = Lifeless(make(parts))
    return schemathesis.openapi.from_asgi("/api/openapi.json", app, headers=headers)


def failure(operation: Any, headers: dict[str, str], seen: Counter[int]) -> str | None:
    """Return what was wrong with the answers to questions of an operation, good and bad, or None.

    `seen` counts the answers by their status.
    """
    allows_more = list(operation.iter_parameters()) or list(operation.body)
    modes = list(GenerationMode) if allows_more else [GenerationMode.POSITIVE]

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        database=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
        verbosity=Verbosity.quiet,
    )
    @given(case=st.one_of([operation.as_strategy(generation_mode=mode) for mode in modes]))
    def ask(case: Any) -> None:
        said = case.call(headers=headers)
        seen[said.status_code] += 1
        assert said.status_code not in NEVER, f"{case.as_curl_command()} answered {said.text}"
        case.validate_response(said, checks=CHECKS)

    try:
        ask()
    except (Exception, ExceptionGroup) as error:  # noqa: BLE001 - every operation is asked
        return f"{operation.label}: {error}"
    return None


def shown(parts: Parts, path: str) -> dict[str, str]:
    """Return what a page of ours shows in a new session, where a token has no part."""
    if not path.startswith(("/api/v1/access", "/api/v1/tokens")):
        return {}
    if parts.door.people.called("anna") is None:
        add_person(parts.door, "Anna", PASSWORD, Right)
    entered = login(parts.door, "Anna", PASSWORD, Place("127.0.0.1"))
    return {
        "host": "127.0.0.1:8420",
        "origin": ADDRESS,
        "cookie": f"assay-8420={entered.session}",
        "x-assay-csrf": entered.csrf,
    }


def test_no_question_is_an_error_of_the_server(
    parts: Parts, schema: Any, headers: dict[str, str]
) -> None:
    operations = [found.ok() for found in schema.get_all_operations()]
    seen: Counter[int] = Counter()

    found = [
        failure(operation, shown(parts, operation.path) or headers, seen)
        for operation in operations
    ]

    assert len(operations) > 20
    assert seen[200] > len(operations)
    assert seen[422] > len(operations)
    assert [said for said in found if said] == []
