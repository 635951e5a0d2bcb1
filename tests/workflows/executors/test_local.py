"""What the processes of one machine promise beyond the contract: ends, threads, memory."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from assay.core.errors import SettingsError
from assay.workflows.executors.contract import Work
from assay.workflows.executors.library.local import Local
from tests.workflows.executors import HERE, PACKAGES

PROC = Path("/proc")
needs_proc = pytest.mark.skipif(not (PROC / "self").exists(), reason="there is no /proc here")

INTERRUPTED = """
import sys
from pathlib import Path
from assay.workflows.executors.contract import Work
from assay.workflows.executors.library.local import Local

def main(folder):
    works = [Work("quick", "tests.workflows.executors:doubled", {"number": 4})]
    works += [
        Work(name, "tests.workflows.executors:began", {"folder": folder, "name": name, "seconds": 60})
        for name in ("one", "two", "three")
    ]
    try:
        for outcome in Local(jobs=2, packages=("assay", "tests")).run(works, stop=lambda: False):
            print(outcome.key, outcome.value, flush=True)
    except KeyboardInterrupt:
        left = [p for p in Path("/proc").glob("[0-9]*") if child_of_ours(p)]
        print("interrupted", len(left), flush=True)

def child_of_ours(process):
    import os
    try:
        after_name = (process / "stat").read_text().rpartition(")")[2].split()
    except OSError:
        return False
    tracker = b"resource_tracker" in (process / "cmdline").read_bytes()
    return int(after_name[1]) == os.getpid() and not tracker

if __name__ == "__main__":
    main(sys.argv[1])
"""  # noqa: E501 - a program in a string


def alive(process: int) -> bool:
    """Say whether a process runs; one that has ended and was not waited for does not."""
    try:
        return (PROC / str(process) / "stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_for(folder: Path, *names: str) -> list[int]:
    """Wait until pieces of `began` run; return their processes."""
    give_up = time.monotonic() + 60
    while time.monotonic() < give_up:
        found = [(folder / name).read_text() for name in names if (folder / name).exists()]
        if len(found) == len(names) and all(found):
            return [int(process) for process in found]
        time.sleep(0.02)
    raise AssertionError(f"{names} did not begin")


@pytest.fixture
def program(tmp_path: Path) -> subprocess.Popen[str]:
    """Return a program of its own process group with two pieces that run for a minute."""
    script = tmp_path / "program.py"
    script.write_text(INTERRUPTED)
    return subprocess.Popen(
        [sys.executable, str(script), str(tmp_path)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
        start_new_session=True,
    )


@needs_proc
def test_ctrl_c_in_a_terminal_ends_the_workers_in_silence_and_leaves_no_zombie(
    program: subprocess.Popen[str], tmp_path: Path
) -> None:
    workers = wait_for(tmp_path, "one", "two")
    began = time.monotonic()

    os.killpg(program.pid, signal.SIGINT)  # a terminal sends it to parent and workers alike
    said, errors = program.communicate(timeout=30)

    assert time.monotonic() - began < 5
    assert said.split("\n")[:2] == ["quick 8", "interrupted 0"]
    assert errors == ""
    assert not any(alive(process) for process in workers)


@needs_proc
def test_workers_end_when_their_parent_is_killed(
    program: subprocess.Popen[str], tmp_path: Path
) -> None:
    workers = wait_for(tmp_path, "one", "two")

    program.kill()
    program.communicate()

    give_up = time.monotonic() + 10
    while any(alive(process) for process in workers) and time.monotonic() < give_up:
        time.sleep(0.02)
    assert not any(alive(process) for process in workers)


@needs_proc
def test_a_worker_that_is_killed_from_outside_costs_one_attempt(tmp_path: Path) -> None:
    here = {"folder": str(tmp_path), "name": "hit", "seconds": 1}
    works = [Work("hit", f"{HERE}:began", here), Work("next", f"{HERE}:doubled", {"number": 1})]
    struck: list[int] = []

    def strike() -> bool:
        if not struck and (tmp_path / "hit").exists() and (tmp_path / "hit").read_text():
            struck.append(int((tmp_path / "hit").read_text()))
            os.kill(struck[0], signal.SIGKILL)
        return False

    outcomes = {o.key: o for o in Local(jobs=1, packages=PACKAGES).run(works, stop=strike)}

    assert struck
    assert (outcomes["hit"].value, outcomes["hit"].attempts) == ("hit", 2)
    assert (outcomes["next"].value, outcomes["next"].attempts) == (2, 1)


@needs_proc
def test_closing_the_iterator_ends_the_workers(tmp_path: Path) -> None:
    works = [
        Work("quick", f"{HERE}:doubled", {"number": 1}),
        Work("long", f"{HERE}:began", {"folder": str(tmp_path), "name": "long", "seconds": 60}),
    ]
    outcomes = Local(jobs=2, packages=PACKAGES).run(works, stop=lambda: False)

    first = next(outcomes)
    (worker,) = wait_for(tmp_path, "long")
    outcomes.close()  # type: ignore[attr-defined]  # a generator

    assert first.key == "quick"
    assert not alive(worker)


def test_the_sentence_names_the_signal_and_how_often() -> None:
    works = [
        Work("memory", f"{HERE}:killed"),
        Work("fault", f"{HERE}:killed", {"number": int(signal.SIGSEGV)}),
    ]

    outcomes = Local(jobs=2, packages=PACKAGES, retries=1).run(works, stop=lambda: False)
    said = {outcome.key: outcome.failure for outcome in outcomes}

    memory, fault = said["memory"], said["fault"]
    assert memory is not None
    assert fault is not None
    assert memory.sentence == "the worker was killed by signal 9 (out of memory?) 2 times"
    assert fault.sentence == "the worker was killed by signal 11 (Segmentation fault) 2 times"


def test_workers_are_reused_and_have_one_thread_however_few_they_are() -> None:
    works = [Work(str(number), f"{HERE}:process") for number in range(6)]

    again = list(Local(jobs=1, packages=PACKAGES).run(works, stop=lambda: False))

    assert again[0].value["polars"] == 1
    assert again[0].value["environment"]["OMP_NUM_THREADS"] == "1"
    assert len({outcome.value["pid"] for outcome in again}) == 1
    assert again[0].value["pid"] != os.getpid()
    assert "POLARS_MAX_THREADS" not in os.environ


@needs_proc
def test_the_peak_of_memory_is_that_of_the_piece() -> None:
    works = [
        Work("big", f"{HERE}:filled", {"megabytes": 400}),
        Work("small", f"{HERE}:filled", {"megabytes": 1}),
    ]

    peaks = {
        outcome.key: outcome.peak_mb
        for outcome in Local(jobs=1, packages=PACKAGES).run(works, stop=lambda: False)
    }

    assert 400 < peaks["big"] < 700
    assert peaks["small"] < peaks["big"] - 300


def test_no_job_is_refused() -> None:
    with pytest.raises(SettingsError, match="at least 1 job"):
        Local(jobs=0)
