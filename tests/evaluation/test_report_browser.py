"""The page in a real browser: it complains of nothing, fetches nothing, and its chart moves."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from assay.evaluation.report.page import page
from tests.browser import Browser, browser
from tests.evaluation.reports import make_report

JUMP = "document.querySelectorAll('#chart-list button')[{}].click()"
RANGE = "[Number(stage.dataset.from), Number(stage.dataset.to)]"


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("page") / "report.html"
    path.write_text(page(make_report(400, trades=60, instruments=2)), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def seen() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.fixture
def shown(seen: Browser, file: Path) -> Browser:
    seen.complaints.clear()
    seen.fetched.clear()
    seen.open(file)
    return seen


@pytest.mark.parametrize("dark", [False, True])
@pytest.mark.parametrize("width", [1280, 390])
def test_it_complains_of_nothing_fetches_nothing_and_fits(
    seen: Browser, file: Path, width: int, dark: bool
) -> None:
    seen.complaints.clear()
    seen.fetched.clear()

    seen.open(file, width=width, dark=dark)
    seen.run(JUMP.format(3))
    seen.settle()

    assert seen.complaints == []
    assert seen.fetched == [file.as_uri()]
    assert seen.run("document.documentElement.scrollWidth") == width
    assert seen.run("document.querySelectorAll('#chart canvas').length") > 0


def test_a_trade_that_is_clicked_moves_the_chart_to_itself(shown: Browser) -> None:
    whole = shown.run(RANGE)
    spans = []
    for number in (0, 5):
        shown.run(JUMP.format(number))
        shown.settle()
        spans.append(shown.run(RANGE))
    entered = [shown.run(f"stage.querySelectorAll('tr button')[{n}].textContent") for n in (0, 5)]

    assert whole[1] - whole[0] > 300 * 86_400
    assert spans[0] != spans[1]
    for (start, end), text in zip(spans, entered, strict=True):
        at = shown.run(f"Date.parse('{text}Z') / 1000")
        assert start < at < end
        assert end - start < 4 * 86_400
    assert "in at 1.10000" in shown.run("document.getElementById('chart-about').textContent")


def test_next_and_whole_span_lead_through_the_trades(shown: Browser) -> None:
    whole = shown.run(RANGE)

    picked = []
    for _ in range(2):
        shown.run("document.getElementById('chart-next').click()")
        picked.append(shown.run("stage.dataset.picked"))
    shown.run("document.getElementById('chart-whole').click()")
    shown.settle()

    assert picked[0] != picked[1]
    assert shown.run("stage.dataset.picked") == ""
    assert shown.run(RANGE) == pytest.approx(whole)


def test_another_instrument_has_trades_of_its_own(shown: Browser) -> None:
    first = shown.run("document.getElementById('chart-list').rows[0].dataset.number")

    shown.run(
        "(() => { const s = document.getElementById('chart-symbol'); s.value = 1; "
        "s.dispatchEvent(new Event('change')); })()"
    )

    rows = shown.run("[...document.getElementById('chart-list').rows].map(r => r.dataset.number)")
    assert first not in rows
    assert all(int(number) % 2 == 1 for number in rows)


def test_the_colours_follow_dark_and_light(shown: Browser) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    light = shown.run(background)

    shown.ask(
        "Emulation.setEmulatedMedia",
        features=[{"name": "prefers-color-scheme", "value": "dark"}],
    )
    shown.settle()

    assert shown.run(background) != light
    assert shown.complaints == []


def test_paper_gets_the_drawing_instead_of_the_chart(shown: Browser) -> None:
    still, stage = (
        f"getComputedStyle(document.querySelector('{name}')).display"
        for name in (".still", "#stage")
    )
    assert (shown.run(still), shown.run(stage)) == ("none", "block")

    shown.ask("Emulation.setEmulatedMedia", media="print")

    assert (shown.run(still), shown.run(stage)) == ("block", "none")


def test_arrow_keys_lead_through_the_list(shown: Browser) -> None:
    shown.run("document.querySelector('#chart-list button').focus()")
    for _ in range(3):
        for kind in ("keyDown", "keyUp"):
            shown.ask("Input.dispatchKeyEvent", type=kind, key="ArrowDown", code="ArrowDown")

    focused = "document.activeElement.closest('tr').dataset.number"
    assert shown.run(focused) == shown.run("stage.dataset.picked") != ""


def test_without_scripts_the_drawing_stands_in_its_place(seen: Browser, file: Path) -> None:
    seen.scripts(allowed=False)
    try:
        seen.open(file)
        display = "getComputedStyle(document.querySelector('{}')).display"
        assert seen.run(display.format(".still")) == "block"
        assert seen.run(display.format("#stage")) == "none"
    finally:
        seen.scripts(allowed=True)
