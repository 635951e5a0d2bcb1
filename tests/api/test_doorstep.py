"""Whom a request means and from where it comes: rebinding, foreign pages, odd names."""

import pytest
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.api.service import make
from assay.api.serving import Serving

ANYWHERE = "/healthz"


@pytest.mark.parametrize(
    ("host", "status"),
    [
        ("127.0.0.1:8420", 200),
        ("localhost:8420", 200),
        ("LOCALHOST:8420", 200),
        ("[::1]:8420", 200),
        ("127.0.0.1", 200),
        ("evil.example", 421),
        ("evil.example:8420", 421),
        ("127.0.0.1.evil.example", 421),
        ("localhost.", 421),
        ("127.0.0.1@evil.example", 400),
        ("127.0.0.1/evil", 400),
        ("127.0.0.1:x", 400),
        ("", 400),
        ("[::1", 400),
    ],
)
def test_only_names_of_the_service_are_answered(nobody: TestClient, host: str, status: int) -> None:
    said = nobody.get(ANYWHERE, headers={"host": host})

    assert said.status_code == status
    if status != 200:
        assert said.headers["content-type"] == "application/problem+json"
        assert said.headers["x-content-type-options"] == "nosniff"


def test_two_hosts_are_none(nobody: TestClient) -> None:
    said = nobody.get(ANYWHERE, headers=[("host", "127.0.0.1:8420"), ("host", "evil.example")])

    assert said.status_code == 400


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://127.0.0.1:8420", 200),
        ("HTTP://127.0.0.1:8420", 200),
        ("http://127.0.0.1", 403),
        ("http://127.0.0.1:3000", 403),
        ("http://localhost:8420", 403),
        ("https://127.0.0.1:8420", 403),
        ("http://evil.example", 403),
        ("http://127.0.0.1:8420.evil.example", 403),
        ("http://127.0.0.1:8420@evil.example", 403),
        ("chrome-extension://abcdefgh", 403),
        ("null", 403),
        ("", 403),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST", "OPTIONS"])
def test_a_page_from_elsewhere_is_refused_whatever_it_asks(
    nobody: TestClient, method: str, origin: str, status: int
) -> None:
    said = nobody.request(method, ANYWHERE, headers={"origin": origin})

    assert said.status_code == (405 if status == 200 and method != "GET" else status)
    assert "access-control-allow-origin" not in said.headers


@pytest.fixture
def proxied(parts: Parts) -> TestClient:
    """Return a client of a service behind a proxy that has put its own name into `Host`."""
    serving = Serving(host="0.0.0.0", behind_proxy=True, names=("Assay.example.org",))
    return TestClient(make(Parts(parts.desk, serving)), base_url="http://127.0.0.1:8420")


@pytest.mark.parametrize(
    ("host", "origin", "status"),
    [
        ("assay.example.org", "https://assay.example.org", 200),
        ("127.0.0.1:8420", "https://assay.example.org", 200),
        ("assay.example.org", "https://assay.example.org:444", 403),
        ("assay.example.org", "http://assay.example.org", 403),
        ("assay.example.org:444", "https://assay.example.org:444", 200),
        ("other.example.org", "https://assay.example.org", 421),
    ],
)
def test_behind_a_proxy_pages_come_from_its_names(
    proxied: TestClient, host: str, origin: str, status: int
) -> None:
    assert proxied.get(ANYWHERE, headers={"host": host, "origin": origin}).status_code == status
