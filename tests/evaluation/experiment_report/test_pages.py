"""Pages on experiments: whole, safe, every plot with its table, and at home in a real browser."""

import re
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from assay.evaluation.experiment_report.family_page import family_page
from assay.evaluation.experiment_report.run_page import run_page
from assay.evaluation.gate.contract import Beside
from tests.browser import Browser, browser
from tests.evaluation.experiment_report import made
from tests.evaluation.gate.evidence import first_days, silent, sound

EVIL = '<script>alert("x")</script>'
SECTION = re.compile(r"<section>.*?</section>", re.DOTALL)
WIDTHS = (1280, 360)


def seeded() -> dict[str, Any]:
    """Return a run of five seeds beside ridge, in a family of many trials."""
    usual = sound()
    net, nothing = usual.net, np.zeros(0)
    spread = np.random.default_rng(2).normal(0, 0.004, (len(net), 5))
    family = np.column_stack([made.ideas(4, 4, days=len(net)), net])
    evidence = replace(
        usual,
        seeds=(1, 2, 3, 4, 5),
        is_random=True,
        is_baseline=False,
        simulated=True,
        returns={name: values + spread for name, values in usual.returns.items()},
        scores={name: np.repeat(values, 5, axis=1) for name, values in usual.scores.items()},
        counts={name: np.repeat(values, 5) for name, values in usual.counts.items()},
        family=family,
        own=8,
        registration=replace(usual.registration, registered=12, order=9, unseen_tries=2),
        beside=Beside("ridge", net - 1e-4, nothing, nothing),
    )
    return made.run(evidence)


PAGES: dict[str, Callable[[], str]] = {
    "run": lambda: run_page(seeded()),
    "short": lambda: run_page(made.run(first_days(sound(), 40))),
    "silent": lambda: run_page(made.run(silent(sound()))),
    "family": lambda: family_page(made.family()),
    "alone": lambda: family_page(made.family(made.ideas(1))),
}


@pytest.fixture(scope="module")
def texts() -> dict[str, str]:
    return {name: page() for name, page in PAGES.items()}


@pytest.mark.parametrize("name", PAGES)
def test_every_plot_has_a_table_behind_it(texts: dict[str, str], name: str) -> None:
    sections = SECTION.findall(texts[name])

    drawn = [each for each in sections if '<svg viewBox="0 0 1' not in each and "<svg" in each]
    assert len(sections) >= 9
    assert all(each.rfind("<table>") > each.find("<svg") for each in drawn)


@pytest.mark.parametrize("name", PAGES)
def test_no_number_is_left_without_being_one(texts: dict[str, str], name: str) -> None:
    shown = re.sub(r"<style>.*?</style>", "", texts[name], flags=re.DOTALL)

    assert not re.search(r"\b(nan|inf|None)\b", shown)


def test_a_simulated_run_says_so_in_every_section(texts: dict[str, str]) -> None:
    heads = re.findall(r"<h2[^>]*>.*?</h2>", texts["run"])

    assert all("simulated" in head for head in heads)
    assert "simulated" not in texts["family"]


def test_what_a_person_wrote_is_text() -> None:
    run = run_page(made.run(title=EVIL, hypothesis=EVIL, family=EVIL, code_version=EVIL))
    family = made.family(family=EVIL, sentence=EVIL)
    family["trials"][0]["title"] = EVIL
    family["looks"][0]["reason"] = EVIL

    for text in (run, family_page(family)):
        assert "<script" not in text
        assert "&lt;script&gt;" in text


def test_the_run_is_judged_line_by_line_and_its_numbers_stand_there(texts: dict[str, str]) -> None:
    told = seeded()

    for line in told["verdict_lines"]:
        assert f">{line['check']}</td>" in texts["run"]
    assert "12 registered (N)" in texts["run"]
    assert f"{told['deflation']['ideas']} ideas (N_eff)" in texts["run"]
    for fold in told["folds"]:
        assert f"{fold['net_sharpe']:.2f}".replace("-", "−") in texts["run"]


def test_one_seed_is_told_by_why_there_is_one() -> None:
    chosen, enough = (made.run(seeds_asked=asked) for asked in ([1], [1, 2, 3, 4, 5]))

    assert "One seed was asked for" in run_page(chosen)
    assert "Nothing in the member is random" in run_page(enough)


@pytest.fixture(scope="module")
def seen() -> Iterator[Browser]:
    with browser() as found:
        yield found


@pytest.mark.parametrize("name", ["run", "family"])
def test_it_complains_of_nothing_fetches_nothing_and_fits(
    seen: Browser, texts: dict[str, str], tmp_path: Path, name: str
) -> None:
    file = tmp_path / f"{name}.html"
    file.write_text(texts[name], encoding="utf-8")

    for width in WIDTHS:
        for dark in (False, True):
            seen.complaints.clear()
            seen.fetched.clear()

            seen.open(file, width=width, dark=dark)

            assert seen.complaints == []
            assert seen.fetched == [file.as_uri()]
            assert seen.run("document.documentElement.scrollWidth") == width
    assert seen.run("[...document.querySelectorAll('.card')].every(c => c.scrollWidth <= "
                    "c.clientWidth + 1)")  # fmt: skip
    assert seen.run("[...document.querySelectorAll('nav a')].every(a => document.getElementById("
                    "a.hash.slice(1)))")  # fmt: skip
