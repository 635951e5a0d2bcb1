"""A run whose process is killed goes on from its folds, and nobody else runs meanwhile."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from assay.core.errors import StoreError
from assay.store.runs import Runs
from assay.store.trials import Trials, TrialStatus
from assay.workflows.desk import Desk
from assay.workflows.experiments import built
from assay.workflows.experiments.running import KILLED, run_experiments, unfinished
from tests.workflows.experiments.test_running import ALL, FAMILY, found, plans, run
from tests.workflows.experiments.worlds import Counting, desk_with, pair
from tests.workflows.workspace import open_at

ROOT = Path(__file__).parents[3]
PROGRAM = """
import os, signal, sys
from pathlib import Path
sys.path.insert(0, sys.argv[1])
from assay.workflows.executors.contract import Executor, carry_out
from assay.workflows.experiments import built
from assay.workflows.experiments.running import run_experiments
from tests.workflows.experiments.test_running import plans
from tests.workflows.workspace import open_at

desk, folds = open_at(Path(sys.argv[2])), int(sys.argv[3])
desk.database_url = sys.argv[4] or None
built.code_digest = lambda: sys.argv[5]  # an editor may save a file while the tests run

class Dying(Executor):
    def _outcomes(self, works, stop):
        for number, work in enumerate(works):
            if number == folds:
                print("about to die", flush=True)
                sys.stdin.readline()
                os.kill(os.getpid(), signal.SIGKILL)
            yield carry_out(work.text(), self.packages)

list(run_experiments(desk, plans(), Dying()))
"""


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """Return what the two runs find when nobody disturbs them."""
    return found(run(desk_with(tmp_path_factory.mktemp("undisturbed"), pair()), plans()))


def started(desk: Desk, folds: int) -> subprocess.Popen[str]:
    """Return a process that has kept `folds` and waits for a line before it is killed."""
    url, code = desk.database_url or "", built.code_digest()
    arguments = [str(ROOT), str(desk.home), str(folds), url, code]
    process = subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    assert process.stdout
    assert process.stdout.readline() == "about to die\n", process.communicate()[1]
    return process


def test_killed_in_the_middle_it_ends_as_if_nobody_had_disturbed_it(
    tmp_path: Path, url: str, undisturbed: dict[str, Any]
) -> None:
    desk = desk_with(tmp_path / "home", pair(), url=url)
    process = started(desk, 5)

    with pytest.raises(StoreError, match="are being run by another process"):
        run(desk, plans())
    process.communicate("now\n", timeout=60)
    left = unfinished(desk)
    counted = Trials(desk.database).count_distinct(FAMILY)
    before = [row.trial.status for row in Runs(desk.database).list()]
    again = Counting()
    done = run(desk, left, again)

    assert process.returncode == -signal.SIGKILL
    finished = {"first", "second"} - {each.title for each in left}
    assert before.count(TrialStatus.RUNNING) == len(left) > 0
    assert len(again.done) == ALL - 5
    assert set(done) == set(undisturbed) - finished
    assert found(done) == {title: undisturbed[title] for title in done}
    killed = [row.trial for row in Runs(desk.database).list() if row.trial.reason == KILLED]
    assert [trial.status for trial in killed] == [TrialStatus.ABORTED] * len(left)
    assert unfinished(desk) == []
    assert counted == Trials(desk.database).count_distinct(FAMILY) == 2
    assert desk.database.check().problems == ()
    desk.close()


def test_the_same_file_run_again_after_a_kill_is_the_same_as_resuming(
    tmp_path: Path, undisturbed: dict[str, Any]
) -> None:
    desk = desk_with(tmp_path / "home", pair())
    started(desk, 7).communicate("now\n", timeout=60)
    later = open_at(desk.home)
    again = Counting()

    done = {each.run.planned.title: each for each in run_experiments(later, plans(), again)}

    assert len(again.done) == ALL - 7
    assert found(done) == undisturbed
    assert Trials(later.database).count_distinct(FAMILY) == 2
    running = [r for r in Runs(later.database).list() if r.trial.status is TrialStatus.RUNNING]
    assert running == []
