"""`assay experiment report`: a page from what is kept, the same data in JSON, one sentence else."""

from html import escape
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.workflows.experiments import looked

MISTAKE = 2


@pytest.fixture(scope="module")
def ids(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    folder = tmp_path_factory.mktemp("runs")
    return {"home": str(folder / "home"), **looked.build(folder / "home", folder)}


@pytest.fixture
def ran(ids: dict[str, str]) -> Path:
    """Return a workspace with runs that no test may change."""
    return Path(ids["home"])


def test_the_newest_run_is_reported_where_none_is_named(
    ran: Path, ids: dict[str, str], assay: Run
) -> None:
    said = assay(ran, "experiment", "report")

    assert said.code == 0
    page = ran / "reports" / f"experiment-{ids['searched']}.html"
    assert str(page) in said.out
    assert page.read_text(encoding="utf-8").startswith("<!doctype html>")


def test_the_page_is_written_where_it_is_asked_for_and_json_says_what_it_shows(
    ran: Path, ids: dict[str, str], tmp_path: Path, assay: Run
) -> None:
    out = tmp_path / "deep" / "run.html"

    said = assay(ran, "experiment", "report", ids["ridge"], "--out", str(out), "--json")

    [told] = said.json["reports"]
    assert told["page"] == str(out)
    assert told["id"] == ids["ridge"]
    text = out.read_text(encoding="utf-8")
    assert told["findings"]
    assert all(escape(one["remedy"]) in text for one in told["findings"])


def test_several_runs_have_a_page_each(ran: Path, ids: dict[str, str], assay: Run) -> None:
    said = assay(ran, "experiment", "report", ids["ridge"], ids["momentum"], "--json")

    pages = [Path(one["page"]) for one in said.json["reports"]]
    assert [one["id"] for one in said.json["reports"]] == [ids["ridge"], ids["momentum"]]
    assert all(page.exists() for page in pages)
    assert len(set(pages)) == 2


def test_a_family_has_a_page_of_its_own(ran: Path, assay: Run) -> None:
    said = assay(ran, "experiment", "report", "--family", "drift")
    plain = assay(ran, "experiment", "report", "--family", "drift", "--json")

    assert said.code == 0
    assert "Report of the family drift" in said.out
    [told] = plain.json["reports"]
    assert (told["kind"], told["simulated"]) == ("family", True)
    assert "Expected best Sharpe" in Path(told["page"]).read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("0000zz",), "'0000zz'"),
        (("--family", "drit"), "did you mean drift"),
        (("ridge-of-nobody", "--family", "drift"), "not both"),
        (("a", "b", "--out", "x.html"), "--out names one page"),
    ],
)
def test_a_slip_is_one_sentence(ran: Path, assay: Run, words: tuple[str, ...], told: str) -> None:
    said = assay(ran, "experiment", "report", *words)

    assert said.code == MISTAKE
    assert told in said.err
    assert len(said.err.strip().splitlines()) == 1


def test_a_run_that_failed_is_told_to_have_no_report(
    ran: Path, ids: dict[str, str], assay: Run
) -> None:
    said = assay(ran, "experiment", "report", ids["failed"])

    assert said.code == MISTAKE
    assert "only what is finished has a report" in said.err


def test_a_workspace_without_runs_says_so_and_stays_empty(tmp_path: Path, assay: Run) -> None:
    said = assay(tmp_path, "experiment", "report")

    assert said.code == MISTAKE
    assert "No experiment was run here yet" in said.err
    assert not list(tmp_path.iterdir())
