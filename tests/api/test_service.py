"""The service itself: alive, ready, counted; problems in one sentence; tags; caps."""

import pytest
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.api.serving import MOST_BODY_BYTES, Serving
from assay.core.errors import SettingsError


def test_it_is_alive_and_ready(client: TestClient) -> None:
    assert client.get("/healthz").json() == {"status": "alive"}
    ready = client.get("/readyz")

    assert ready.status_code == 200
    assert ready.json()["checks"] == {"service": None, "database": None, "bars": None}


def test_before_and_after_its_life_it_is_not_ready(client: TestClient, parts: Parts) -> None:
    parts.is_ready = False

    found = client.get("/readyz")

    assert found.status_code == 503
    assert "started or stopped" in found.json()["checks"]["service"]


def test_what_is_answered_is_counted_by_route_not_by_address(client: TestClient) -> None:
    client.get("/healthz")
    client.get("/api/v1/nothing/here")

    page = client.get("/metrics").text

    assert 'assay_requests_total{method="GET",route="/healthz",status="200"} 1.0' in page
    assert 'route="/{path:path}",status="404"} 1.0' in page
    assert "/nothing/here" not in page


def test_a_problem_is_one_sentence_with_the_id_of_the_log(client: TestClient) -> None:
    found = client.get("/api/v1/nothing")

    assert found.status_code == 404
    assert found.headers["content-type"] == "application/problem+json"
    assert found.json()["instance"] == found.headers["x-request-id"]
    assert "/api/v1/nothing" in found.json()["detail"]


def test_who_has_it_already_is_sent_nothing(client: TestClient) -> None:
    first = client.get("/api/openapi.json")

    again = client.get("/api/openapi.json", headers={"if-none-match": first.headers["etag"]})

    assert again.status_code == 304
    assert again.content == b""
    assert again.headers["etag"] == first.headers["etag"]


def test_a_body_that_is_too_long_is_refused_said_or_not(client: TestClient) -> None:
    long = b"x" * (MOST_BODY_BYTES + 1)
    pieces = iter([long[:500_000], long[500_000:]])

    said = client.post("/healthz", content=long)
    unsaid = client.post("/healthz", content=pieces)

    assert said.status_code == 413
    assert unsaid.status_code in (405, 413)
    assert "1,000,000 bytes" in said.json()["detail"]


@pytest.mark.parametrize("host", ["0.0.0.0", "192.168.1.5", "::", "example.org"])
def test_an_address_that_others_reach_is_refused_unless_encrypted(host: str) -> None:
    with pytest.raises(SettingsError, match="--behind-proxy"):
        Serving(host=host)

    assert Serving(host=host, behind_proxy=True).is_encrypted


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost", "::1", "127.0.0.9"])
def test_an_address_of_this_machine_needs_nothing(host: str) -> None:
    assert Serving(host=host).is_local
