"""A key pressed in a real shell: what is stored is offered, quickly, and nothing is ever said."""

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from assay.store import glance
from assay.workflows.catalogue import models
from tests.workflows.workspace import open_at

ASSAY = Path(sys.executable).with_name("assay")
QUICK_SECONDS = 0.15
Offered = Callable[..., list[str]]


def press(line: str, place: int, home: Path) -> subprocess.CompletedProcess[str]:
    """Return what completion answers to `line` with the cursor in its word number `place`."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith("ASSAY_")} | {
        "_ASSAY_COMPLETE": "complete_bash",
        "COMP_WORDS": line,
        "COMP_CWORD": str(place),
        "ASSAY_HOME": str(home),
    }
    return subprocess.run(
        [ASSAY], env=environment, capture_output=True, text=True, check=False, timeout=30
    )


@pytest.fixture
def offered(workspace: Path) -> Offered:
    def ask(line: str, home: Path = workspace) -> list[str]:
        words = line.split(" ")
        said = press(line, len(words) - 1, home)
        assert (said.returncode, said.stderr) == (0, "")
        return said.stdout.split()

    return ask


@pytest.mark.parametrize(
    ("line", "wanted"),
    [
        ("assay signal ", ["EURUSD"]),
        ("assay signal EURUSD --timeframe ", ["1h", "4h"]),
        ("assay train EURUSD --timeframe 4", ["4h"]),
        ("assay data resample EURUSD --from ", ["1h", "4h"]),
        ("assay backtest E", ["EURUSD"]),
        ("assay features show real", ["realised_kurtosis", "realised_skew", "realised_vol"]),
        ("assay features plot EURUSD rs", ["rsi"]),
        ("assay da", ["daily", "data"]),
    ],
)
def test_stored_names_are_offered(offered: Offered, line: str, wanted: list[str]) -> None:
    assert offered(line) == wanted


def test_ids_of_signals_and_models_are_offered_the_newest_first(
    offered: Offered, workspace: Path
) -> None:
    signals = offered("assay explain sig-")
    newest = [one["artefact"][:12] for one in models(open_at(workspace))]

    assert signals == glance.signals(workspace)
    assert len(signals) == 6
    assert set(offered("assay models show ")) == set(newest)
    bare = signals[0].removeprefix("sig-")
    assert bare in offered(f"assay explain {bare[:4]}")


def test_the_flag_beats_the_environment(workspace: Path, tmp_path: Path) -> None:
    said = press(f"assay --home {workspace} signal ", 4, tmp_path / "nowhere")

    assert said.stdout.split() == ["EURUSD"]


@pytest.mark.parametrize("damage", ["nothing", "file", "database"])
def test_it_never_fails_loudly(offered: Offered, tmp_path: Path, damage: str) -> None:
    home = tmp_path / "home"
    if damage == "file":
        home.write_text("not a folder")
    if damage == "database":
        home.mkdir()
        (home / "assay.db").write_bytes(b"not a database" * 100)
        (home / "assay.toml").write_text("seed = = 3")

    for line in ("assay signal ", "assay explain ", "assay models show "):
        assert offered(line, home) == []
    assert not (home / "assay.db-wal").exists()


def test_reading_what_to_offer_takes_no_time(workspace: Path) -> None:
    begun = time.perf_counter()
    for ask in (glance.symbols, glance.timeframes, glance.signals, glance.artefacts):
        assert ask(workspace)

    assert time.perf_counter() - begun < QUICK_SECONDS


def test_no_store_and_no_library_is_opened_to_offer_names(workspace: Path) -> None:
    program = (
        "import sys; from assay.cli import offers; from pathlib import Path; "
        f"home = Path({str(workspace)!r}); "
        "offers.glance.signals(home); offers.glance.symbols(home); "
        "print(sorted({'polars', 'numpy', 'sqlalchemy', 'pydantic'} & set(sys.modules)))"
    )

    said = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True
    )

    assert said.stdout.strip() == "[]"


@pytest.mark.skipif(shutil.which("bash") is None, reason="there is no bash here")
def test_the_script_works_in_a_real_bash(workspace: Path, tmp_path: Path) -> None:
    script = subprocess.run(
        [ASSAY],
        env=os.environ | {"_ASSAY_COMPLETE": "source_bash"},
        capture_output=True,
        text=True,
        check=True,
    ).stdout
    (tmp_path / "assay.sh").write_text(script)
    typed = (
        f"source {tmp_path / 'assay.sh'}; COMP_WORDS=(assay signal EURUSD --timeframe ''); "
        f"COMP_CWORD=4; _assay_completion {ASSAY}; printf '%s\\n' \"${{COMPREPLY[@]}}\""
    )

    said = subprocess.run(
        ["bash", "--norc", "-c", typed],
        env=os.environ | {"ASSAY_HOME": str(workspace)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert said.stdout.split() == ["1h", "4h"]
    assert said.stderr == ""
