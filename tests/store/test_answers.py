from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from assay.core.errors import StoreError
from assay.sources.provider import Cache
from assay.store.answers import Answers

KEY = '{"function": "FX_DAILY", "from_symbol": "EUR"}'
BODY = b'{"Meta Data": {"6. Time Zone": "UTC"}}'


@pytest.fixture
def answers(tmp_path: Path) -> Answers:
    return Answers(tmp_path)


def contents(root: Path) -> list[Path]:
    return [path for path in (root / "contents").rglob("*") if path.is_file()]


def test_what_was_put_comes_back_byte_by_byte_for_everybody(
    answers: Answers, tmp_path: Path
) -> None:
    answers.put(KEY, BODY)

    other: Cache = Answers(tmp_path)

    assert other.get(KEY) == BODY


def test_what_was_never_put_is_not_there(answers: Answers) -> None:
    answers.put(KEY, BODY)

    assert answers.get(KEY + " ") is None
    assert answers.get("") is None


def test_a_later_answer_takes_the_place_of_an_earlier_one(answers: Answers) -> None:
    answers.put(KEY, BODY)
    answers.put(KEY, b"[]")

    assert answers.get(KEY) == b"[]"


def test_the_same_content_is_kept_once(answers: Answers, tmp_path: Path) -> None:
    for key in ("a", "b", "c"):
        answers.put(key, BODY)

    assert len(contents(tmp_path)) == 1
    assert [answers.get(key) for key in ("a", "b", "c")] == [BODY] * 3


@pytest.mark.parametrize("damage", [b"", b"x", b"\x78\x9c"], ids=["empty", "text", "cut"])
@pytest.mark.parametrize("folder", ["contents", "questions"])
def test_a_damaged_file_counts_as_never_kept(
    answers: Answers, tmp_path: Path, folder: str, damage: bytes
) -> None:
    answers.put(KEY, BODY)
    (file,) = (path for path in (tmp_path / folder).rglob("*") if path.is_file())

    file.write_bytes(damage)

    assert answers.get(KEY) is None
    answers.put(KEY, BODY)
    assert answers.get(KEY) == BODY


def test_another_content_under_the_right_name_is_not_believed(
    answers: Answers, tmp_path: Path
) -> None:
    answers.put(KEY, BODY)
    answers.put("other", b"other")
    one, other = contents(tmp_path)

    one.write_bytes(other.read_bytes())

    assert [answers.get(KEY), answers.get("other")].count(None) == 1


@pytest.mark.parametrize("said", ["[]", "1", '{"key": "x"}', '{"key": "x", "content": 5}'])
def test_a_question_file_of_another_shape_counts_as_never_kept(
    answers: Answers, tmp_path: Path, said: str
) -> None:
    answers.put("x", BODY)
    (file,) = (tmp_path / "questions").rglob("*.json")

    file.write_text(said)

    assert answers.get("x") is None


def test_a_disk_that_is_full_says_so_and_leaves_the_old_answer(
    answers: Answers, monkeypatch: pytest.MonkeyPatch
) -> None:
    answers.put(KEY, BODY)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr("assay.store.files.os.fsync", full)
        with pytest.raises(StoreError, match="disk is full"):
            answers.put(KEY, b"new")

    assert answers.get(KEY) == BODY


@given(key=st.text(), content=st.binary())
def test_any_key_and_any_content_come_back(
    tmp_path_factory: pytest.TempPathFactory, key: str, content: bytes
) -> None:
    answers = Answers(tmp_path_factory.mktemp("answers"))

    answers.put(key, content)

    assert answers.get(key) == content
