"""Whatever goes wrong, a person reads one sentence, and nothing is lost or half-written."""

import gzip
import json
import os
import random
import resource
import signal
import sqlite3
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from contextlib import closing
from pathlib import Path

import polars as pl
import pytest

from assay.core.values.bars import Bars
from tests.cli.conftest import Run, Said
from tests.factories import make_bars
from tests.workflows.workspace import open_at, trending_bars

MISTAKE, OURS, STOPPED = 2, 1, 130
SIGNAL = ("signal", "EURUSD", "--timeframe", "1h")
Maker = Callable[[Bars, Path], Path]
Damage = Callable[[Path], None]


def one_sentence(said: Said, code: int) -> str:
    """Return what was said after checking its form: one line, no traceback, the right exit."""
    lines = said.err.strip().splitlines()
    assert len(lines) == 1, said.err
    assert lines[0].startswith("assay: "), said.err
    assert "Traceback" not in said.out + said.err
    assert said.code == code, said.err
    sentence = lines[0].removeprefix("assay: ")
    assert 10 < len(sentence) < 700
    return sentence


def document(said: Said, code: int) -> Mapping[str, str]:
    """Return the JSON that goes with the sentence, and nothing else with it."""
    sentence = one_sentence(said, code)
    found: dict[str, str] = json.loads(said.out)
    assert set(found) == {"error", "kind"}
    assert found["error"] == sentence
    return found


def kept(home: Path) -> dict[str, bytes]:
    """Return the files that matter; locks and SQLite's own working files come and go."""
    files = (p for p in home.rglob("*") if p.is_file() and "lock" not in p.name)
    return {
        p.relative_to(home).as_posix(): p.read_bytes()
        for p in files
        if not p.name.startswith("assay.db")
    }


def leftovers(home: Path) -> list[str]:
    """Return what a write that was broken off might have left."""
    return [p.name for p in home.rglob("*") if ".writing" in p.name or p.name.endswith(".tmp")]


# Files


def csv_of(bars: Bars) -> list[str]:
    time_text = pl.col("time").dt.strftime("%Y-%m-%dT%H:%M:%SZ")
    return bars.frame.with_columns(time_text).write_csv().splitlines()


def text_file(folder: Path, lines: list[str], name: str = "f.csv") -> Path:
    path = folder / name
    path.write_text("\n".join(lines) + "\n")
    return path


def raw_file(folder: Path, content: bytes, name: str = "f.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def parquet_of(bars: Bars, folder: Path) -> bytes:
    bars.frame.write_parquet(folder / "whole")
    return (folder / "whole").read_bytes()


def priced(lines: list[str], text: str) -> list[str]:
    """Return the lines with another close in line 6."""
    cells = lines[5].split(",")
    cells[4] = text
    return [*lines[:5], ",".join(cells), *lines[6:]]


UNREADABLE: dict[str, Maker] = {
    "missing": lambda _, folder: folder / "nowhere.csv",
    "a folder": lambda _, folder: folder,
    "empty csv": lambda _, folder: raw_file(folder, b""),
    "empty parquet": lambda _, folder: raw_file(folder, b"", "f.parquet"),
    "empty gzip": lambda _, folder: raw_file(folder, b"", "f.csv.gz"),
    "header only": lambda bars, folder: text_file(folder, csv_of(bars)[:1]),
    "parquet without rows": lambda bars, folder: raw_file(
        folder, parquet_of(Bars(bars.instrument, bars.timeframe, bars.frame[:0]), folder), "f.pq"
    ),
    "a spreadsheet": lambda _, folder: raw_file(folder, b"PK\x03\x04" * 99, "f.xlsx"),
    "noise": lambda _, folder: raw_file(folder, bytes(range(256)) * 40),
    "noise called parquet": lambda _, folder: raw_file(folder, b"PAR1" + b"\0" * 99, "f.parquet"),
    "half a parquet": lambda bars, folder: raw_file(
        folder, parquet_of(bars, folder)[:-2000], "f.parquet"
    ),
    "half a gzip": lambda bars, folder: raw_file(
        folder, gzip.compress("\n".join(csv_of(bars)).encode())[:-200], "f.csv.gz"
    ),
    "other columns": lambda _, folder: text_file(folder, ["a,b", "1,2", "3,4"]),
    "no good row": lambda bars, folder: text_file(
        folder, [csv_of(bars)[0], *(f"2020-01-06T{h:02}:00:00Z,0,0,0,0,1" for h in range(9))]
    ),
}


def imported(assay: Run, home: Path, path: Path, *more: str) -> Said:
    about = ("--symbol", "EURUSD", "--timeframe", "1h", "--stamp", "close")
    return assay(home, "data", "import", str(path), *about, *more)


@pytest.mark.parametrize("name", list(UNREADABLE))
def test_a_file_that_cannot_be_read_is_named(name: str, tmp_path: Path, assay: Run) -> None:
    path = UNREADABLE[name](make_bars(300), tmp_path)
    home = tmp_path / "home"

    sentence = one_sentence(imported(assay, home, path), MISTAKE)
    found = document(imported(assay, home, path, "--json"), MISTAKE)

    assert str(path) in sentence
    assert found["kind"] in {"DataError", "NotFoundError"}
    assert not kept(home)
    assert json.loads(assay(home, "data", "list", "--json").out) == []


@pytest.mark.parametrize("text", ["NaN", "inf", "-inf", "1e400", "0", "-1.2", "", "abc"])
def test_a_price_that_is_none_is_left_out_and_said(text: str, tmp_path: Path, assay: Run) -> None:
    path = text_file(tmp_path, priced(csv_of(make_bars(300)), text))

    said = imported(assay, tmp_path / "home", path, "--json")

    assert said.code == 0
    assert (said.json["bars"], said.json["added"]) == (299, 299)
    notes = [note for note in said.json["notes"] if note["line"] == 6]
    assert len(notes) == 1
    assert "close" in notes[0]["sentence"]


def test_unsorted_and_repeated_rows_are_put_in_order_and_said(tmp_path: Path, assay: Run) -> None:
    head, *rows = csv_of(make_bars(300))
    path = text_file(tmp_path, [head, *rows[:10], *rows[20:30], *rows[10:20], *rows[30:], rows[7]])

    said = imported(assay, tmp_path / "home", path, "--json")

    assert said.json["added"] == 300
    told = " ".join(note["sentence"] for note in said.json["notes"])
    assert "order" in told
    shown = assay(
        tmp_path / "home", "data", "show", "EURUSD", "--timeframe", "1h", "--rows", "300", "--json"
    ).json
    times = [row["time"] for row in shown]
    assert times == sorted(set(times))
    assert len(times) == 300


# Names, numbers, words


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("signal", "NOPE", "--timeframe", "1h"), "'NOPE'"),
        (("signal", "EURUSD", "--timeframe", "7h"), "'7h'; there are 1m"),
        (("signal", "GBPUSD", "--timeframe", "1h"), "no bars of GBPUSD 1h"),
        (("signal", "EURUSD", "--timeframe", "1d"), "no bars of EURUSD 1d; stored are EURUSD 1h"),
        ((*SIGNAL, "--as-of", "yesterday"), "found 'yesterday'"),
        ((*SIGNAL, "--as-of", "0001-01-01"), "found '0001-01-01'"),
        ((*SIGNAL, "--as-of", "0001-01-01T00:00+09:00"), "--as-of"),
        ((*SIGNAL, "--as-of", "1990-01-01"), "no bars are stored up to 1990-01-01"),
        ((*SIGNAL, "--as-of", "2020-01-10"), "96 bars are stored"),
        (("explain", "sig-nope"), "'sig-nope'"),
        (("frobnicate",), "frobnicate"),
        (("signal", "EURUSD", "--nope"), "--nope"),
        (("signal", "EURUSD"), "--timeframe"),
        (("signal",), "symbol"),
        (("train", "NOPE"), "'NOPE'"),
        (("train", "GBPUSD"), "no bars of GBPUSD"),
        (("train", "--timeframe", "1m"), "at 1m; stored: EURUSD 1h"),
        (("backtest", "NOPE"), "'NOPE'"),
        (("backtest", "--timeframe", "5m"), "at 5m; stored"),
        (("backtest", "--folds", "0"), "--folds"),
        (("daily", "--timeframe", "1m"), "at 1m"),
        (("models", "show", "nope"), "'nope'"),
        (("features", "show", "nope"), "'nope'"),
        (("journal", "show", "9999"), "9999"),
        (("data", "show", "EURUSD", "--timeframe", "1h", "--rows", "x"), "--rows"),
        (("data", "check", "GBPUSD", "--timeframe", "1h"), "GBPUSD 1h"),
        (("data", "resample", "EURUSD", "--from", "1h", "--to", "30m"), "30m"),
        (("data", "import", "x", "--symbol", "AAPL", "--timeframe", "1h"), "--class equity"),
        (("demo", "--years", "1"), "--years"),
    ],
)
def test_a_name_or_number_that_cannot_be_is_said_back(
    workspace: Path, assay: Run, arguments: tuple[str, ...], said: str
) -> None:
    before = kept(workspace)

    assert said in one_sentence(assay(workspace, *arguments), MISTAKE)
    assert said in document(assay(workspace, *arguments, "--json"), MISTAKE)["error"]
    assert kept(workspace) == before


def test_too_little_history_to_train_says_how_much_it_takes(tmp_path: Path, assay: Run) -> None:
    desk = open_at(tmp_path)
    desk.bars.append(make_bars(400), source="test", known_at=desk.clock.now())

    sentence = document(assay(tmp_path, "train", "--json"), MISTAKE)["error"]

    assert "EURUSD 1h: 400 bars are stored" in sentence
    assert "import more history" in sentence


# A damaged workspace


def flip(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x20
    path.write_bytes(bytes(content))


def overwrite(name: str, content: bytes) -> Damage:
    def damage(home: Path) -> None:
        (home / name).write_bytes(content)

    return damage


def each(pattern: str, change: Callable[[Path], object]) -> Damage:
    def damage(home: Path) -> None:
        for path in home.glob(pattern):
            change(path)

    return damage


def half_a_database(home: Path) -> None:
    with closing(sqlite3.connect(home / "assay.db")) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    content = (home / "assay.db").read_bytes()
    (home / "assay.db").write_bytes(content[:8192] + random.Random(1).randbytes(len(content)))


def altered_entry(home: Path) -> None:
    with closing(sqlite3.connect(home / "assay.db")) as connection:
        connection.execute("UPDATE journal SET digest = replace(digest, 'a', 'b') WHERE no = 24")
        connection.commit()


NOISE = random.Random(7).randbytes(20_000)
DAMAGED: dict[str, tuple[Damage, tuple[str, ...], str]] = {
    "database of noise": (overwrite("assay.db", NOISE), SIGNAL, "assay.db"),
    "half a database": (half_a_database, SIGNAL, "assay.db"),
    "database, board": (overwrite("assay.db", NOISE), ("daily",), "assay.db"),
    "database, models": (overwrite("assay.db", NOISE), ("models", "list"), "assay.db"),
    "altered journal": (altered_entry, ("journal", "verify"), "Entry 24"),
    "altered journal, signal": (altered_entry, SIGNAL, "journal"),
    "head of noise": (overwrite("journal.head", NOISE[:99]), SIGNAL, "journal.head"),
    "head gone": (each("journal.head", Path.unlink), SIGNAL, "journal.head"),
    "head emptied": (overwrite("journal.head", b""), ("journal", "verify"), "journal.head"),
    "bars flipped": (each("bars/**/*.parquet", flip), SIGNAL, "import EURUSD again"),
    "bars gone": (each("bars/**/*.parquet", Path.unlink), SIGNAL, "import EURUSD again"),
    "manifest": (each("bars/**/*.json", lambda p: p.write_bytes(b"{")), SIGNAL, "manifest.json"),
    "fusion of noise": (
        each("models/fusion/*", lambda p: p.write_bytes(NOISE)),
        SIGNAL,
        "run assay train",
    ),
    "fusion of no JSON": (
        each("models/fusion/*", lambda p: p.write_bytes(b"{")),
        SIGNAL,
        "run assay train",
    ),
    "fusion gone": (each("models/fusion/*", Path.unlink), SIGNAL, "run assay train"),
}


@pytest.mark.parametrize("name", list(DAMAGED))
def test_what_is_damaged_is_named_and_left_as_it_is(name: str, own: Path, assay: Run) -> None:
    damage, command, named = DAMAGED[name]
    damage(own)
    before = kept(own)

    found = document(assay(own, *command, "--json"), OURS) if command[0] != "journal" else None
    sentence = one_sentence(assay(own, *command), OURS)

    assert named in sentence
    assert found is None or named in found["error"]
    assert kept(own) == before


def test_a_damaged_model_abstains_and_the_same_training_mends_it(own: Path, assay: Run) -> None:
    assert assay(own, "train", "--json").code == 0
    each("models/*/manifest.json", flip)(own)

    said = assay(own, *SIGNAL, "--json")
    again = assay(own, "train", "--json")
    mended = assay(own, *SIGNAL, "--json")

    assert said.code == again.code == mended.code == 0
    assert (said.json["decision"], said.json["evidence"]) == ("WAIT", "NONE")
    assert "quarantined" in said.json["reasons"]
    assert "quarantined" not in mended.json["reasons"]
    assert mended.json["evidence"] != "NONE"


# A real process


def process(*arguments: str, home: Path | None = None, **more: str) -> subprocess.Popen[str]:
    own = {name: text for name, text in os.environ.items() if not name.startswith("ASSAY_")}
    where = ("--home", str(home)) if home else ()
    return subprocess.Popen(
        [sys.executable, "-m", "assay", *where, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=own | {"COLUMNS": "300"} | more,
    )


def run_process(*arguments: str, home: Path | None = None, **more: str) -> Said:
    started = process(*arguments, home=home, **more)
    out, err = started.communicate(timeout=120)
    return Said(started.returncode, out, err)


@pytest.mark.parametrize(
    ("file", "named"),
    [
        ('seed = "many"', "'seed' cannot be 'many'"),
        ("nonsense = 3", "'nonsense'"),
        ("seed = = 3", "assay.toml cannot be read"),
        (b"\xff\xfe\x00", "assay.toml cannot be read"),
    ],
)
def test_a_bad_settings_file_is_named(tmp_path: Path, file: str | bytes, named: str) -> None:
    content = file if isinstance(file, bytes) else file.encode()
    (tmp_path / "assay.toml").write_bytes(content)

    assert named in document(run_process("data", "list", "--json", home=tmp_path), MISTAKE)["error"]


def test_a_folder_in_place_of_the_settings_is_no_settings(tmp_path: Path) -> None:
    (tmp_path / "assay.toml").mkdir()

    sentence = document(run_process("data", "list", "--json", home=tmp_path), MISTAKE)["error"]

    assert "assay.toml must be a file of settings, but it is a folder" in sentence


@pytest.mark.parametrize("target", ["assay.toml", "nowhere.toml"])
def test_settings_that_cannot_be_read_are_not_passed_over(tmp_path: Path, target: str) -> None:
    (tmp_path / "assay.toml").symlink_to(tmp_path / target)

    sentence = document(run_process("data", "list", "--json", home=tmp_path), MISTAKE)["error"]

    assert "assay.toml cannot be read" in sentence


@pytest.mark.parametrize(
    ("name", "value", "code", "named"),
    [
        ("ASSAY_SEED", "-1", MISTAKE, "'seed' cannot be '-1'"),
        ("ASSAY_JOBS", "0", MISTAKE, "'jobs'"),
        ("ASSAY_RISK_FRACTION", "0.5", MISTAKE, "'risk_fraction'"),
        ("ASSAY_DATABASE_URL", "mysql://me:secret@host/x", MISTAKE, "mysql"),
        ("ASSAY_DATABASE_URL", "postgresql+pg8000://me:secret@localhost:1/x", OURS, "PostgreSQL"),
    ],
)
def test_a_bad_variable_is_named_and_no_secret_is_told(
    tmp_path: Path, name: str, value: str, code: int, named: str
) -> None:
    said = run_process("journal", "list", home=tmp_path, **{name: value})

    sentence = one_sentence(said, code)
    assert named in sentence
    assert "secret" not in said.out + said.err


def test_an_empty_variable_is_as_if_it_were_not_there(tmp_path: Path) -> None:
    said = run_process("data", "list", "--json", ASSAY_HOME="", ASSAY_SEED="", HOME=str(tmp_path))

    assert (said.code, said.out.strip(), said.err) == (0, "[]", "")


@pytest.mark.parametrize("group", [(), ("data",)])
def test_without_a_command_the_help_is_shown(group: tuple[str, ...]) -> None:
    said = run_process(*group)

    assert said.code == MISTAKE
    assert said.err.startswith("Usage: assay")
    assert "import" in said.err or "backtest" in said.err


def limited(size: int, *arguments: str, home: Path) -> Said:
    """Run a command that can write no file beyond `size` bytes, as on a full disk."""
    done = subprocess.run(
        [sys.executable, "-m", "assay", "--home", str(home), *arguments],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (size, size)),
    )
    return Said(done.returncode, done.stdout, done.stderr)


def test_an_import_on_a_full_disk_stores_nothing_and_goes_on_later(
    tmp_path: Path, assay: Run
) -> None:
    bars, home = make_bars(3_000), tmp_path / "home"
    path = raw_file(tmp_path, parquet_of(bars, tmp_path), "f.parquet")
    about = ("--symbol", "EURUSD", "--timeframe", "1h", "--stamp", "close", "--json")

    found = document(limited(20_000, "data", "import", str(path), *about, home=home), OURS)

    assert "full" in found["error"]
    assert assay(home, "data", "list", "--json").json == []
    assert leftovers(home) == []
    assert imported(assay, home, path, "--json").json["added"] == 3_000


def test_a_signal_on_a_full_disk_breaks_no_journal_and_goes_on_later(own: Path, assay: Run) -> None:
    found = document(limited(40_000, *SIGNAL, "--json", home=own), OURS)

    assert "disk" in found["error"]
    assert assay(own, "journal", "verify", "--json").json["intact"]
    assert assay(own, *SIGNAL, "--json").code == 0
    assert assay(own, "journal", "verify", "--json").json["intact"]


def test_output_that_cannot_be_written_is_said(own: Path) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run(
            [sys.executable, "-m", "assay", "--home", str(own), "models", "list", "--json"],
            stdout=full,
            stderr=subprocess.PIPE,
            text=True,
            check=False,
            timeout=60,
        )

    assert "full" in one_sentence(Said(done.returncode, "", done.stderr), OURS)


def test_a_reader_that_goes_away_is_no_failure_to_shout_about(own: Path) -> None:
    started = process("data", "show", "EURUSD", "--timeframe", "1h", "--rows", "6000", home=own)
    assert started.stdout is not None
    assert started.stderr is not None
    started.stdout.readline()
    started.stdout.close()

    told = started.stderr.read()
    started.wait(60)

    assert "Traceback" not in told
    assert len(told.splitlines()) <= 1


@pytest.fixture
def untrained(tmp_path: Path) -> Path:
    home = tmp_path / "home"
    desk = open_at(home)
    for seed, symbol in enumerate(("EURUSD", "GBPUSD")):
        bars = trending_bars(4_000, seed)
        renamed = Bars(desk.instrument(symbol), bars.timeframe, bars.frame)
        desk.bars.append(renamed, source="test", known_at=desk.clock.now())
    return home


def test_stopped_by_a_person_training_goes_on_where_it_was(untrained: Path) -> None:
    home, models = untrained, 2
    started = process("train", home=home)
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline and started.poll() is None:
        made = list((home / "models").glob("*/manifest.json"))
        if len(made) >= models and (home / "assay.db").exists():
            break
        time.sleep(0.01)
    started.send_signal(signal.SIGINT)
    out, err = started.communicate(timeout=60)
    stopped = {p: p.read_bytes() for p in (home / "models").glob("*/*")}

    again = run_process("train", "--json", home=home)

    assert started.returncode == STOPPED, err
    assert out == ""
    assert "Traceback" not in err
    assert err.strip().splitlines()[-1].startswith("assay: Stopped")
    assert leftovers(home) == []
    assert again.code == 0, again.err
    done = json.loads(again.out)
    trained = sorted((row["member"], *row["symbols"]) for row in done["members"])
    alone = [(m, s) for m in ("momentum", "naive", "ridge") for s in ("EURUSD", "GBPUSD")]
    panels = [(m, "EURUSD", "GBPUSD") for m in ("cnn_lstm", "lightgbm", "patchtst")]
    assert trained == sorted([*panels, *alone])
    assert done["reused"] >= models - 1, "one may be written and not yet registered"
    assert all(path.read_bytes() == content for path, content in stopped.items())


@pytest.mark.slow
@pytest.mark.parametrize("seconds", [2, 4, 8])
def test_a_demo_stopped_with_its_helpers_ends_in_one_sentence(tmp_path: Path, seconds: int) -> None:
    started = subprocess.Popen(
        [sys.executable, "-m", "assay", "--home", str(tmp_path), "demo", "--years", "2", "--json"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    time.sleep(seconds)
    os.killpg(started.pid, signal.SIGINT)  # as a terminal does: to everyone
    out, err = started.communicate(timeout=120)

    assert one_sentence(Said(started.returncode, out, err), STOPPED).startswith("Stopped")
    assert leftovers(tmp_path) == []
