"""`assay news` and `assay experiment ablate`: stories come in, and what they are worth is said."""

from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.workflows.experiments import looked
from tests.workflows.experiments.test_ablating import moved_by_stories
from tests.workflows.experiments.worlds import desk_with

MISTAKE, OURS = 2, 1
PLAN = """\
name: with-news
hypothesis: Stories move the price for some hours after they were seen, because readers are slow.
family: with-news
primary_metric: log_loss_gain
data: {instruments: [EURUSD], timeframe: 1h}
features: {only: [log_return, tone, tone_decay]}
label: {kind: direction, horizon: 2 bars}
model: {name: ridge}
splits: {folds: 2, tested: 40 %, embargo: 12 hours}
"""


@pytest.fixture
def headlines(tmp_path: Path) -> Path:
    file = tmp_path / "headlines.csv"
    file.write_text(
        "headline,date,source\n"
        "Euro surges on strong growth,2020-08-03,Wire\n"
        "Euro surges on strong growth,2020-08-03,Copy\n"
        "Euro falls,2020-08-04,Wire\n"
        ",2020-08-04,Wire\n"
        "Euro rises,some day,Wire\n"
    )
    return file


def test_what_a_file_holds_is_shown_and_then_stored_once(
    own: Path, headlines: Path, assay: Run
) -> None:
    looked_at = assay(own, "news", "import", str(headlines), "--look")
    empty = assay(own, "news", "list")
    stored = assay(own, "news", "import", str(headlines), "--zone", "UTC", "--json")
    again = assay(own, "news", "import", str(headlines), "--zone", "UTC")
    listed = assay(own, "news", "list")

    assert {said.code for said in (looked_at, empty, stored, again, listed)} == {0}
    assert "2 stories would be added" in looked_at.out
    assert "at the end of the day wherever on earth that is last" in looked_at.out
    for words in (
        "1 rows say the same of the same instruments on one day as an earlier row",
        "1 rows have no text, or not the fields of the others",
        "1 rows have no time that can be read",
    ):
        assert words in " ".join(looked_at.out.split())
    assert "No story is stored yet" in empty.out
    assert stored.err == ""
    (read,) = stored.json["read"]
    assert (read["added"], read["first"]) == (2, "2020-08-04T00:00:00+00:00")
    assert "0 stories added" in again.out
    assert "2 rows are stored already" in again.out
    assert "the whole market" in listed.out
    assert assay(own, "news", "--json").json[0]["stories"] == 2


def test_a_file_that_is_refused_is_named_and_the_others_are_stored(
    own: Path, headlines: Path, tmp_path: Path, assay: Run
) -> None:
    odd = tmp_path / "odd.csv"
    odd.write_text("price,volume\n1,2\n")

    alone = assay(own, "news", "import", str(odd))
    both = assay(own, "news", "import", str(odd), str(headlines))

    assert (alone.code, both.code) == (MISTAKE, OURS)
    assert "say it with --text COLUMN" in alone.err
    assert f"{odd} was refused" in both.err
    assert "2 stories added" in both.out


def test_an_ablation_says_what_news_are_worth_in_words_and_in_json(
    tmp_path: Path, assay: Run
) -> None:
    home, plan = tmp_path / "home", tmp_path / "plan.yaml"
    plan.write_text(PLAN)
    bars, stories = moved_by_stories()
    desk = desk_with(home, bars)
    desk.documents.add_stories(stories, simulated=False)
    desk.close()

    told = assay(home, "experiment", "ablate", str(plan), "--sentiment", "--jobs", "1")
    plain = assay(home, "experiment", "ablate", str(plan), "--sentiment", "--json")

    assert told.code == plain.code == 0
    said = " ".join(told.out.split())
    assert "with-news, without sentiment" in said
    assert "Sentiment helps here" in said
    assert "a story first seen in the bar" in said
    assert "2 of them run now" in said
    (one,) = plain.json["ablations"]
    assert (one["verdict"], plain.json["fitted"]) == ("helps", 0)
    assert one["compared"]["measures"]["log_loss"]["gain"]["low"] > 0
    assert len(assay(home, "experiment", "list", "--json").json) == 2


def test_where_nothing_can_be_ablated_that_is_said(tmp_path: Path, assay: Run) -> None:
    home, plan = tmp_path / "home", tmp_path / "plan.yaml"
    plan.write_text(PLAN)
    desk_with(home, moved_by_stories()[0]).close()

    told = assay(home, "experiment", "ablate", str(plan), "--sentiment")

    assert told.code == 0
    assert "There was nothing to ablate, and nothing was fitted" in " ".join(told.out.split())


def test_what_cannot_be_asked_is_a_mistake(own: Path, tmp_path: Path, assay: Run) -> None:
    plan = tmp_path / "plan.yaml"
    plan.write_text(looked.PAIR)

    nothing = assay(own, "experiment", "ablate", str(plan))
    unknown = assay(own, "experiment", "ablate", str(plan), "--without", "sentimnt")

    assert (nothing.code, unknown.code) == (MISTAKE, MISTAKE)
    assert "--without, --sentiment or --member" in nothing.err
    assert "did you mean sentiment" in unknown.err
