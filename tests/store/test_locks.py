"""One holder at a time, by either system's call."""

import errno
import os
import sys
import threading
from pathlib import Path
from types import ModuleType

import pytest

from assay.core.errors import StoreError
from assay.store.files import locked
from assay.store.locks import SYSTEM, Locker, PosixLocker, WindowsLocker, system_locker


class ByteLocks(ModuleType):
    """What `msvcrt.locking` promises: one byte, at the place the file stands, for one handle."""

    LK_NBLCK, LK_UNLCK = 2, 0

    def __init__(self) -> None:
        super().__init__("msvcrt")
        self.held: dict[tuple[int, int], int] = {}

    def locking(self, handle: int, mode: int, count: int) -> None:
        assert count == 1
        where = os.fstat(handle).st_ino, os.lseek(handle, 0, os.SEEK_CUR)
        if mode == self.LK_UNLCK:
            if self.held.get(where) != handle:
                raise OSError(errno.EACCES, "not the holder")
            del self.held[where]
        elif where in self.held:
            raise OSError(errno.EDEADLOCK, "held by another")
        else:
            self.held[where] = handle


@pytest.fixture(params=["this system", "Windows"])
def system(request: pytest.FixtureRequest) -> Locker:
    return SYSTEM if request.param == "this system" else WindowsLocker(ByteLocks())


def test_a_second_holder_waits_and_is_told_who_holds_it(system: Locker, tmp_path: Path) -> None:
    path = tmp_path / "x.lock"

    with (
        locked(path, system=system),
        pytest.raises(StoreError, match=f"number {os.getpid()}"),
        locked(path, 0.02, system=system),
    ):
        pytest.fail("both held it")

    with locked(path, 0.0, system=system):
        assert path.read_text() == str(os.getpid())


def test_a_holder_that_fails_lets_go(system: Locker, tmp_path: Path) -> None:
    path = tmp_path / "x.lock"
    with pytest.raises(ZeroDivisionError), locked(path, system=system):
        raise ZeroDivisionError

    with locked(path, 0.0, system=system):
        assert path.exists()


def test_threads_take_turns(system: Locker, tmp_path: Path) -> None:
    seen: list[int] = []

    def work(number: int) -> None:
        for _ in range(5):
            with locked(tmp_path / "x.lock", system=system):
                seen.extend([number, number])

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(seen) == 40
    assert seen[::2] == seen[1::2]


def test_windows_locks_a_byte_that_is_never_written(tmp_path: Path) -> None:
    msvcrt = ByteLocks()

    with locked(tmp_path / "x.lock", system=WindowsLocker(msvcrt)):
        places = [place for _, place in msvcrt.held]

    assert places == [WindowsLocker.FAR]
    assert msvcrt.held == {}
    assert (tmp_path / "x.lock").stat().st_size < 20


def test_each_system_has_its_own_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "msvcrt", ByteLocks())

    assert isinstance(system_locker("win32"), WindowsLocker)
    assert isinstance(system_locker("linux"), PosixLocker)
    assert isinstance(system_locker("darwin"), PosixLocker)
