"""A backfill that is killed at any moment loses nothing, doubles nothing, and goes on."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
from polars.testing import assert_frame_equal

from assay.core.instruments import instrument
from assay.core.values.timeframe import Timeframe
from assay.store.bars import BarStore
from tests.doubles.market import BEGAN, NOW, truth
from tests.doubles.massive import Massive
from tests.doubles.server import GOOD_KEY, Served

KILLS = 5
START = (
    "import sys; from assay.workflows.syncing import keeping; keeping.BATCH = 4_000; "
    "from assay.app import main; main(sys.argv[1:])"
)
"""The real command; it stores sooner, so that there is more to be killed in."""
COMMAND = ("data", "backfill", "massive", "EURUSD", "--timeframe", "1m", "--since", "2026-10-12")


def started(home: Path) -> subprocess.Popen[bytes]:
    """Start the real command in a process of its own."""
    return subprocess.Popen(
        [sys.executable, "-c", START, "--home", str(home), *COMMAND, "--json"],
        env={**os.environ, "ASSAY_MASSIVE_KEY": GOOD_KEY},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )


def test_killed_again_and_again_it_ends_with_exactly_the_truth(tmp_path: Path) -> None:
    chance = np.random.default_rng(5)
    double = Massive()
    double.most = 1_000
    double.always = lambda reply: replace(reply, stall=0.02)
    with Served(double) as served:
        (tmp_path / "assay.toml").write_text(
            f'[providers.massive]\naddress = "{served.address}"\nlimits = []\n'
        )
        reached: list[int] = []
        for _ in range(KILLS):
            process = started(tmp_path)
            asked = len(double.asked)
            while process.poll() is None and len(double.asked) == asked:
                time.sleep(0.01)
            time.sleep(float(chance.uniform(0.05, 1.2)))
            process.send_signal(signal.SIGKILL)
            process.communicate()
            known = BarStore(tmp_path / "bars")
            reached.append(sum(info.rows for info in known.series()))
        process = started(tmp_path)
        _, said = process.communicate(timeout=120)

    assert process.returncode == 0, said.decode()
    assert reached == sorted(reached)
    assert reached[-1] > 0
    store = BarStore(tmp_path / "bars")
    found = store.read(instrument("EURUSD"), Timeframe.M1).frame
    assert_frame_equal(found, truth("EURUSD", Timeframe.M1, BEGAN, NOW), check_exact=True)
    assert store.verify("EURUSD", Timeframe.M1) >= 1
