"""The expert is MQL5, which nothing here can compile: what can be read off its text is."""

import re
from importlib.resources import files
from pathlib import Path

import pytest

from assay.sources.terminal import answers, folder_channel, frames, socket_channel

SOURCE = files("assay.sources.terminal").joinpath("AssayBridge.mq5").read_text(encoding="utf-8")
CODE = re.sub(r"//.*", "", SOURCE)
BARE = re.sub(r'"(?:\\.|[^"\\])*"|' + r"'(?:\\.|[^'\\])+'", '""', CODE)
PAGE = Path(__file__).parents[3] / "docs" / "reference" / "metatrader-bridge.md"


def defined(name: str) -> str:
    found = re.search(rf"^#define {name}\s+(\S.*?)\s*$", SOURCE, re.MULTILINE)
    assert found is not None
    return found[1].strip('"').replace("\\\\", "\\")


@pytest.mark.parametrize(
    "word",
    ["Order", "Position", "Trade", "Deal", "#import", "#include", "WebRequest", "SendFTP",
     "SendMail", "SendNotification", "ChartApplyTemplate", "FolderDelete", "FileFind"],
)  # fmt: skip
def test_it_has_nothing_with_which_to_trade_or_to_reach_elsewhere(word: str) -> None:
    allowed = {"TimeTradeServer"}

    found = set(re.findall(rf"\w*{re.escape(word)}\w*", BARE))

    assert found <= allowed


def test_it_names_the_files_and_the_host_that_assay_does_and_no_other() -> None:
    folder = folder_channel.FOLDER

    assert defined("QUESTION") == f"{folder}\\{folder_channel.QUESTION}"
    assert defined("ANSWER") == f"{folder}\\{folder_channel.ANSWER}"
    assert defined("HOST") == socket_channel.LOOPBACK
    names = re.findall(r"\bFile(?:Load|Save|Move|Delete|IsExist)\((\w+)", CODE)
    assert set(names) <= {"QUESTION", "PART", "ANSWER"}
    assert names


def test_it_keeps_the_limits_and_the_version_of_assay() -> None:
    assert defined("MARK") == f"{frames.MARK} "
    assert int(defined("LONGEST_QUESTION")) == frames.LONGEST_QUESTION
    assert int(defined("MOST_BARS")) == answers.MOST_BARS


def test_it_knows_every_period_and_says_everything_that_assay_reads() -> None:
    assert set(re.findall(r'name=="(\w+)"', CODE)) == set(answers.PERIODS.values())
    said = set(re.findall(r'\\"(\w+)\\":', CODE))
    assert said == {"id", "error", "said", "bars", *answers.FLAGS, *answers.NUMBERS}


def test_its_brackets_close() -> None:
    assert BARE.isascii()
    for opening, closing in ("{}", "()", "[]"):
        assert BARE.count(opening) == BARE.count(closing)


def test_the_page_of_the_protocol_says_what_both_sides_do() -> None:
    page = PAGE.read_text(encoding="utf-8")

    codes = set(re.findall(r'Wrong\([^;]*?"([a-z_]+)"', CODE))
    for word in (*codes, *answers.FLAGS, *answers.NUMBERS, *answers.PERIODS.values(), frames.MARK):
        assert f"`{word}`" in page, word
    for number in (frames.LONGEST_QUESTION, answers.MOST_BARS):
        assert f"{number:,}" in page
