"""A database that is gone is never taken for one that is new, and looking makes nothing."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Run
from tests.cli.test_bad_input import MISTAKE, OURS, csv_of, document, kept, one_sentence, text_file
from tests.factories import make_bars
from tests.workflows.workspace import open_at

LOOKING = [
    ("explain", "sig-1"),
    ("doctor",),
    ("data", "list"),
    ("data", "show", "EURUSD", "--timeframe", "1h"),
    ("data", "show", "AAPL", "--timeframe", "1h"),
    ("data", "check", "AAPL", "--timeframe", "1h"),
    ("models", "list"),
    ("models", "list", "--symbol", "AAPL"),
    ("models", "show", "1234"),
    ("features", "values", "AAPL", "--timeframe", "1h"),
    ("journal", "list"),
    ("journal", "show", "1"),
    ("journal", "verify"),
    ("journal", "adopt", "--reason", "nothing was lost", "--yes"),
    ("daily",),
    ("signal", "AAPL", "--timeframe", "1h"),
    ("train", "AAPL"),
]


@pytest.mark.parametrize("words", LOOKING, ids=" ".join)
def test_what_only_looks_makes_nothing(words: tuple[str, ...], tmp_path: Path, assay: Run) -> None:
    said = assay(tmp_path / "nowhere", *words)

    assert said.code in {0, MISTAKE}
    assert list(tmp_path.iterdir()) == []


def gone(home: Path) -> None:
    for file in home.glob("assay.db*"):
        file.unlink()


def emptied(home: Path) -> None:
    gone(home)
    (home / "assay.db").write_bytes(b"")


LOSSES = {"gone": gone, "emptied": emptied}
Loss = Callable[[Path], None]


@pytest.fixture(params=list(LOSSES))
def loss(request: pytest.FixtureRequest) -> Loss:
    return LOSSES[request.param]


def test_every_entry_is_said_to_be_lost(loss: Loss, own: Path, assay: Run) -> None:
    loss(own)

    plain, data = assay(own, "journal", "verify"), assay(own, "journal", "verify", "--json")

    assert "every one of its 24 entries is lost" in one_sentence(plain, OURS)
    assert "journal adopt" in plain.err
    assert data.code == OURS
    assert data.json["intact"] is False
    assert (data.json["problem"]["no"], data.json["problem"]["damage"]) == (1, "lost")


def test_the_doctor_says_so_and_what_is_left(loss: Loss, own: Path, assay: Run) -> None:
    loss(own)

    said = assay(own, "doctor", "--json")

    assert said.code == OURS
    states = {(one["name"], one["state"]) for one in said.json["findings"]}
    assert {("database", "fail"), ("journal", "fail"), ("bars", "ok"), ("models", "warn")} <= states


@pytest.mark.parametrize(
    "words",
    [
        ("signal", "EURUSD", "--timeframe", "1h"),
        ("daily",),
        ("train",),
        ("backtest",),
        ("report",),
        ("demo",),
        ("models", "list"),
        ("journal", "list"),
        ("explain", "sig-1"),
        ("data", "resample", "EURUSD", "--from", "1h", "--to", "1d"),
    ],
    ids=" ".join,
)
def test_nothing_goes_on_as_if_it_were_new(
    words: tuple[str, ...], loss: Loss, own: Path, assay: Run
) -> None:
    loss(own)
    before, files = kept(own), sorted(own.glob("assay.db*"))

    assert "is lost" in document(assay(own, *words, "--json"), OURS)["error"]
    assert kept(own) == before
    assert sorted(own.glob("assay.db*")) == files


def test_no_bars_are_stored_beside_a_lost_database(
    loss: Loss, own: Path, tmp_path: Path, assay: Run
) -> None:
    loss(own)
    path = text_file(tmp_path, csv_of(make_bars(300)))
    about = ("--symbol", "GBPUSD", "--timeframe", "1h", "--stamp", "close")

    said = assay(own, "data", "import", str(path), *about)

    assert "is lost" in one_sentence(said, OURS)
    assert "GBPUSD" not in assay(own, "data", "list").out


def test_what_is_stored_can_still_be_looked_at(loss: Loss, own: Path, assay: Run) -> None:
    loss(own)

    assert assay(own, "data", "show", "EURUSD", "--timeframe", "1h", "--json").code == 0
    assert len(assay(own, "data", "list", "--json").json) == 2


def test_an_emptied_file_alone_is_enough(own: Path, assay: Run) -> None:
    (own / "journal.head").unlink()
    emptied(own)

    sentence = one_sentence(assay(own, "daily"), OURS)

    assert "is empty (0 bytes), which Assay never leaves it" in sentence
    assert one_sentence(assay(own, "journal", "verify"), OURS) == sentence


def test_a_log_without_its_file_is_enough_and_is_kept(own: Path, assay: Run) -> None:
    (own / "journal.head").unlink()
    gone(own)
    (own / "assay.db-wal").write_bytes(b"the last entries")

    sentence = one_sentence(assay(own, "daily"), OURS)
    adopted = assay(own, "journal", "adopt", "--reason", "no copy", "--yes")

    assert "assay.db-wal is there" in sentence
    assert adopted.code == 0
    assert (own / "assay.db-wal.1.lost").read_bytes() == b"the last entries"


def test_a_damaged_head_without_a_database_is_told(own: Path, assay: Run) -> None:
    gone(own)
    (own / "journal.head").write_text("noise")

    assert "is damaged" in one_sentence(assay(own, "journal", "verify"), OURS)
    assert "is damaged" in one_sentence(assay(own, "daily"), OURS)


def test_bars_alone_are_a_beginning_not_a_loss(tmp_path: Path, assay: Run) -> None:
    desk = open_at(tmp_path)
    desk.bars.append(make_bars(300), source="test", known_at=desk.clock.now())

    assert assay(tmp_path, "doctor").code == 0
    assert assay(tmp_path, "journal", "verify").code == 0
    assert not (tmp_path / "assay.db").exists()


# Adopting


def test_adopting_needs_a_yes_and_says_what_it_costs(loss: Loss, own: Path, assay: Run) -> None:
    loss(own)
    before, files = kept(own), sorted(own.glob("assay.db*"))

    said = assay(own, "journal", "adopt", "--reason", "the disk failed")

    sentence = one_sentence(said, MISTAKE)
    assert "goes on with 0 entries and gives up 24 entries" in sentence
    assert "--yes" in sentence
    assert kept(own) == before
    assert sorted(own.glob("assay.db*")) == files


def test_after_adopting_work_goes_on_and_the_loss_stays_written(
    loss: Loss, own: Path, assay: Run
) -> None:
    mark = json.loads((own / "journal.head").read_text())["mark"]
    loss(own)

    done = assay(own, "journal", "adopt", "--reason", "the disk failed", "--yes", "--json").json
    entry = assay(own, "journal", "show", "1", "--json").json
    trained = assay(own, "train", "--json")
    issued = assay(own, "signal", "EURUSD", "--timeframe", "1h", "--json")

    assert (done["kept"], done["lost"], done["entry"]["no"]) == (0, 24, 1)
    assert entry["payload"] == {"reason": "the disk failed", "head": mark}
    assert trained.code == issued.code == 0
    assert assay(own, "journal", "verify", "--json").json == {
        "intact": True,
        "entries": 5,
        "problem": None,
        "notes": [],
    }


def test_an_older_copy_of_the_database_can_be_adopted(
    own: Path, tmp_path: Path, assay: Run
) -> None:
    shutil.copytree(own, tmp_path / "older")
    assert assay(own, "signal", "EURUSD", "--timeframe", "4h").code == 0
    shutil.copy(own / "journal.head", tmp_path / "older" / "journal.head")

    told = assay(tmp_path / "older", "journal", "adopt", "--reason", "the disk failed", "--yes")

    assert told.out.startswith("The journal goes on with 24 entries, 4 entries given up; entry 25")
    assert assay(tmp_path / "older", "signal", "EURUSD", "--timeframe", "4h").code == 0


def test_a_lost_head_can_be_adopted_though_nobody_knows_what_is_lost(own: Path, assay: Run) -> None:
    (own / "journal.head").unlink()

    done = assay(own, "journal", "adopt", "--reason", "head lost", "--yes", "--json").json

    assert (done["kept"], done["lost"]) == (24, None)
    assert assay(own, "journal", "verify").code == 0


def test_an_intact_journal_is_not_adopted(own: Path, assay: Run) -> None:
    said = assay(own, "journal", "adopt", "--reason", "why not", "--yes")

    assert "nothing to adopt" in one_sentence(said, MISTAKE)
    assert assay(own, "journal", "verify", "--json").json["entries"] == 24


def test_adopting_needs_a_reason(own: Path, assay: Run) -> None:
    gone(own)

    assert "--reason" in one_sentence(
        assay(own, "journal", "adopt", "--reason", " ", "--yes"), MISTAKE
    )
    assert not (own / "assay.db").exists()
