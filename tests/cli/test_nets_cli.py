"""`assay train --all`, its progress and its pace, and the plots of `assay explain --plot`."""

import json
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assay.cli.commands.train import grid
from assay.cli.say import Bars
from assay.core.values.timeframe import Timeframe
from assay.evaluation.explained import explained_page
from assay.models import training
from assay.models.contract import Progress, Workshop
from assay.store.artefacts import ArtefactKind, ArtefactRow
from assay.store.signals import Signals
from assay.workflows import learn
from assay.workflows import train as training_runs
from assay.workflows.desk import Desk
from assay.workflows.train import Trained
from tests.cli.conftest import Run
from tests.models.test_nets import fit
from tests.workflows.workspace import LIGHT, open_at

MADE = datetime(2022, 1, 3, tzinfo=UTC)


def row(member: str, *symbols: str, timeframe: Timeframe = Timeframe.H1) -> ArtefactRow:
    name = f"{member}-{'-'.join(symbols)}-{timeframe}"
    return ArtefactRow(
        name, ArtefactKind.MEMBER, member, member, timeframe, symbols, MADE, {}, name, False
    )


def trained(rows: Sequence[ArtefactRow], *, reused: int = 0, seconds: float) -> Trained:
    return Trained(tuple(rows), reused, (), (), seconds)


PAIRS = ("EURUSD", "GBPUSD")
EACH = [row("ridge", pair) for pair in PAIRS]
OF_BOTH = row("cnn_lstm", *PAIRS)


@pytest.mark.parametrize(
    ("done", "jobs", "said"),
    [
        (trained([*EACH, OF_BOTH], seconds=90), 1, "2 series took 45 s each with 1 at once; the"),
        (trained([*EACH, OF_BOTH], seconds=90), 4, "with 4 at once; the standard grid of 95 would"),
        (trained([*EACH, OF_BOTH], seconds=90), 1, "would take about 71 minutes."),
        (trained([*EACH, OF_BOTH], reused=1, seconds=60), 1, "2 series took 45 s each"),
        (trained([EACH[0]], seconds=120), 1, "1 series took 120 s each"),
        (
            trained([EACH[0], row("ridge", "EURUSD", timeframe=Timeframe.H4)], seconds=120),
            1,
            "2 series took 60 s each with 1 at once; the standard grid of 95 would take about 95 ",
        ),
    ],
)
def test_the_pace_is_that_of_all_members_of_a_series(done: Trained, jobs: int, said: str) -> None:
    assert said in grid(done, jobs)


@pytest.mark.parametrize("done", [trained(EACH, reused=2, seconds=1), trained([], seconds=1)])
def test_without_anything_trained_there_is_no_pace(done: Trained) -> None:
    assert grid(done, 1).startswith("Nothing had to be trained")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[bool, int]]:
    """Let `assay train` train light members; return what it was asked.

    The models of 4h are there already, but for the ridge; those of 1h lack the newest bars.
    """
    heard: list[tuple[bool, int]] = []

    def light(desk: Desk, *given: Any, apart: bool, **other: Any) -> Trained:
        heard.append((apart, desk.jobs))
        return train(desk, *given, apart=apart, members=LIGHT, **other)

    train = training_runs.train
    monkeypatch.setattr(training_runs, "train", light)
    monkeypatch.setattr(learn, "SETTINGS", {"ridge": {"band": 0.25, "keep": 4}})
    return heard


def test_train_all_says_the_pace_of_the_standard_grid(
    own: Path, assay: Run, asked: list[tuple[bool, int]]
) -> None:
    said = assay(own, "train", "--all", "--jobs", "1")

    assert said.code == 0
    assert asked == [(True, 1)]
    assert "4 members trained, 2 were there already" in said.out
    assert re.search(r"2 series took \d+ s each with 1 at once; the standard grid of 95", said.out)
    assert "Nothing had to be trained" in assay(own, "train", "--all").out


def test_train_all_in_json_holds_the_pace_too(
    own: Path, assay: Run, asked: list[tuple[bool, int]]
) -> None:
    said = assay(own, "train", "--all", "--jobs", "1", "--json")

    assert said.code == 0
    assert asked == [(True, 1)]
    assert len(said.json["members"]) == 6
    assert said.json["reused"] == 2
    assert "the standard grid of 95 would take about" in said.json["pace"]


def test_without_all_one_net_serves_a_timeframe_and_no_pace_is_said(
    own: Path, assay: Run, asked: list[tuple[bool, int]]
) -> None:
    said = assay(own, "train", "--jobs", "3")

    assert asked == [(False, 3)]
    assert "standard grid" not in said.out
    assert "Nothing had to be trained" not in said.out


def told(capsys: pytest.CaptureFixture[str]) -> list[dict[str, Any]]:
    return [json.loads(line) for line in capsys.readouterr().err.splitlines()]


def step(number: int, held_loss: float | None = None) -> Progress:
    """Return the progress after a step of a training of 3 epochs of 4 steps each."""
    return Progress(-(-number // 4), 3, number, 12, 0.5, held_loss, 1.0)


def test_where_there_is_no_terminal_every_epoch_is_an_event(
    capsys: pytest.CaptureFixture[str],
) -> None:
    bars = Bars(None, events=True)

    for number in (1, 3, 4, 4, 5, 8, 10, 12):
        bars.watch("cnn_lstm 3 x 1h", step(number, 0.6))
        if number == 4:
            bars.watch("patchtst 3 x 1h", step(4, 0.7))

    lines = told(capsys)
    of = [(line["training"].partition(" ")[0], line["epoch"]) for line in lines]
    assert of == [("cnn_lstm", 1), ("patchtst", 1), ("cnn_lstm", 2), ("cnn_lstm", 3)]
    assert set(lines[0]) == {
        "training", "epoch", "epochs", "step", "steps", "loss", "held_loss", "seconds_left",
    }  # fmt: skip
    assert lines[1]["held_loss"] == 0.7
    assert capsys.readouterr().out == ""


def test_asked_to_be_quiet_it_says_nothing(capsys: pytest.CaptureFixture[str]) -> None:
    bars = Bars(None, events=False)

    bars.watch("cnn_lstm 3 x 1h", step(4))
    bars("Training members", 1, 2)

    assert told(capsys) == []


def test_an_event_holds_the_loss_on_the_stop_span_after_its_own_epoch(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "REPORT_SECONDS", 0.0)
    bars, held = Bars(None, events=True), dict[int, float | None]()

    def report(progress: Progress) -> None:
        if progress.epoch == 3:
            raise KeyboardInterrupt
        held[progress.epoch] = progress.held_loss
        bars.watch("cnn_lstm 2 x 1h", progress)

    with pytest.raises(KeyboardInterrupt):
        fit("cnn_lstm", workshop=Workshop(report=report))

    lines = told(capsys)
    assert [line["epoch"] for line in lines] == [1, 2]
    assert [line["held_loss"] for line in lines] == list(held.values())
    assert held[1] != held[2]


def newest(home: Path) -> str:
    """Return the id of the newest signal."""
    desk = open_at(home)
    name = Signals(desk.journal).list()[0].id
    desk.database.close()
    return name


def test_the_plots_of_an_explanation_are_one_file_that_needs_nothing(
    workspace: Path, assay: Run, tmp_path: Path
) -> None:
    name, place = newest(workspace), tmp_path / "new" / "why.html"

    said = assay(workspace, "explain", name, "--plot", str(place), "--json")

    page, why = place.read_text(encoding="utf-8"), said.json["why"]
    assert said.code == 0
    assert f"The plots are in {place}" in said.err.replace("\n", "")
    parts = [part for part in why["parts"] if part["part"]]
    assert parts
    for part in parts:
        assert f"What {part['member']} {part['timeframe']} listened to" in page
        for driver in part["drivers"]:
            assert driver["column"] in page
    assert page.startswith("<!doctype html>")
    assert page.count("<svg") == page.count("</svg>") > len(parts)
    assert "<script" not in page
    assert "http:" not in page.replace('xmlns="http://www.w3.org/2000/svg"', "")
    assert "https:" not in page
    assert list(place.parent.iterdir()) == [place]


def test_a_withheld_account_is_said_in_the_page_in_its_own_words(
    workspace: Path, assay: Run
) -> None:
    found = assay(workspace, "explain", newest(workspace), "--json").json
    for part in found["why"]["parts"]:
        part |= {"withheld": "too <little> between them", "drivers": [], "part": 0.1}

    page = explained_page(found)

    assert page.count("Not shown: too &lt;little&gt; between them.") == len(found["why"]["parts"])


@pytest.mark.parametrize(
    ("command", "options"),
    [("train", ("--all", "--jobs", "--timeframe")), ("explain", ("--plot", "--json"))],
)
def test_help_teaches_the_options(
    workspace: Path, assay: Run, command: str, options: Sequence[str]
) -> None:
    said = assay(workspace, command, "--help")

    assert said.code == 0
    for option in options:
        assert option in said.out
    examples = said.out[said.out.index("Examples") :]
    assert f"assay {command}" in examples
    assert options[0] in examples
