"""The small trained workspace, opened for Python."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.notebook.workspace import Workspace
from tests.workflows.workspace import build, copied, open_at


@pytest.fixture(scope="session")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a trained workspace that no test may change."""
    place = tmp_path_factory.mktemp("notebook") / "home"
    build(place)
    return place


@pytest.fixture
def desk(home: Path, tmp_path: Path) -> Iterator[Workspace]:
    """Return a copy of it, opened."""
    with Workspace(open_at(copied(home, tmp_path / "home")), progress=False) as opened:
        yield opened
