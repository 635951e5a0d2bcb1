"""A sync of news that is killed at any moment loses no story, doubles none, and goes on."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import polars as pl

from assay.store.documents import DocumentStore
from assay.workflows.desk import FOREVER
from tests.doubles.alpaca_news import AlpacaNews
from tests.doubles.server import GOOD_KEY, GOOD_SECRET, Served

KILLS = 4
COMMAND = ("news", "sync", "alpaca", "--since", "2026-10-12")
SETTINGS = """
[feeds.AAPL]
sources = ["yahoo"]
kind = "equity"

[feeds.BTCUSDT]
sources = ["yahoo"]

[providers.alpaca]
address = "{}"
limits = []
"""


def started(home: Path) -> subprocess.Popen[bytes]:
    """Start the real command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-m", "assay", "--home", str(home), *COMMAND, "--json"],
        env={**os.environ, "ASSAY_ALPACA_KEY": GOOD_KEY, "ASSAY_ALPACA_SECRET": GOOD_SECRET},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def stored(home: Path) -> pl.DataFrame:
    return DocumentStore(home / "documents").told(FOREVER, simulated=False)


def finished(home: Path) -> pl.DataFrame:
    """Return what is stored after the command has run to its end."""
    process = started(home)
    _, said = process.communicate(timeout=120)
    assert process.returncode == 0, said.decode()
    return stored(home)


def test_killed_again_and_again_it_ends_with_what_one_run_stores(tmp_path: Path) -> None:
    chance = np.random.default_rng(7)
    double = AlpacaNews()
    double.most = 3
    double.always = lambda reply: replace(reply, stall=0.03)
    homes = tmp_path / "killed", tmp_path / "whole"
    with Served(double) as served:
        for home in homes:
            home.mkdir()
            (home / "assay.toml").write_text(SETTINGS.format(served.address))
        reached: list[int] = []
        for _ in range(KILLS):
            process = started(homes[0])
            asked = len(double.asked)
            while process.poll() is None and len(double.asked) == asked:
                time.sleep(0.01)
            time.sleep(float(chance.uniform(0.02, 0.5)))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            reached.append(stored(homes[0]).height)
        killed, whole = finished(homes[0]), finished(homes[1])

    assert reached == sorted(reached)
    assert reached[0] < whole.height
    columns = ["event_at", "seen_at", "source", "text", "instruments", "assumed", "origin"]
    assert killed.select(columns).sort(columns[:4]).equals(whole.select(columns).sort(columns[:4]))
