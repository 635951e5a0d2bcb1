"""The store against a dictionary, and against being killed."""

import signal
import subprocess
import sys
import tempfile
from datetime import datetime, timedelta
from pathlib import Path

import polars as pl
import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from assay.core.errors import DataError
from assay.store.bars import BarStore
from tests.store.small_bars import EURUSD, H4, KNOWN, START, at, bars_of, corrected, first, second

closes = st.dictionaries(st.integers(0, 120), st.sampled_from([1.0, 1.1, 1.2]), max_size=25)


class StoreAgainstDictionary(RuleBasedStateMachine):
    """`versions[k]` is the dictionary after write k, which became known at `moments[k]`."""

    def __init__(self) -> None:
        super().__init__()
        self.folder = tempfile.TemporaryDirectory()
        self.store = BarStore(Path(self.folder.name))
        self.versions: list[dict[datetime, float]] = [{}]
        self.moments = [KNOWN]

    def teardown(self) -> None:
        self.folder.cleanup()

    def wrote(self, new: dict[datetime, float], moment: datetime) -> None:
        self.versions.append(new)
        self.moments.append(moment)

    @rule(closes=closes)
    def append(self, closes: dict[int, float]) -> None:
        new = {at(slot): price for slot, price in closes.items()}
        now, moment = self.versions[-1], self.moments[-1] + timedelta(minutes=1)
        last = max(now, default=START - timedelta(days=1))
        fits = all(now.get(time) == price for time, price in new.items() if time <= last)
        if fits:
            added = self.store.append(bars_of(new), source="x", known_at=moment)
            assert added == len(new.keys() - now.keys())
            self.wrote({**now, **new}, moment)
        else:
            with pytest.raises(DataError):
                self.store.append(bars_of(new), source="x", known_at=moment)

    @rule(closes=closes)
    def correct(self, closes: dict[int, float]) -> None:
        now, moment = self.versions[-1], self.moments[-1] + timedelta(minutes=1)
        last = max(now, default=None)
        if last is None:
            return
        new = {at(slot): price for slot, price in closes.items() if at(slot) <= last}
        changed = self.store.correct(bars_of(new), reason="law", known_at=moment)
        assert changed == sum(now.get(time) != price for time, price in new.items())
        self.wrote({**now, **new}, moment)

    @rule(data=st.data(), rows=st.integers(0, 60))
    def read(self, data: st.DataObject, rows: int) -> None:
        if not self.versions[-1]:
            return
        which = data.draw(st.integers(0, len(self.versions) - 1))
        low, high = sorted((data.draw(st.integers(-2, 125)), data.draw(st.integers(-2, 125))))
        found = self.store.read(EURUSD, H4, at(low), at(high), self.moments[which])
        then = {t: p for t, p in self.versions[which].items() if at(low) <= t <= at(high)}
        assert found.frame.equals(bars_of(then).frame)
        tail = self.store.tail(EURUSD, H4, rows).frame
        assert tail.equals(bars_of(self.versions[-1]).frame.tail(rows))

    @invariant()
    def newest_is_the_dictionary(self) -> None:
        now = self.versions[-1]
        if now:
            assert self.store.read(EURUSD, H4).frame.equals(bars_of(now).frame)
            assert self.store.info("EURUSD", H4).rows == len(now)


TestStoreAgainstDictionary = StoreAgainstDictionary.TestCase
TestStoreAgainstDictionary.settings = settings(
    max_examples=25, stateful_step_count=12, deadline=None
)


def write(root: Path, action: str, moment: datetime) -> None:
    if action == "append":
        BarStore(root).append(second(), source="x", known_at=moment)
    else:
        BarStore(root).correct(corrected(), reason="x", known_at=moment)


def check_and_repeat(root: Path, action: str) -> bool:
    """Say whether the write was there; either way the store is whole and goes on."""
    frames = {
        "append": second().frame,
        "correct": pl.concat([corrected().frame, first().frame[50:]]),
    }
    store, after = BarStore(root), frames[action]
    found = store.read(EURUSD, H4).frame
    assert found.equals(first().frame) or found.equals(after)

    write(root, action, KNOWN + timedelta(days=3))

    assert store.read(EURUSD, H4).frame.equals(after)
    assert store.read(EURUSD, H4, known_at=KNOWN).frame.equals(first().frame)
    store.correct(bars_of({at(0): 1.7}), reason="x", known_at=KNOWN + timedelta(days=4))
    left = [p for p in root.rglob("*") if p.suffix in (".parquet", ".tmp")]
    assert len(left) == store.verify("EURUSD", H4)
    return found.equals(after)


class Watch:
    """An audit hook that interrupts at the n-th file operation under `root`; 0 is never."""

    def __init__(self) -> None:
        self.root, self.point, self.seen = "", 0, 0
        sys.addaudithook(self)

    def __call__(self, event: str, arguments: tuple[object, ...]) -> None:
        if not self.point or event not in ("open", "os.rename", "os.remove", "os.mkdir"):
            return
        if str(arguments[0]).startswith(self.root):
            self.seen += 1
            if self.seen == self.point:
                self.point = 0
                self.act()

    def act(self) -> None:
        raise KeyboardInterrupt


@pytest.fixture(scope="module")
def watch() -> Watch:
    return Watch()


@pytest.mark.parametrize("action", ["append", "correct"])
def test_an_interrupt_at_any_file_operation_is_all_or_nothing(
    tmp_path: Path, watch: Watch, action: str
) -> None:
    done: list[bool] = []
    for point in range(1, 60):
        root = tmp_path / str(point)
        BarStore(root).append(first(), source="x", known_at=KNOWN)
        watch.root, watch.point, watch.seen = str(root), point, 0
        try:
            write(root, action, KNOWN + timedelta(days=1))
        except KeyboardInterrupt:
            done.append(check_and_repeat(root, action))
        else:
            break
    watch.point = 0

    assert len(done) > 10
    assert done == sorted(done)  # nothing until the manifest is renamed, everything after
    assert not done[0]
    assert done[-1]


KILLED = """
import os, signal, sys
from datetime import timedelta
from pathlib import Path
from assay.store.bars import BarStore
from tests.store.small_bars import KNOWN, corrected, second

root, point, action = Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
seen, armed = 0, False

def watch(event, arguments):
    global seen
    if armed and event in ("open", "os.rename", "os.remove", "os.mkdir"):
        if str(arguments[0]).startswith(str(root)):
            seen += 1
            if seen == point:
                os.kill(os.getpid(), signal.SIGKILL)

sys.addaudithook(watch)
store, moment = BarStore(root), KNOWN + timedelta(days=1)
armed = True
if action == "append":
    store.append(second(), source="x", known_at=moment)
else:
    store.correct(corrected(), reason="x", known_at=moment)
"""


@pytest.mark.parametrize("action", ["append", "correct"])
def test_a_write_that_is_killed_is_all_or_nothing(tmp_path: Path, action: str) -> None:
    running = []
    for point in (4, 9, 13):
        root = tmp_path / str(point)
        BarStore(root).append(first(), source="x", known_at=KNOWN)
        command = [sys.executable, "-c", KILLED, str(root), str(point), action]
        running.append((root, subprocess.Popen(command)))

    for root, process in running:
        assert process.wait(timeout=60) == -signal.SIGKILL
        check_and_repeat(root, action)


FULL = """
import resource, sys
from datetime import UTC, datetime
from pathlib import Path
from assay.core.errors import StoreError
from assay.store.bars import BarStore
from tests.store.small_bars import second
store = BarStore(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[2]), int(sys.argv[2])))
try:
    store.append(second(), source="x", known_at=datetime(2026, 1, 2, tzinfo=UTC))
except StoreError as error:
    print(error)
"""


@pytest.mark.parametrize("limit", [10, 1500, 2500])
def test_a_full_disk_is_one_sentence_and_nothing_is_lost(tmp_path: Path, limit: int) -> None:
    store = BarStore(tmp_path)
    store.append(first(), source="x", known_at=KNOWN)
    before = sorted(p for p in tmp_path.rglob("*") if p.is_file())

    done = subprocess.run(
        [sys.executable, "-c", FULL, str(tmp_path), str(limit)],
        capture_output=True,
        text=True,
        check=False,
    )

    assert "because the disk is full; free some space and repeat" in done.stdout, done.stderr
    assert sorted(p for p in tmp_path.rglob("*") if p.is_file()) == before
    assert store.read(EURUSD, H4).frame.equals(first().frame)
    assert store.append(second(), source="x", known_at=KNOWN) == 50


def test_two_processes_that_append_at_once_lose_nothing(tmp_path: Path) -> None:
    code = (
        "import sys; from pathlib import Path\n"
        "from assay.store.bars import BarStore\n"
        "from tests.store.small_bars import KNOWN, at, bars_of\n"
        "store = BarStore(Path(sys.argv[1]))\n"
        "for n in range(1, 21):\n"
        "    store.append(bars_of({at(i): 1.0 + i / 10 for i in range(n)}),"
        " source='x', known_at=KNOWN)\n"
    )
    running = [
        subprocess.Popen([sys.executable, "-c", code, str(tmp_path)], stderr=subprocess.PIPE)
        for _ in range(2)
    ]

    errors = [process.communicate(timeout=60)[1] for process in running]

    assert errors == [b"", b""]
    expected = bars_of({at(i): 1.0 + i / 10 for i in range(20)})
    assert BarStore(tmp_path).read(EURUSD, H4).frame.equals(expected.frame)


def test_a_reader_beside_a_writer_sees_one_state(tmp_path: Path) -> None:
    store = BarStore(tmp_path)
    store.append(bars_of({at(0): 1.0}), source="x", known_at=KNOWN)
    code = (
        "import sys; from datetime import timedelta; from pathlib import Path\n"
        "from assay.store.bars import BarStore\n"
        "from tests.store.small_bars import KNOWN, at, bars_of\n"
        "store = BarStore(Path(sys.argv[1]))\n"
        "for n in range(2, 30):\n"
        "    store.append(bars_of({at(i): 1.0 for i in range(n)}), source='x', known_at=KNOWN)\n"
    )
    writer = subprocess.Popen([sys.executable, "-c", code, str(tmp_path)])
    heights, tails = [1], [1]
    while writer.poll() is None:
        heights.append(len(store.read(EURUSD, H4)))
        tails.append(len(store.tail(EURUSD, H4, 100)))

    assert writer.returncode == 0
    assert heights == sorted(heights)
    assert tails == sorted(tails)
    assert len(store.read(EURUSD, H4)) == 29
