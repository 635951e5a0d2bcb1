"""`assay gate`: what it asks, what it said of a run, and how often it is wrong."""

import json
import shutil
from pathlib import Path

import pytest

from assay.cli import say
from assay.cli.gate_pages import KEEP, PAGE, page_of
from assay.cli.gates import calibrated_chain
from assay.core.errors import DataError
from assay.evaluation.gate.calibration import World
from assay.evaluation.gate.catalog import CHECKS
from assay.evaluation.gate.contract import Tier
from assay.evaluation.gate.judge import VERSION
from assay.store.findings import SubjectKind, Verdicts
from assay.workflows import calibrating
from assay.workflows.calibrating import Point, calibrate
from assay.workflows.calibrating_chain import calibrate_chain
from assay.workflows.calibrating_kept import published, read_published
from tests.cli.conftest import Run
from tests.workflows.experiments import looked
from tests.workflows.experiments.worlds import Counting
from tests.workflows.test_calibrating import NOISE, SKILLED, Told
from tests.workflows.workspace import open_at

ROOT = Path(__file__).parents[2]
MISTAKE = 2
FEW = (Point("noise", "noise", World(4, 2, 0.5), 6),)


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, str]]:
    """Return a workspace with runs that no test may change, and their ids by what they are."""
    folder = tmp_path_factory.mktemp("gate")
    return folder / "home", looked.build(folder / "home", folder)


@pytest.fixture
def measured(tmp_path: Path) -> Path:
    """Return a file of results with both sections, of a few families."""
    file = tmp_path / "results.json"
    published(file, "statistics", calibrate(tmp_path, Counting(), [NOISE, SKILLED]))
    published(file, "chain", calibrate_chain(tmp_path, Told(1), families=2, real=None))
    return file


def test_every_check_there_is_is_listed_with_its_question(tmp_path: Path, assay: Run) -> None:
    text, data = assay(tmp_path, "gate", "checks"), assay(tmp_path, "gate", "checks", "--json")

    assert (text.code, data.code) == (0, 0)
    every = [(str(tier), name) for tier in Tier for name in CHECKS[tier].names()]
    assert [(one["tier"], one["check"]) for one in data.json] == every
    assert all(one["question"].endswith("?") for one in data.json)
    assert all(name in text.out for _, name in every)


def test_a_suspicion_is_explained_once_and_on_record(
    ran: tuple[Path, dict[str, str]], tmp_path: Path, assay: Run
) -> None:
    home, ids = ran
    copied = shutil.copytree(home, tmp_path / "home")
    asked = ("gate", "explain", ids["ridge"], "--why", "it was planted", "--by", "A. Quant")

    first, again = assay(copied, *asked), assay(copied, *asked)

    assert (first.code, again.code) == (0, MISTAKE)
    assert "A. Quant explained it on" in " ".join(first.out.split())
    assert "is not under suspicion: too_good passed" in again.err


def test_a_profile_has_its_own_thresholds(tmp_path: Path, assay: Run) -> None:
    standard = assay(tmp_path, "gate", "checks", "--json").json
    strict = assay(tmp_path, "gate", "checks", "--profile", "strict", "--json").json
    wrong = assay(tmp_path, "gate", "checks", "--profile", "stric")

    alpha = [
        one["thresholds"]["alpha"]
        for found in (standard, strict)
        for one in found
        if one["check"] == "family_alpha"
    ]
    assert alpha == [0.05, 0.01]
    assert wrong.code == MISTAKE
    assert "strict" in wrong.err


def test_a_verdict_is_shown_line_by_line_as_it_was_stored(
    ran: tuple[Path, dict[str, str]], assay: Run
) -> None:
    home, ids = ran
    desk = open_at(home, looked.filled(home).clock.now())
    stored = Verdicts(desk.database).latest(SubjectKind.TRIAL, ids["ridge"])
    assert stored is not None

    text = assay(home, "gate", "show", ids["ridge"])
    data = assay(home, "gate", "show", ids["ridge"].removeprefix("trial-"), "--json").json

    assert data["verdict"] == stored.verdict
    assert [one["sentence"] for one in data["lines"]] == [one.sentence for one in stored.lines]
    assert [one["check"] for one in data["lines"]] == [one.check for one in stored.lines]
    assert {one["allows"] for one in data["lines"]} >= {stored.verdict}
    assert text.out.startswith(f"{stored.verdict}: ")
    assert "(simulated)" in text.out
    assert all(line.check in text.out for line in stored.lines)


def test_a_run_that_nobody_has_is_refused_with_what_is_near(
    ran: tuple[Path, dict[str, str]], assay: Run
) -> None:
    home, _ = ran

    said = assay(home, "gate", "show", "trial-000000000000")

    assert said.code == MISTAKE
    assert "assay experiment list" in said.err


def test_a_run_that_was_never_judged_says_why(ran: tuple[Path, dict[str, str]], assay: Run) -> None:
    home, ids = ran

    said = assay(home, "gate", "show", ids["stopped"])

    assert said.code == MISTAKE
    assert "The gate has said nothing of trial-" in said.err
    assert "assay experiment resume" in said.err


@pytest.mark.parametrize(
    ("words", "why"),
    [
        (["--page", "page.md"], "--page writes what the file of --keep holds"),
        (["--chain", "--full"], "--full is about returns alone"),
        (["--bars", "bars.csv"], "--bars are real bars for --chain"),
        (["--profile", "strickt"], "strict"),
        (["--executor", "locl"], "local"),
    ],
)
def test_what_cannot_be_meant_is_refused_before_anything_is_judged(
    tmp_path: Path, assay: Run, words: list[str], why: str
) -> None:
    said = assay(tmp_path / "home", "gate", "calibrate", *words)

    assert said.code == MISTAKE
    assert why in said.err
    assert not (tmp_path / "home").exists()


def test_a_calibration_is_kept_told_and_drawn_and_counts_as_no_trial(
    tmp_path: Path, assay: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(calibrating, "points", lambda *, full: FEW)
    home, keep, page = tmp_path / "home", tmp_path / "found.json", tmp_path / "page.md"
    words = ("gate", "calibrate", "--jobs", "1", "--keep", str(keep), "--page", str(page))

    data, text = assay(home, *words, "--json"), assay(home, *words)

    assert (data.code, text.code) == (0, 0)
    assert {"noise_pass_rate", "noise_pass_upper", "power"} <= data.json.keys()
    assert data.json["families"] == 6
    assert "6 families; profile standard" in text.out
    assert read_published(keep) == {"statistics": data.json}
    assert page.read_text() == page_of({"statistics": data.json})
    assert sorted(each.name for each in home.iterdir()) == ["calibration"]


def test_the_chain_says_which_checks_refused_and_what_was_left_out(
    measured: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    say.console().print(calibrated_chain(read_published(measured)["chain"]))

    told = capsys.readouterr().out
    rows = {line.split()[0]: line.split()[1:] for line in told.splitlines() if line.strip()}
    assert rows["sharpe"] == ["14", "14", "4"]
    assert rows["superior"] == ["12", "12", "0"]
    assert "Left out for want of real bars: random_signs" in told


def test_one_section_is_replaced_and_the_other_stays(measured: Path, tmp_path: Path) -> None:
    before = read_published(measured)

    after = published(measured, "statistics", {"power": []})

    assert after == {"statistics": {"power": []}, "chain": before["chain"]}
    assert json.loads(measured.read_text()) == after


@pytest.mark.parametrize("content", ["no json", "[1]", '{"figures": []}'])
def test_results_never_replace_a_file_of_something_else(tmp_path: Path, content: str) -> None:
    file = tmp_path / "mine.json"
    file.write_text(content)

    with pytest.raises(DataError, match="--keep"):
        published(file, "statistics", {})

    assert file.read_text() == content


def test_the_page_has_a_section_for_what_was_measured_and_no_other(measured: Path) -> None:
    both = read_published(measured)

    whole, bare = page_of(both), page_of({"chain": both["chain"]})

    assert [line for line in whole.splitlines() if line.startswith("## ")] == [
        "## What it is held to",
        "## Noise",
        "## Skill",
        "## The whole chain",
        "## How it was measured",
    ]
    assert "## Noise" not in bare
    assert "| sharpe | 14 | 14 | 4 |" in whole


def test_the_published_page_is_what_was_measured_of_this_gate() -> None:
    found = read_published(ROOT / KEEP)

    assert (ROOT / PAGE).read_text(encoding="utf-8") == page_of(found)
    assert {told["gate_version"] for told in found.values()} == {VERSION}
    assert all(goal["held"] for goal in found["statistics"]["goals"])
    assert found["statistics"]["noise"]["families"] >= 1_000
