"""The small trained workspace, and the command line run inside it."""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from assay.cli.main import run
from tests.workflows.workspace import build, copied, opener


@pytest.fixture(scope="session")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a workspace that no test may change."""
    home = tmp_path_factory.mktemp("workspace") / "home"
    build(home)
    return home


@pytest.fixture
def own(workspace: Path, tmp_path: Path) -> Path:
    """Return a copy of the workspace that the test may damage."""
    return copied(workspace, tmp_path / "home")


@dataclass(frozen=True)
class Said:
    """What one command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """Return its JSON document."""
        return json.loads(self.out)


Run = Callable[..., Said]


@pytest.fixture
def assay(capsys: pytest.CaptureFixture[str]) -> Run:
    """Return a function that runs a command in a workspace, through the real entry."""

    def call(home: Path, *arguments: str) -> Said:
        code = run(list(arguments), opener(home))
        said = capsys.readouterr()
        return Said(code, said.out, said.err)

    return call
