"""The examples run from nothing, as files of their own, in one workspace between them."""

import ast
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
EXAMPLES = sorted((ROOT / "examples").glob("*.py"))
MOST_LINES = 60
SAYS = {
    "01_first_signal": "page:",
    "02_own_csv": "mended by rule: 3 x spike",
    "03_features": "columns survive the correction",
    "04_backtest": "The interval of the Sharpe holds zero: this is no evidence of an edge.",
    "05_questions": "intact",
}
"""What a run of each must have said."""


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the workspace that the examples share, so that the market is made once."""
    return tmp_path_factory.mktemp("examples")


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda file: file.stem)
def test_the_example_runs_from_nothing(example: Path, shared: Path) -> None:
    environment = {name: value for name, value in os.environ.items() if name[:6] != "ASSAY_"}
    done = subprocess.run(
        [sys.executable, "-W", "error::DeprecationWarning:assay", str(example)],
        capture_output=True,
        text=True,
        check=False,
        cwd=shared,
        env=environment | {"EXAMPLE_HOME": str(shared / "home"), "TMPDIR": str(shared)},
    )

    assert done.returncode == 0, done.stdout + done.stderr
    assert SAYS[example.stem] in done.stdout
    assert not done.stderr, done.stderr


def test_there_are_five_and_each_reads_like_a_notebook() -> None:
    assert [file.stem for file in EXAMPLES] == sorted(SAYS)
    for file in EXAMPLES:
        text = file.read_text(encoding="utf-8")
        assert len(text.splitlines()) < MOST_LINES, file.name
        assert text.count("\n# %%") >= 4, file.name
        assert ast.get_docstring(ast.parse(text)), file.name
