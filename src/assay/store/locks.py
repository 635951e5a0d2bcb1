"""How the operating system lends a file to one holder at a time."""

import importlib
import sys
from typing import IO, Any, Protocol


class Locker(Protocol):
    """One system's way; it lets go by itself when the holder's process ends."""

    def take(self, file: IO[bytes]) -> bool:
        """Try to become the holder of `file`, at once; say whether it worked."""
        ...

    def release(self, file: IO[bytes]) -> None:
        """Let go of `file`, which this holder had taken."""
        ...


class PosixLocker:
    """Locks of whole files by `flock`, handed in as the module `fcntl`."""

    def __init__(self, fcntl: Any) -> None:  # noqa: ANN401 - a module of one system alone
        self._fcntl = fcntl

    def take(self, file: IO[bytes]) -> bool:
        """See `Locker.take`."""
        try:
            self._fcntl.flock(file, self._fcntl.LOCK_EX | self._fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def release(self, file: IO[bytes]) -> None:
        """See `Locker.release`."""
        self._fcntl.flock(file, self._fcntl.LOCK_UN)


class WindowsLocker:
    """Locks of one byte by `msvcrt.locking`, handed in as that module.

    Windows keeps others from reading what is locked, so the byte is one that is never written, far
    beyond the number of the holder that the file carries.
    """

    FAR = 2**30

    def __init__(self, msvcrt: Any) -> None:  # noqa: ANN401 - a module of one system alone
        self._msvcrt = msvcrt

    def take(self, file: IO[bytes]) -> bool:
        """See `Locker.take`."""
        file.seek(self.FAR)
        try:
            self._msvcrt.locking(file.fileno(), self._msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

    def release(self, file: IO[bytes]) -> None:
        """See `Locker.release`."""
        file.seek(self.FAR)
        self._msvcrt.locking(file.fileno(), self._msvcrt.LK_UNLCK, 1)


def system_locker(platform: str) -> Locker:
    """Return the way of the system called `platform`, as `sys.platform` names it."""
    if platform == "win32":
        return WindowsLocker(importlib.import_module("msvcrt"))
    return PosixLocker(importlib.import_module("fcntl"))


SYSTEM = system_locker(sys.platform)
