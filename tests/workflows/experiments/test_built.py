"""The digest of the code changes with whatever a result can depend on, and with nothing else."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

import assay
from assay.workflows.experiments import built

CACHED = (built.code_digest, built.code_version, built.uncommitted_diff)


@pytest.fixture
def copy(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Return a copy of a part of the package, taken for the package."""
    root, source = tmp_path / "assay", Path(assay.__file__ or "").parent
    for room in ("evaluation", "kernel", "cli", "workflows/experiments"):
        shutil.copytree(
            source / room, root / room, ignore=shutil.ignore_patterns("__pycache__", "*.pyc")
        )
    monkeypatch.setattr(built, "_ROOT", root)
    for each in CACHED:
        each.cache_clear()
    yield root
    monkeypatch.undo()
    for each in CACHED:
        each.cache_clear()


def read_again() -> str:
    """Return the digest of the code as it is now."""
    built.code_digest.cache_clear()
    return built.code_digest()


@pytest.mark.parametrize(
    "file", ["evaluation/cuts.py", "kernel/book.py", "workflows/experiments/folded.py"]
)
def test_a_line_in_what_computes_is_other_code(copy: Path, file: str) -> None:
    before = read_again()

    with (copy / file).open("a") as opened:
        opened.write("\n# a comment\n")

    assert read_again() != before


def test_a_new_file_and_another_name_are_other_code(copy: Path) -> None:
    before = read_again()

    (copy / "evaluation" / "new.py").write_text("")
    added = read_again()
    (copy / "evaluation" / "new.py").rename(copy / "evaluation" / "newer.py")

    assert len({before, added, read_again()}) == 3


def test_the_command_line_is_no_part_of_it(copy: Path) -> None:
    before = read_again()

    for file in (copy / "cli").rglob("*.py"):
        file.write_text(file.read_text() + "\n# a comment\n")
    (copy / "evaluation" / "note.txt").write_text("no code")

    assert read_again() == before


def test_the_digest_is_of_the_code_and_not_of_where_it_lies(
    copy: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = read_again()
    shutil.copytree(copy, tmp_path / "elsewhere" / "assay")

    monkeypatch.setattr(built, "_ROOT", tmp_path / "elsewhere" / "assay")

    assert read_again() == before


@pytest.mark.usefixtures("copy")
def test_outside_a_checkout_there_is_a_version_and_no_difference() -> None:
    assert re.fullmatch(r"\d+\.\d+.*", built.code_version())
    assert "+" not in built.code_version()
    assert built.uncommitted_diff() is None


def test_the_code_that_runs_has_a_digest_and_a_version() -> None:
    assert re.fullmatch(r"[0-9a-f]{64}", built.code_digest())
    assert built.code_version()


def test_libraries_and_machine_are_told() -> None:
    told = built.libraries()

    assert told["numpy"] == np.__version__
    assert {"python", "polars", "numba"} <= set(told)
    assert int(built.machine()["processors"]) >= 1
