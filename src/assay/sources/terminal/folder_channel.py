"""A folder that Assay and the terminal share: a question in one file, its answer in another."""

import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from assay.core.errors import SettingsError, TransientError
from assay.sources.terminal.answers import Reader, SilentError
from assay.sources.terminal.frames import LATER, LONGEST_ANSWER, TITLE

FOLDER, QUESTION, ANSWER = "Assay", "question.txt", "answer.txt"
"""The only names that are ever written or read, below the terminal's common folder."""
PAUSE = 0.02
"""Seconds between looks at the folder."""
_asking = threading.Lock()


class FolderChannel:
    """The folder `Assay` in `common`, the folder Common/Files of the terminals.

    One question at a time: a second process that asks at the same time replaces the first one's
    question, which is then not answered.
    """

    def __init__(self, common: Path) -> None:
        if not common.is_dir():
            raise SettingsError(
                f"{TITLE} was to be reached through the folder {common}, and there is none; the "
                "terminal shows its own with File, Open Data Folder: it is Terminal/Common/Files"
            )
        self._folder = common / FOLDER

    def ask(self, line: bytes, read: Reader, timeout: float) -> Mapping[str, Any]:
        """See `Channel.ask`; a line that is damaged may still be on its way, and is waited for."""
        until = time.monotonic() + timeout
        damaged: TransientError | None = None
        with _asking:
            (self._folder / ANSWER).unlink(missing_ok=True)
            self._put(line)
            try:
                while time.monotonic() < until:
                    time.sleep(PAUSE)
                    answer = self._answer()
                    try:
                        found = read(answer) if answer else None
                    except TransientError as error:
                        damaged = error
                        continue
                    if found is not None:
                        (self._folder / ANSWER).unlink(missing_ok=True)
                        return found
                raise damaged or self._silent()
            finally:
                (self._folder / QUESTION).unlink(missing_ok=True)

    def _put(self, line: bytes) -> None:
        """Write the question at once: whoever sees the file sees all of it."""
        self._folder.mkdir(exist_ok=True)
        fresh = self._folder / f"{secrets.token_hex(8)}.new"
        with fresh.open("xb") as file:
            file.write(line)
        fresh.replace(self._folder / QUESTION)

    def _answer(self) -> bytes:
        """Return what is in the file of the answer; nothing where the terminal is writing it."""
        try:
            with (self._folder / ANSWER).open("rb") as file:
                found = file.read(LONGEST_ANSWER + 1)
        except OSError:
            return b""
        if len(found) > LONGEST_ANSWER:
            raise TransientError(
                f"{TITLE} answered with more than {LONGEST_ANSWER >> 20} MiB; try again", LATER
            )
        return found

    def _silent(self) -> SilentError:
        if (self._folder / QUESTION).exists():
            return SilentError(
                f"{TITLE} cannot be reached: nobody takes the questions in {self._folder}; is "
                "AssayBridge on a chart of a terminal that uses this folder?",
                LATER,
            )
        return SilentError(f"{TITLE} took a question and did not answer it in time", LATER)
