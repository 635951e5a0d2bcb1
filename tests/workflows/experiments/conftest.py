"""A small workspace for experiments, and both kinds of database."""

from pathlib import Path

import pytest

from assay.workflows.desk import Desk
from tests.store.conftest import (  # fixtures: a name that is asked for here must be here
    migrated_postgres,
    migrated_sqlite,
    postgres_server,
    url,
)
from tests.workflows.experiments.worlds import desk_with, pair

__all__ = ["desk", "migrated_postgres", "migrated_sqlite", "postgres_server", "url"]


@pytest.fixture
def desk(tmp_path: Path) -> Desk:
    """Return the desk of a fresh workspace with hourly EURUSD that has an edge."""
    return desk_with(tmp_path / "home", pair())
