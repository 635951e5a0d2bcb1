"""A journal whose writer is killed, or has no room left."""

import random
import signal
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

import pytest

from assay.core.clock import FixedClock
from assay.store.database import open_database, sqlite_url
from assay.store.journal import Journal

CLOCK = FixedClock(datetime(2026, 3, 2, 12, tzinfo=UTC))
PROGRAM = """
import os, signal, sys
from datetime import UTC, datetime
from pathlib import Path
from assay.core.clock import FixedClock
from assay.store.database import open_database
from assay.store.journal import Journal

url, head, writes = sys.argv[1], Path(sys.argv[2]), int(sys.argv[3])
seen = 0

def watch(event, arguments):
    global seen
    announces = event == "os.rename" and str(arguments[1]) == str(head)
    settles = event == "os.truncate" and str(arguments[0]) == str(head)
    if announces or settles:
        seen += 1
        if seen == writes:
            os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
journal = Journal(open_database(url), head, FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
while True:
    print(journal.append("forecast", {"text": "x" * 300}).no, flush=True)
"""


@pytest.mark.parametrize("writes", [1, 2, 3, 4])
def test_killed_before_or_after_the_commit_the_journal_goes_on(
    url: str, tmp_path: Path, writes: int
) -> None:
    head = tmp_path / "journal.head"
    command = [sys.executable, "-c", PROGRAM, url, str(head), str(writes)]

    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)

    assert done.returncode == -signal.SIGKILL, done.stderr
    database = open_database(url)
    journal = Journal(database, head, CLOCK)
    check = journal.verify()
    committed = writes // 2  # the first write of the head announces entry 1, the second names it
    assert (check.intact, check.entries) == (True, committed)
    assert bool(check.notes) == (writes % 2 == 0)
    assert journal.append("forecast", {}).no == committed + 1
    assert journal.verify().notes == ()
    database.close()


def test_killed_at_random_nothing_acknowledged_is_lost(tmp_path: Path) -> None:
    head, url = tmp_path / "journal.head", sqlite_url(tmp_path / "assay.db")
    open_database(url).close()
    chance = random.Random(5)
    acknowledged = 0
    for _ in range(4):
        command = [sys.executable, "-c", PROGRAM, url, str(head), "0"]
        process = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
        assert process.stdout
        for _ in range(chance.randrange(1, 25)):
            acknowledged = int(process.stdout.readline())
        process.kill()
        rest, _ = process.communicate()
        whole = rest[: rest.rfind("\n") + 1].split()  # a line cut short acknowledges nothing
        acknowledged = int(whole[-1]) if whole else acknowledged

        database = open_database(url)
        check = Journal(database, head, CLOCK).verify()
        database.close()

        assert check.intact, check.problem
        assert acknowledged <= check.entries <= acknowledged + 1
        acknowledged = check.entries


FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from assay.core.clock import FixedClock
from assay.core.errors import StoreError
from assay.store.database import open_database
from assay.store.journal import Journal
journal = Journal(open_database(sys.argv[1]), Path(sys.argv[2]),
                  FixedClock(datetime(2026, 1, 1, tzinfo=UTC)))
limit = int(sys.argv[3])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    for i in range(1000):
        journal.append("forecast", {"text": "x" * 3000})
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [100, 200_000])
def test_a_full_disk_is_one_sentence_and_the_journal_stays_whole(
    tmp_path: Path, limit: int
) -> None:
    head, url = tmp_path / "journal.head", sqlite_url(tmp_path / "assay.db")
    database = open_database(url)
    journal = Journal(database, head, CLOCK)
    journal.append("forecast", {})

    done = subprocess.run(
        [sys.executable, "-c", FULL, url, str(head), str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert len(done.stdout.splitlines()) == 1, done.stderr
    assert str(tmp_path) in done.stdout
    assert "space" in done.stdout
    assert journal.verify().intact
    journal.append("forecast", {})
    assert journal.verify().intact
    assert database.check().problems == ()
    database.close()
