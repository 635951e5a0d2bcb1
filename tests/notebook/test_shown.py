"""What a notebook shows is small, safe HTML; what a person prints is one line."""

from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

from assay.models.contract import Progress
from assay.notebook.drawn import lines, table, title
from assay.notebook.findings import Rows
from assay.notebook.progress import shown
from assay.notebook.workspace import Workspace

VOID = {"br"}


class Balanced(HTMLParser):
    """Notes which elements are open, and refuses what could reach beyond the cell."""

    def __init__(self) -> None:
        super().__init__()
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert tag not in {"script", "iframe", "style", "link"}, tag
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def checked(text: str) -> str:
    parser = Balanced()
    parser.feed(text)
    assert parser.open == []
    return text


def html_of(value: Any) -> str:
    return checked(value._repr_html_())


def test_every_result_is_shown_as_a_table_of_its_own(desk: Workspace) -> None:
    signal = desk.signal("EURUSD", "1h")
    results = [
        (signal, signal.id[:3] and "conviction"),
        (desk.explain(signal), "usual rate of rises"),
        (desk.check("EURUSD", "1h"), "calendar"),
        (desk.daily(), signal.id),
        (desk.models(), "momentum"),
        (desk.series(), "EURUSD"),
        (desk.doctor(), "journal"),
        (desk.drift("EURUSD", "1h"), "verdict"),
    ]

    for value, words in results:
        assert words in html_of(value), type(value).__name__
        if not isinstance(value, Rows):
            assert "\n" not in repr(value)
            assert len(repr(value)) < 300, type(value).__name__


def test_a_backtest_and_a_training_are_shown_and_written(desk: Workspace, tmp_path: Path) -> None:
    members = ("naive", "momentum")

    trained = desk.train("EURUSD", "1h", members=members)
    done = desk.backtest("EURUSD", "1h", folds=1, members=members)

    assert "Sharpe" in html_of(done)
    assert "gain" in html_of(trained)
    assert done.trial in repr(done)
    assert desk.report(done, tmp_path / "b.html").read_text().startswith("<!doctype html>")
    assert desk.report(done.trial, tmp_path / "again.html").read_text() == (
        (tmp_path / "b.html").read_text()
    )
    assert done.to_json()["trial"] == done.trial
    why = desk.explain(desk.signal("EURUSD", "1h"))
    assert why.page(tmp_path / "why.html").read_text().startswith("<!doctype html>")


def test_what_comes_from_files_cannot_be_markup() -> None:
    sly = "<script>alert(1)</script>"

    for text in (table((sly, ">" + sly), [(sly, sly)]), lines([sly]), title(sly)):
        assert "<script" not in checked(text)


def test_rows_are_a_list_and_a_frame() -> None:
    rows = Rows([{"a": 1, "b": [1, 2], "hidden": 3}, {"a": None, "b": []}], ("a", "b"))

    assert rows[0]["hidden"] == 3
    assert rows.frame().columns == ["a", "b"]
    assert "–" in html_of(rows)


def test_progress_tells_a_callable_of_work_and_of_training() -> None:
    told: list[tuple[str, int, int]] = []
    stood = Progress(epoch=1, epochs=2, step=3, steps=8, loss=0.5, held_loss=None, seconds_left=9.0)

    with shown(lambda *said: told.append(said)) as tick:
        tick("Reading", 1, 2)
        tick.watch("gru EURUSD", stood)

    assert told == [("Reading", 1, 2), ("gru EURUSD", 3, 8)]


@pytest.mark.parametrize("asked", [True, False])
def test_where_nobody_looks_nothing_is_drawn(
    asked: bool, capsys: pytest.CaptureFixture[str]
) -> None:
    with shown(asked) as tick:
        tick("Reading", 1, 2)
        tick("Reading", 2, 2)

    assert capsys.readouterr() == ("", "")


def test_in_a_terminal_a_bar_is_drawn(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")
    monkeypatch.setenv("TERM", "xterm")

    with shown(True) as tick:
        tick("Reading", 1, 2)

    assert "Reading" in capsys.readouterr().err
