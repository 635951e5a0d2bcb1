"""The two ways to a terminal: a port that it dials, a folder that both look into."""

import contextlib
import gc
import socket
import sys
import threading
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
import stamina
from polars.testing import assert_frame_equal

from assay.core.errors import SettingsError, TransientError
from assay.core.values.timeframe import Timeframe
from assay.sources.terminal.folder_channel import FolderChannel
from assay.sources.terminal.frames import LONGEST_ANSWER
from assay.sources.terminal.socket_channel import SocketChannel
from assay.sources.wire.http import ATTEMPTS
from tests.doubles.market import BEGAN, NOW, known, truth
from tests.doubles.metatrader5 import MetaTrader5
from tests.doubles.reach import Reached, reached
from tests.doubles.server import free_port
from tests.doubles.terminals import Dialling, Foldered

EURUSD, M30 = known("EURUSD"), Timeframe.M30


@pytest.fixture(autouse=True)
def no_backoff() -> Iterator[None]:
    stamina.set_testing(True, attempts=ATTEMPTS)
    yield
    stamina.set_testing(False)


class InFolder(MetaTrader5):
    """A terminal that is reached through a folder."""

    common: ClassVar[Path]

    @contextmanager
    def served(self) -> Iterator[str]:
        with Foldered(self, self.common) as found:
            yield found.address


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    InFolder.common = tmp_path
    return tmp_path / "Assay"


@pytest.fixture
def here(folder: Path) -> Iterator[Reached]:
    with reached(InFolder, timeout=3.0) as found:
        yield found


def terminal(here: Reached) -> MetaTrader5:
    assert isinstance(here.double, MetaTrader5)
    return here.double


def check_all(here: Reached) -> None:
    found = here.provider.bars(EURUSD, M30, BEGAN, NOW)

    assert_frame_equal(found.bars.frame, truth("EURUSD", M30, BEGAN, NOW), check_exact=True)


def test_through_a_folder_the_whole_history_comes(here: Reached, folder: Path) -> None:
    here.double.most = 400

    check_all(here)

    assert len(here.double.asked) > 3
    assert list(folder.iterdir()) == []


def test_a_half_written_answer_is_waited_for(here: Reached) -> None:
    here.double.faults.append(lambda reply: replace(reply, cut=200))

    check_all(here)

    assert len(here.double.asked) == 1


def test_an_answer_in_a_folder_that_stays_damaged_is_asked_again(folder: Path) -> None:
    with reached(InFolder, timeout=0.4) as here:
        wrong = iter([True])
        terminal(here).tamper = lambda line: line[:-9] + b"\n" if next(wrong, False) else line

        check_all(here)

        assert len(here.double.asked) == 2


def test_an_answer_to_an_earlier_question_is_passed_over(here: Reached) -> None:
    check_all(here)
    asked = here.double.asked[-1]
    old = terminal(here).reply(replace(asked, query={**asked.query, "id": "earlier"}))
    terminal(here).before = [terminal(here).line(old.body)]

    check_all(here)

    assert len(here.double.asked) == 2


def test_an_answer_left_under_another_token_is_no_wrong_token(here: Reached, folder: Path) -> None:
    folder.mkdir()
    terminal(here).token = "older"
    (folder / "answer.txt").write_bytes(terminal(here).line(b'{"id": "earlier"}'))
    terminal(here).token = ""

    check_all(here)


def test_a_folder_that_nobody_looks_into_is_named_and_left_clean(folder: Path) -> None:
    channel = FolderChannel(folder.parent)

    with pytest.raises(TransientError, match="cannot be reached") as caught:
        channel.ask(b"question\n", lambda _: {}, 0.1)

    assert str(folder) in str(caught.value)
    assert list(folder.iterdir()) == []


def test_a_silent_terminal_in_a_folder_is_given_up(folder: Path) -> None:
    with reached(InFolder, timeout=0.3) as here:
        terminal(here).silent = True

        with pytest.raises(TransientError, match="in time"):
            here.provider.page(EURUSD, M30, BEGAN, NOW)

        assert len(here.double.asked) == 1


def test_a_folder_that_is_not_there_is_said_with_where_it_is(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"Terminal/Common/Files"):
        FolderChannel(tmp_path / "none")


def test_an_answer_without_end_is_not_read(folder: Path) -> None:
    folder.mkdir()
    channel = FolderChannel(folder.parent)

    def drop() -> None:
        while not (folder / "question.txt").exists():
            pass
        with (folder / "answer.txt").open("wb") as file:
            file.truncate(LONGEST_ANSWER + 2)

    writer = threading.Thread(target=drop)
    writer.start()
    with pytest.raises(TransientError, match="more than 4 MiB"):
        channel.ask(b"question\n", lambda _: pytest.fail("it was read"), 0.5)
    writer.join()


def read_all(line: bytes) -> Mapping[str, Any]:
    return {"line": line}


class Stranger:
    """A caller that dials `port` before the terminal does, and sends what no terminal sends."""

    def __init__(self, port: int, sent: bytes) -> None:
        self._port, self._sent = port, sent
        self.there, self._over = threading.Event(), threading.Event()
        self._thread = threading.Thread(target=self._dial, daemon=True)

    def _dial(self) -> None:
        while not self._over.wait(0.01):
            try:
                line = socket.create_connection(("127.0.0.1", self._port), timeout=5)
            except OSError:
                continue
            self.there.set()
            with line, contextlib.suppress(OSError):
                line.sendall(self._sent)
                self._over.wait(5)
            return

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()


class SecondCaller(MetaTrader5):
    """A terminal whose port a stranger dials first."""

    @contextmanager
    def served(self) -> Iterator[str]:
        port = free_port()
        stranger = Stranger(port, b"GET / HTTP/1.1\r\n\r\n")
        with stranger, Waiting(self, port, stranger.there) as found:
            yield found.address


class Waiting(Dialling):
    def __init__(self, double: MetaTrader5, port: int, first: threading.Event) -> None:
        super().__init__(double, port)
        self._first = first

    def work(self) -> None:
        self._first.wait(5)
        super().work()


def test_a_stranger_at_the_port_is_hung_up_on_and_the_terminal_answers() -> None:
    with reached(SecondCaller) as here:
        check_all(here)


def test_a_caller_that_sends_without_end_is_hung_up_on() -> None:
    port = free_port()
    channel = SocketChannel.at(port)

    with (
        Stranger(port, b"x" * (LONGEST_ANSWER + 2)),
        pytest.raises(TransientError, match="more than 4 MiB"),
    ):
        channel.ask(b"question\n", read_all, 5.0)


def test_threads_that_ask_at_once_each_have_their_own_answer() -> None:
    asked = [(known(name), M30) for name in ("EURUSD", "USDJPY", "XAUUSD", "SPX")] * 3
    with reached(MetaTrader5) as here, ThreadPoolExecutor(4) as pool:
        pages = list(pool.map(lambda one: here.provider.page(one[0], one[1], BEGAN, NOW), asked))

    for page, (instrument, _) in zip(pages, asked, strict=True):
        want = truth(instrument.symbol, M30, BEGAN, NOW)
        assert_frame_equal(page.bars.frame, want, check_exact=True)


def test_a_terminal_that_was_started_again_is_taken_up() -> None:
    class Fickle(MetaTrader5):
        @contextmanager
        def served(self) -> Iterator[str]:
            with Dialling(self, free_port()) as found:
                self.line_out = found
                yield found.address

    with reached(Fickle) as here:
        check_all(here)
        here.double.faults.append(lambda reply: replace(reply, cut=0))

        check_all(here)

        assert isinstance(here.double, Fickle)
        assert here.double.line_out.calls == 2


def test_a_port_is_given_back_when_nobody_needs_it() -> None:
    port = free_port()
    channel = SocketChannel.at(port)
    with pytest.raises(TransientError, match="no terminal connects"):
        channel.ask(b"question\n", read_all, 0.05)
    assert SocketChannel.at(port) is channel

    del channel
    gc.collect()

    with socket.create_server(("127.0.0.1", port)):
        pass


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has all of 127.0.0.0/8")
def test_only_the_loopback_address_is_opened() -> None:
    port = free_port()
    channel = SocketChannel.at(port)
    with pytest.raises(TransientError):
        channel.ask(b"question\n", read_all, 0.05)

    with socket.create_server(("127.0.0.2", port)):
        assert SocketChannel.at(port) is channel
