"""What every format promises, whoever wrote it."""

import pytest

from assay.sources.contract import Note
from assay.sources.formats.catalog import FORMATS
from assay.sources.formats.contract import Format
from assay.sources.layouts import layout_of
from tests.sources.format_samples import SAMPLES, Sample, table

PLAIN = "timestamp,open,high,low,close,volume\n2024-01-01 00:00:00+00:00,1,2,1,2,5\n"
BARE = "2024-01-01 00:00:00+00:00,1,2,1,2,5\n2024-01-01 01:00:00+00:00,1,2,1,2,5\n"
ids = pytest.mark.parametrize("sample", SAMPLES, ids=lambda s: f"{s.format}: {s.what}")


@pytest.fixture(params=FORMATS.names())
def name(request: pytest.FixtureRequest) -> str:
    found: str = request.param
    return found


@pytest.fixture
def kind(name: str) -> Format:
    return FORMATS.get(name)()


def own(name: str) -> list[Sample]:
    return [sample for sample in SAMPLES if sample.format == name]


def test_every_format_has_a_sample_and_every_sample_a_format(name: str) -> None:
    assert own(name), f"write a table of {name} as its provider does, in format_samples.py"
    assert {sample.format for sample in SAMPLES} <= set(FORMATS.names())


def test_a_format_knows_its_own_tables_and_calls_them_by_its_name(name: str, kind: Format) -> None:
    for sample in own(name):
        layout = kind.layout(sample.raw)
        assert layout is not None, sample.what
        assert layout.format == name
        assert layout.evidence
        assert not layout.evidence.endswith(".")


def test_of_two_that_know_a_table_the_one_with_the_lower_order_has_it(
    name: str, kind: Format
) -> None:
    for sample in SAMPLES:
        if sample.format == name or kind.layout(sample.raw) is None:
            continue
        winner = FORMATS.get(sample.format)
        assert winner.order < kind.order, f"{name} takes {sample.format}: {sample.what}"


@ids
def test_a_sample_is_found_among_all_formats(sample: Sample) -> None:
    assert layout_of(sample.raw, "here").format == sample.format


def test_plain_tables_belong_to_no_provider(kind: Format) -> None:
    assert kind.layout(table(PLAIN, "bars.csv")) is None
    assert kind.layout(table(BARE, "bars.csv", named=False)) is None


def test_looking_changes_nothing_and_gives_the_same_again(name: str, kind: Format) -> None:
    for sample in own(name):
        before = sample.raw.frame.clone()

        first, again = kind.layout(sample.raw), kind.layout(sample.raw)

        assert first == again
        assert sample.raw.frame.equals(before)


def test_roles_are_columns_of_the_table_each_used_once(name: str, kind: Format) -> None:
    for sample in own(name):
        layout = kind.layout(sample.raw)
        assert layout is not None
        used = [*layout.time, *layout.columns.values()]
        assert set(used) <= set(sample.raw.frame.columns)
        assert len(set(used)) == len(used)
        assert {"open", "high", "low", "close"} <= layout.columns.keys()
        assert layout.instruments is None or layout.instruments in sample.raw.frame.columns


def test_notes_are_sentences_with_a_code(name: str, kind: Format) -> None:
    for sample in own(name):
        layout = kind.layout(sample.raw)
        for note in layout.notes if layout is not None else ():
            assert isinstance(note, Note)
            assert note.code.replace("_", "").isalnum()
            assert not note.sentence.endswith(".")
            assert "\n" not in note.sentence
