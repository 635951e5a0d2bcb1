"""What is wrong in a file is said in sentences: where, what was found, what to write instead."""

import re
import time
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from enum import StrEnum
from typing import Annotated, Any, Literal, Self

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    model_validator,
)

from assay.core.errors import SettingsError
from assay.workflows.experiments.matrix import expand
from assay.workflows.experiments.plain_yaml import Document, read_yaml
from assay.workflows.experiments.told import MOST_SENTENCES, refuse, sentences


class Part(BaseModel):
    model_config = ConfigDict(extra="forbid")


class Frame(StrEnum):
    HOUR = "1h"
    DAY = "1d"


class Span(Part):
    start: date | None = Field(None, alias="from")
    end: date | None = Field(None, alias="to")
    frame: Frame = Frame.HOUR

    @model_validator(mode="after")
    def _in_order(self) -> Self:
        if self.start and self.end and self.end <= self.start:
            raise ValueError(f"ends on {self.end}, before it begins on {self.start}")
        return self


class Direction(Part):
    kind: Literal["direction"]
    horizon: int = Field(ge=1, le=100)


class Barrier(Part):
    kind: Literal["barrier"]
    stop: float = Field(2.0, gt=0)
    profit_target: float = 3.0


class Whole(Part):
    kind: Literal["whole"]
    ends: tuple[int, int]


class Choice(Part):
    kind: Literal["choice"]
    values: list[str]


def percent(written: object) -> object:
    return float(written.strip(" %")) / 100 if isinstance(written, str) else written


def bars(written: object) -> object:
    if not isinstance(written, str) or not written.endswith(" bars"):
        raise ValueError(f"has no unit ({written}): write it as in '4 bars'")
    return int(written.removesuffix(" bars"))


def small(text: str) -> str:
    if text != text.lower():
        raise ValueError("is not in small letters")
    return text


class Run(Part):
    """Every kind of thing that a file may get wrong; all of it may be left out but the label."""

    label: Annotated[Direction | Barrier, Field(discriminator="kind")]
    data: Span | None = None
    sides: Literal["both", "long", "short"] = "both"
    only: Literal["auto"] = "auto"
    folds: int = Field(4, ge=1, lt=50)
    even: int = Field(2, multiple_of=2)
    share: Annotated[float, Field(le=1), BeforeValidator(percent)] = 0.2
    hold: Annotated[int, BeforeValidator(bars)] = 4
    window: int | Literal["auto"] = "auto"
    seeds: Annotated[list[int], Field(min_length=1, max_length=3)] = [1]
    pairs: Annotated[tuple[int, ...], Field(min_length=1)] = (1,)
    name: str = Field("run", min_length=2, max_length=8, pattern="^[a-z]+$")
    costs: Mapping[str, float] = {}
    pruned: bool = False
    at: AwareDatetime | None = None
    when: datetime | None = None
    wait: timedelta = timedelta(0)
    space: dict[str, Whole | Choice] = {}
    groups: list[Annotated[str, AfterValidator(small)] | Frame] = []
    parts: list[Direction] = []
    nothing: None = None


LABEL = "label: {kind: direction, horizon: 4}\n"


def told_of(text: str, model: type[BaseModel] = Run) -> list[str]:
    document = read_yaml(text, "run.yaml")
    with pytest.raises(ValidationError) as error:
        model.model_validate(document.value)
    return sentences(error.value, model, document)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        # unknown keys
        ("foldz: 3", "foldz is no key that the file knows; write folds"),
        ("data: {form: 2024-01-01}", "data.form is no key that data knows; write from"),
        (
            "data: {begin: 2024-01-01}",
            "data.begin is no key that data knows; the keys of data are from, to and frame",
        ),
        (
            "parts: [{kind: direction, horizon: 1, xyz: 3}]",
            "parts[0].xyz is no key that parts[0] knows; the keys of parts[0] are kind and horizon",
        ),
        (
            "profit_target: 2",
            "profit_target is no key that the file knows; "
            "it belongs under label, as label.profit_target",
        ),
        (
            "data: {folds: 3}",
            "data.folds is no key that data knows; it belongs at the top of the file",
        ),
        # choices
        ("sides: shrt", "sides was 'shrt'; write short, or one of both, long"),
        ("sides: LONG", "sides was 'LONG'; write long, or one of both, short"),
        ("sides: 5", "sides was 5; write one of both, long, short"),
        ("only: x", "only was 'x'; write auto"),
        ("data: {frame: 1hh}", "data.frame was '1hh'; write 1h, or one of 1d"),
        # limits
        ("folds: 0", "folds was 0; write a value of 1 or more"),
        ("folds: 50", "folds was 50; write a value below 50"),
        ("even: 3", "even was 3; write a multiple of 2"),
        ("share: 150 %", "share was '150 %' (read as 1.5); write a value of 1 or less"),
        ("seeds: []", "seeds was an empty list; write 1 or more items"),
        ("seeds: [x]", "seeds[0] was 'x'; write a whole number"),
        ("pairs: [x]", "pairs[0] was 'x'; write a whole number"),
        ("pairs: []", "pairs was an empty list; write 1 or more items"),
        ("seeds: ''", "seeds was ''; write a list, as [first, second]"),
        ("seeds: [1, 2, 3, 4]", "seeds was a list of 4; write 3 or fewer items"),
        ("name: a", "name was 'a' (1 character); write a text of 2 or more characters"),
        ("name: A1", "name was 'A1'; write a text that fits the pattern ^[a-z]+$"),
        # kinds of value
        ("folds: many", "folds was 'many'; write a whole number"),
        ("folds: 2.5", "folds was 2.5; write a whole number"),
        ("folds: [1]", "folds was a list of 1; write a whole number"),
        ("folds:", "folds was empty; write a whole number"),
        ("costs: {fee: high}", "costs.fee was 'high'; write a number"),
        ("costs: 3", "costs was 3; write keys under it"),
        ("pruned: maybe", "pruned was 'maybe'; write true or false"),
        ("name: 12", 'name was 12; write text in quotes: "12"'),
        ("name: true", 'name was true; write text in quotes: "true"'),
        ("name: [a]", "name was a list of 1; write a text"),
        ("seeds: 5", "seeds was 5; write a list, as [5]"),
        ("seeds: {a: 1}", "seeds was a group of keys (a); write a list, as [first, second]"),
        ("seeds: [1, x]", "seeds[1] was 'x'; write a whole number"),
        ("data: [1]", "data was a list of 1; write the keys from, to or frame under it"),
        ("data: {from: soon}", "data.from was 'soon'; write a day as 2024-01-31"),
        ("when: soon", "when was 'soon'; write a time as 2024-01-31T14:00:00Z"),
        (
            "at: 2024-01-31T14:00:00",
            "at was '2024-01-31T14:00:00'; write a time with its zone, as 2024-01-31T14:00:00Z",
        ),
        ("wait: long", "wait was 'long'; write a length of time as 02:30:00"),
        ("nothing: 1", "nothing was 1; write nothing after the colon"),
        # a validator's own words
        ("hold: 4", "hold has no unit (4): write it as in '4 bars'"),
        (
            "data: {from: 2024-02-01, to: 2024-01-01}",
            "data ends on 2024-01-01, before it begins on 2024-02-01",
        ),
        # unions
        ("window: wide", "window was 'wide'; write a whole number, or auto"),
        ("groups: [Trend]", "groups[0] is not in small letters; or write one of 1h, 1d"),
        (
            "space: {lr: {kind: whole, ends: [1, x]}}",
            "space.lr.ends[1] was 'x'; write a whole number",
        ),
        ("space: {lr: {kind: whole}}", "space.lr has no ends; add `ends: ...` under space.lr"),
        (
            "space: {lr: {kind: whole, ends: [1]}}",
            "space.lr.ends has 1 of its items; write the others too",
        ),
    ],
)
def test_a_mistake_is_one_sentence_with_its_line(text: str, sentence: str) -> None:
    assert told_of(f"{LABEL}\n{text}") == [f"run.yaml:3: {sentence}"]


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("sides: both", "the file has no label; add `label: ...` at its top"),
        ("label: {kind: direction}", "label has no horizon; add `horizon: ...` under label"),
        (
            "label: {stop: 1}",
            "label has no kind; add `kind: ...` under label, one of direction, barrier",
        ),
        ("label: {kind: bariier}", "label.kind was 'bariier'; write barrier, or one of direction"),
        ("label: {kind: 5}", "label.kind was 5; write one of direction, barrier"),
        ("label: direction", "label was 'direction'; write keys under it, `kind: ...` among them"),
        (
            "label: {kind: barrier, horizon: 4}",
            "label.horizon is no key that label knows; "
            "the keys of label are kind, stop and profit_target",
        ),
        ("label: {kind: barrier, stop: 0}", "label.stop was 0; write a value above 0"),
    ],
)
def test_members_told_apart_by_a_kind_are_told_by_it(text: str, sentence: str) -> None:
    assert told_of(text) == [f"run.yaml:1: {sentence}"]


def test_what_is_missing_has_the_line_of_what_it_belongs_to() -> None:
    told = told_of("sides: both\nlabel:\n  kind: direction\n")

    assert told == ["run.yaml:2: label has no horizon; add `horizon: ...` under label"]


def test_sentences_stand_in_the_order_of_the_lines() -> None:
    told = told_of("zzz: 1\nsides: up\nlabel: {kind: direction, horizon: 4}\nfolds: 0\nyyy: 1\n")

    assert [sentence.split(" ")[0] for sentence in told] == [
        "run.yaml:1:",
        "run.yaml:2:",
        "run.yaml:4:",
        "run.yaml:5:",
    ]


def test_a_key_beside_its_misspelling_is_not_advised_again() -> None:
    told = told_of(f"{LABEL}folds: 3\nfoldz: 3\n")

    assert told == ["run.yaml:3: foldz is no key that the file knows; folds is there, so delete it"]


def test_a_run_out_of_for_each_is_told_by_the_line_of_its_value() -> None:
    text = f"{LABEL}for_each:\n  sides:\n    - long\n    - up\n"
    document = read_yaml(text, "run.yaml")
    run = expand(document.value, document)[1]
    moved = document.with_value(run.value, run.moved)

    with pytest.raises(ValidationError) as error:
        Run.model_validate(run.value)

    assert sentences(error.value, Run, moved) == [
        "run.yaml:5: sides was 'up'; write one of both, long, short"
    ]


def refused(text: str) -> str:
    document = read_yaml(text, "run.yaml")
    with pytest.raises(ValidationError) as error:
        Run.model_validate(document.value)
    with pytest.raises(SettingsError) as told:
        refuse(error.value, Run, document)
    return str(told.value)


def test_one_mistake_is_refused_in_one_line_and_several_in_several() -> None:
    one = refused(f"{LABEL}folds: 0\n")
    three = refused(f"{LABEL}folds: 0\nsides: up\nseeds: []\n")

    assert one == "run.yaml:2: folds was 0; write a value of 1 or more"
    assert three.splitlines()[0] == one
    assert len(three.splitlines()) == 3


def test_of_very_many_mistakes_the_first_are_said_and_the_rest_counted() -> None:
    rows = "\n".join(f"zz{number}: 1" for number in range(MOST_SENTENCES + 5))

    lines = refused(f"{LABEL}{rows}").splitlines()

    assert len(lines) == MOST_SENTENCES + 1
    assert lines[-1] == "and 5 more: mend these first"


def test_thousands_of_mistakes_are_answered_at_once_and_in_short_lines() -> None:
    rows = "\n".join(f"{'z' * 200}{number}: 1" for number in range(3_000))
    began = time.perf_counter()

    lines = refused(f"{LABEL}{rows}").splitlines()

    assert time.perf_counter() - began < 4
    assert max(map(len, lines)) < 400
    assert lines[-1] == "and 2980 more: mend these first"


JARGON = re.compile(r"Input should|https?://|pydantic|type=|valid dictionary|\bgot\b|\[key\]")
KEYS = st.sampled_from([*Run.model_fields, "from", "kind", "horizon", "xyz", "labell"])
SCALARS = (
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats(0, 1) | st.text("ab1", max_size=3)
)
ANY = st.recursive(
    SCALARS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(KEYS, inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(KEYS, ANY, min_size=1, max_size=6))
def test_whatever_is_wrong_is_said_without_jargon(value: dict[str, Any]) -> None:
    document = Document("run.yaml", value, {(): 1})
    try:
        Run.model_validate(value)
    except ValidationError as error:
        told = sentences(error, Run, document)
        complete = all(re.match(r"run\.yaml:\d+: \S.* \S", each) for each in told)
        clean = not any(JARGON.search(each) or "\n" in each for each in told)
    else:
        told, complete, clean = ["nothing"], True, True

    assert told
    assert complete
    assert clean


def test_a_model_that_holds_itself_is_told_too() -> None:
    told = told_of("left: {left: {depth: x}}\ndepth: 1\n", Tree)

    assert told == ["run.yaml:1: left.left.depth was 'x'; write a whole number"]
    assert "the keys of the file are depth and left" in told_of("bark: 1\ndepth: 1\n", Tree)[0]


class Tree(Part):
    depth: int = 0
    left: "Tree | None" = None
