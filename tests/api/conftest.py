"""The service over the small trained workspace, asked as a client asks it."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from assay.api.parts import Parts
from assay.api.service import make
from assay.api.serving import Serving
from assay.core.values.scope import Scope
from assay.workflows.access.tokens import make_token
from tests.workflows.workspace import build, copied, opener

ADDRESS = "http://127.0.0.1:8420"


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that no test may change."""
    home = tmp_path_factory.mktemp("workspace") / "home"
    build(home)
    return home


@pytest.fixture
def own(workspace: Path, tmp_path: Path) -> Path:
    """Return a copy of the workspace that the test may change."""
    return copied(workspace, tmp_path / "home")


def parts_over(home: Path, serving: Serving | None = None) -> Parts:
    """Return the parts of a service over the workspace at `home`."""
    return Parts(opener(home)(None), serving or Serving())


@pytest.fixture
def parts(own: Path) -> Iterator[Parts]:
    """Yield the parts of a service over a workspace of the test's own."""
    found = parts_over(own)
    yield found
    found.desk.close()


@pytest.fixture
def client(parts: Parts) -> Iterator[TestClient]:
    """Yield a client of that service that may do everything, by a token."""
    with TestClient(make(parts), base_url=ADDRESS, headers=bearer(parts)) as found:
        yield found


@pytest.fixture
def nobody(client: TestClient) -> TestClient:
    """Return a client of the same service that shows nothing."""
    return TestClient(client.app, base_url=ADDRESS)


@contextmanager
def served(home: Path, serving: Serving | None = None) -> Iterator[TestClient]:
    """Give a client, by a token with all rights, of a service over `home` that does no jobs."""
    parts = parts_over(home, serving)
    yield asking(parts)
    parts.desk.close()


def asking(parts: Parts) -> TestClient:
    """Return a client, by a token with all rights, of a service that does no jobs."""
    return TestClient(make(parts), base_url=ADDRESS, headers=bearer(parts))


def bearer(parts: Parts, *scopes: Scope) -> dict[str, str]:
    """Return the header that shows a new token with these rights, or with all."""
    made = make_token(parts.door, "test", scopes or Scope)
    return {"authorization": f"Bearer {made.secret}"}
