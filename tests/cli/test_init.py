"""`assay init`: questions with defaults and flags, a settings file, and what to run next."""

import io
import os
import pty
import re
import subprocess
import sys
import time
from pathlib import Path

import polars as pl
import pytest

from assay.app import folder_of, open_desk
from assay.cli.main import run
from assay.settings import Settings
from assay.workflows.begin import Choices, next_commands, settings_text
from tests.cli.conftest import Said
from tests.factories import make_bars


@pytest.fixture(autouse=True)
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let no setting of this machine in."""
    for name in [name for name in os.environ if name.startswith("ASSAY_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HOME", str(tmp_path))


def init(capsys: pytest.CaptureFixture[str], *words: str) -> Said:
    code = run(["init", *words], open_desk, folder_of)
    said = capsys.readouterr()
    return Said(code, said.out, said.err)


def test_all_defaults_end_in_a_workspace_with_bars(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "fx"

    said = init(capsys, str(home), "--yes", "--markets", "eurusd,XAUUSD", "--years", "1", "--json")

    assert said.code == 0, said.err
    assert said.json["doctor"]["sound"] is True
    assert {(one["symbol"], one["timeframe"]) for one in said.json["series"]} == {
        (symbol, timeframe) for symbol in ("EURUSD", "XAUUSD") for timeframe in ("1h", "4h")
    }
    assert all(one["simulated"] for one in said.json["series"])
    assert said.json["next"][1].startswith(f"assay --home {home} signal ")
    assert open_desk(home).jobs == len(os.sched_getaffinity(0))


def test_without_a_terminal_it_says_what_to_do(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("sys.stdin", io.StringIO())

    said = init(capsys, str(tmp_path / "fx"))

    assert said.code == 2
    assert "say --yes" in said.err
    assert len(said.err.splitlines()) == 1
    assert not (tmp_path / "fx").exists()


def test_flags_become_settings_and_a_file_that_is_there_is_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    home = tmp_path / "fx"
    flags = (str(home), "--data", "none", "--yes", "--json")

    init(capsys, *flags, "--seed", "11", "--jobs", "3", "--features", "full")
    first = (home / "assay.toml").read_text()
    kept = init(capsys, *flags, "--seed", "12")

    assert (kept.json["written"], (home / "assay.toml").read_text()) == (False, first)
    desk = open_desk(home)
    assert (desk.seed, desk.jobs, desk.features) == (11, 3, "full")
    anew = init(capsys, *flags, "--seed", "12", "--overwrite")
    assert anew.json["written"] is True
    assert open_desk(home).seed == 12


def test_files_go_through_the_import(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    bars = make_bars(300, symbol="GBPUSD").frame
    stamped = bars.select(timestamp=pl.col("time") - pl.duration(hours=1), **{
        name: pl.col(name) for name in ("open", "high", "low", "close", "volume")
    })  # fmt: skip
    stamped.write_parquet(tmp_path / "GBPUSD_1h.parquet")

    said = init(
        capsys, str(tmp_path / "own"), "--files", str(tmp_path / "*.parquet"), "--yes", "--json"
    )

    assert said.code == 0, said.err
    assert [(one["symbol"], one["rows"]) for one in said.json["series"]] == [("GBPUSD", 300)]
    assert "train GBPUSD" in said.json["next"][0]


@pytest.mark.parametrize(
    ("flags", "named"),
    [
        (("--markets", "NOPE"), "NOPE"),
        (("--markets", ","), "Markets are symbols"),
        (("--database", "mysql://me:secret@host/x"), "mysql"),
        (("--database", "postgresql+pg8000://me:secret@localhost:1/x"), "PostgreSQL"),
        (("--data", "files"), "Name the files"),
    ],
)
def test_a_wrong_answer_is_one_sentence_and_writes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], flags: tuple[str, ...], named: str
) -> None:
    said = init(capsys, str(tmp_path / "fx"), "--yes", *flags)

    assert said.code in (1, 2)
    assert named in said.err
    assert "secret" not in said.out + said.err
    assert not (tmp_path / "fx").exists()


def test_a_file_in_place_of_the_folder_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "fx").write_text("")

    said = init(capsys, str(tmp_path / "fx"), "--yes")

    assert said.code == 2
    assert "is a file" in said.err


def test_the_file_says_what_each_line_is_and_holds_every_setting() -> None:
    url = 'postgresql+pg8000://me:pa"ss\\word@host/x'
    text = settings_text(Choices(jobs=3, database_url=url))

    plain, *tables = text.split("# [")
    named = {line.lstrip("# ").partition(" =")[0] for line in plain.splitlines() if " = " in line}
    named |= {re.split(r"[.\]]", table)[0] for table in tables}
    assert named == set(Settings.model_fields) - {"home"}
    rows = plain.splitlines()
    for place, line in enumerate(rows):
        if " = " in line:
            assert rows[place - 1].startswith("# "), line


def test_the_examples_in_the_file_can_be_taken_as_they_are(tmp_path: Path) -> None:
    _, *tables = settings_text(Choices(jobs=1)).split("# [")
    lines = [line for table in tables for line in f"# [{table}".splitlines()]
    taken = [line.removeprefix("# ") for line in lines if re.match(r"# (\[|\w+ = )", line)]
    (tmp_path / "assay.toml").write_text("\n".join(taken))

    desk = open_desk(tmp_path)

    assert desk.feeds["EURUSD"].sources == ("yahoo", "massive")
    assert desk.terms["yahoo"].symbols == {"XAUUSD": "GC=F"}


def test_a_secret_in_the_file_is_for_its_owner_alone_and_read_back(tmp_path: Path) -> None:
    from assay.workflows.begin import write_settings

    url = 'postgresql+pg8000://me:pa"ss\\word@host/x'
    place = write_settings(tmp_path / "fx", Choices(jobs=1, database_url=url))

    assert place.stat().st_mode & 0o077 == 0
    assert open_desk(tmp_path / "fx").database_url == url


def test_the_next_commands_are_for_this_workspace() -> None:
    assert next_commands((), None)[0] == "assay data import FILE"
    assert next_commands((), "/a b")[0] == "assay --home '/a b' data import FILE"


def test_a_person_in_a_terminal_is_asked_and_asked_again(tmp_path: Path) -> None:
    home = tmp_path / "fx"
    answers = [str(home), "standard", "many", "1", "", "", "perhaps", "none"]

    code, seen = typed(answers, "init")

    assert code == 0, seen
    assert "Where is the workspace" in seen
    assert "Say a number of 1 or more; found 'many'" in seen
    assert "Say one of simulated, files, none" in seen
    assert "data import FILE" in seen
    assert (home / "assay.toml").exists()


def typed(answers: list[str], *words: str) -> tuple[int, str]:
    """Return how the command ended and what was seen, when `answers` are typed in a terminal."""
    mine, theirs = pty.openpty()
    process = subprocess.Popen(
        [sys.executable, "-m", "assay", *words], stdin=theirs, stdout=theirs, stderr=theirs
    )
    os.close(theirs)
    seen = ""
    left = list(answers)
    until = time.monotonic() + 60
    while time.monotonic() < until:
        try:
            found = os.read(mine, 4096).decode(errors="replace")
        except OSError:
            break
        if not found:
            break
        seen += found
        if left and seen.rstrip(" ").endswith("]:"):
            os.write(mine, f"{left.pop(0)}\n".encode())
    os.close(mine)
    return process.wait(timeout=30), seen
