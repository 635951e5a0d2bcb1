"""A stored model says what it said, or is refused by the name of what is wrong."""

import json
import subprocess
import sys
from collections.abc import Callable
from dataclasses import make_dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from assay.core.errors import ArtefactError, NotFoundError, StoreError
from assay.core.ids import canonical, digest
from assay.models.artefact import write
from assay.models.artefact_files import Origin, features_digest, sha256
from assay.models.catalog import MEMBERS
from assay.models.fitting import Fitted, fit_member
from assay.models.loading import LoadedModel, load, load_whole
from assay.models.zoo.ridge import Ridge
from tests.factories import make_samples

SPANS = {
    "train": make_samples(2500, edge=0.2, seed=1),
    "stop": make_samples(600, edge=0.2, start=2600, seed=2),
    "calibrate": make_samples(900, edge=0.2, start=3300, seed=3),
}
COLUMNS = SPANS["train"].columns
FRESH = make_samples(300, edge=0.2, start=5000, seed=4).asked
FEATURES = [{"name": name, "version": 1, "settings": {}} for name in COLUMNS]


@cache
def fitted(name: str) -> Fitted:
    return fit_member(MEMBERS.get(name)(), SPANS, seed=3)


def origin(name: str, seed: int = 3) -> Origin:
    return Origin(
        member=name,
        features=FEATURES,
        features_hash=digest(FEATURES),
        label={"type": "three_class", "horizon_bars": 4, "band": 0.5},
        data={"train": {"rows": 2500, "symbols": ["S0"], "fingerprint": "ab"}},
        seed=seed,
    )


def stored(root: Path, name: str = "ridge") -> Path:
    return root / write(root, MEMBERS.get(name)(), fitted(name), origin(name))


def resealed(place: Path, name: str, content: bytes) -> Path:
    """Return the folder after `name` was replaced and every hash made right again."""
    (place / name).write_bytes(content)
    manifest = json.loads((place / "manifest.json").read_bytes())
    manifest["files"][name] = {"bytes": len(content), "sha256": sha256(content)}
    del manifest["id"]
    own = digest(manifest)
    (place / "manifest.json").write_bytes(canonical(manifest | {"id": own}))
    return place.rename(place.parent / own)


@pytest.fixture(params=MEMBERS.names())
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


def test_a_stored_model_answers_to_the_bit(name: str, tmp_path: Path) -> None:
    model = load(stored(tmp_path, name))

    for was, now in zip(fitted(name).predict(FRESH), model.predict(FRESH, COLUMNS), strict=True):
        np.testing.assert_array_equal(was.quantiles, now.quantiles)
        np.testing.assert_array_equal(was.classes, now.classes)
    assert model.settings == MEMBERS.get(name)().settings()
    assert model.calibration == fitted(name).calibration
    assert model.label["band"] == 0.5
    moved, again = fitted(name).runtime.contributions(FRESH), model.contributions(FRESH, COLUMNS)
    assert (moved is None) == (again is None)
    if moved is not None and again is not None:
        np.testing.assert_array_equal(moved, again)


def test_the_weights_come_back_as_they_were(name: str, tmp_path: Path) -> None:
    was, (_, now) = fitted(name).weights, load_whole(stored(tmp_path, name))

    assert (was.runtime, was.params) == (now.runtime, now.params)
    assert (was.texts, dict(was.graphs)) == (now.texts, dict(now.graphs))
    for then, again in ((was.arrays, now.arrays), (was.scaler, now.scaler)):
        assert set(then) == set(again)
        for key, value in then.items():
            np.testing.assert_array_equal(value, again[key])
            assert value.dtype == again[key].dtype


def test_the_same_fit_has_the_same_id_and_another_seed_another(tmp_path: Path) -> None:
    member, model = MEMBERS.get("lightgbm")(), fitted("lightgbm")
    again = fit_member(member, SPANS, seed=3)

    first = write(tmp_path, member, model, origin("lightgbm"))
    second = write(tmp_path, member, again, origin("lightgbm"))
    third = write(tmp_path, member, model, origin("lightgbm", seed=4))

    assert first == second != third
    assert sorted(path.name for path in tmp_path.iterdir()) == sorted([first, third])


def test_nothing_is_stored_by_pickle(name: str, tmp_path: Path) -> None:
    endings = {path.suffix for path in stored(tmp_path, name).iterdir()}

    assert endings <= {".json", ".safetensors", ".txt", ".md", ".onnx"}


def files(place: Path) -> list[str]:
    return sorted(path.name for path in place.iterdir())


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return stored(tmp_path_factory.mktemp("models"), "lightgbm")


@settings(max_examples=150, deadline=None)
@given(data=st.data(), where=st.floats(0, 1, exclude_max=True), flip=st.integers(1, 255))
def test_one_altered_byte_anywhere_is_refused(
    kept: Path, data: st.DataObject, where: float, flip: int
) -> None:
    path = kept / data.draw(st.sampled_from(files(kept)))
    content = path.read_bytes()
    at = int(where * len(content))
    path.write_bytes(content[:at] + bytes([content[at] ^ flip]) + content[at + 1 :])

    try:
        with pytest.raises(ArtefactError, match="quarantined"):
            load(kept)
    finally:
        path.write_bytes(content)
    load(kept)


def test_a_missing_a_cut_and_an_added_file_are_refused_by_name(tmp_path: Path) -> None:
    for number, file in enumerate(files(stored(tmp_path / "a"))):
        place = stored(tmp_path / f"gone{number}")
        (place / file).unlink()
        with pytest.raises(ArtefactError, match=f"{file}: is missing"):
            load(place)
        place = stored(tmp_path / f"cut{number}")
        content = (place / file).read_bytes()
        (place / file).write_bytes(content[: len(content) // 2])
        with pytest.raises(ArtefactError, match=file):
            load(place)
    place = stored(tmp_path / "more")
    (place / "notes.txt").write_text("hello")
    with pytest.raises(ArtefactError, match=r"notes.txt: does not belong"):
        load(place)


def test_a_link_instead_of_a_file_is_refused(tmp_path: Path) -> None:
    place = stored(tmp_path)
    moved = (place / "label.json").rename(tmp_path / "label.json")
    (place / "label.json").symlink_to(moved)

    with pytest.raises(ArtefactError, match=r"label.json: is not a plain file"):
        load(place)


def test_a_model_under_another_name_is_refused(tmp_path: Path) -> None:
    place = stored(tmp_path)
    moved = place.rename(tmp_path / ("0" * 64))

    with pytest.raises(ArtefactError, match=r"manifest.id"):
        load(moved)


def test_no_folder_is_not_found(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError):
        load(tmp_path / "none")


def swapped(data: dict[str, list[object]]) -> None:
    data["columns"][0], data["columns"][1] = data["columns"][1], data["columns"][0]


def swapped_and_rehashed(data: dict[str, object]) -> None:
    columns = list(data["columns"])  # type: ignore[call-overload]  # read from JSON
    columns.append("extra")
    data["columns"] = columns
    data["digest"] = features_digest(tuple(columns), data["specification"])


@pytest.mark.parametrize(
    ("file", "change", "said"),
    [
        ("features.json", swapped, "features.digest"),
        ("features.json", swapped_and_rehashed, "reads 6 columns, but 7|x was of shape|columns"),
        ("features.json", lambda d: d.update(hash="0" * 64), "features.hash"),
        ("features.json", lambda d: d.pop("hash"), "features.hash: is missing"),
        ("arch.json", lambda d: d.update(runtime="linear"), "arch.runtime"),
        ("arch.json", lambda d: d.update(member="other"), "arch.member"),
        ("arch.json", lambda d: d.update(spare=1), "arch.spare: is unknown"),
        ("arch.json", lambda d: d.update(params={"quantiles": "magic"}), "params.quantiles"),
        ("arch.json", lambda d: d.update(params={"quantiles": "boosted"}), "weights."),
        ("calibration.json", lambda d: d.update(shift=[0.1] * 7), "golden.quantiles"),
        ("calibration.json", lambda d: d.update(shift=[0.1]), "calibration.shift"),
        ("calibration.json", lambda d: d["flat"].update(slope=0.0), "golden.classes"),
    ],
)
def test_files_that_disagree_are_refused_though_every_hash_is_right(
    file: str, change: Callable[[dict[str, object]], object], said: str, tmp_path: Path
) -> None:
    place = stored(tmp_path, "lightgbm")
    data = json.loads((place / file).read_bytes())
    change(data)

    with pytest.raises(ArtefactError, match=said):
        load(resealed(place, file, canonical(data)))


def test_other_weights_with_right_hashes_fail_the_golden_rows(tmp_path: Path) -> None:
    place = stored(tmp_path, "lightgbm")
    text = (place / "model.lgb.txt").read_text()
    line = next(line for line in text.splitlines() if line.startswith("leaf_value="))
    first = line.split("=")[1].split()[0]
    altered = text.replace(line, line.replace(first, str(float(first) + 5.0)), 1)

    with pytest.raises(ArtefactError, match=r"golden\."):
        load(resealed(place, "model.lgb.txt", altered.encode()))


def test_an_older_or_newer_schema_is_refused(tmp_path: Path) -> None:
    place = stored(tmp_path)
    manifest = json.loads((place / "manifest.json").read_bytes())
    del manifest["id"]
    manifest["schema"] = 2
    own = digest(manifest)
    (place / "manifest.json").write_bytes(canonical(manifest | {"id": own}))

    with pytest.raises(ArtefactError, match=r"manifest.schema: version 1 is read, was 2"):
        load(place.rename(place.parent / own))


def test_reordered_renamed_or_missing_columns_are_refused(tmp_path: Path) -> None:
    model = load(stored(tmp_path))
    turned = (COLUMNS[1], COLUMNS[0], *COLUMNS[2:])

    with pytest.raises(
        ArtefactError, match=r"features.columns\[0\].*'log_return_12_by_50'.*'slow'"
    ):
        model.predict(FRESH, turned)
    with pytest.raises(ArtefactError, match=r"reads 6 columns and was handed 5"):
        model.predict(FRESH, COLUMNS[:5])
    with pytest.raises(ArtefactError, match=r"features.hash"):
        model.check_features("0" * 64)
    model.check_features(digest(FEATURES))


def test_new_defaults_change_no_stored_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = stored(tmp_path)
    before = load(place).predict(FRESH, COLUMNS)
    fields = [("rows_needed", int, 999), ("band", float, 3.0), ("brand_new", int, 1)]
    other = make_dataclass("Ridge", fields, bases=(Ridge,), frozen=True)
    monkeypatch.setattr("assay.models.zoo.ridge.Ridge", other)
    monkeypatch.setattr("assay.models.shrunk.PENALTIES", (1e9,))
    monkeypatch.setattr("assay.models.standard.CLIP", 0.1)

    model = load(place)

    assert other().settings()["band"] == 3.0
    assert model.settings["band"] is None
    for was, now in zip(before, model.predict(FRESH, COLUMNS), strict=True):
        np.testing.assert_array_equal(was.quantiles, now.quantiles)
        np.testing.assert_array_equal(was.classes, now.classes)


def test_an_interrupted_write_leaves_no_model(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def interrupted(_: int) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("os.fsync", interrupted)
    with pytest.raises(KeyboardInterrupt):
        stored(tmp_path)
    monkeypatch.undo()

    assert list(tmp_path.iterdir()) == []
    load(stored(tmp_path))


def test_a_full_disk_is_said_in_one_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)

    with pytest.raises(StoreError, match="No space left on device; make room"):
        stored(tmp_path)
    assert list(tmp_path.iterdir()) == []


def test_writing_over_an_altered_model_is_refused(tmp_path: Path) -> None:
    place = stored(tmp_path)
    (place / "label.json").write_bytes(b"{}")

    with pytest.raises(ArtefactError, match=r"label.json of the stored model"):
        stored(tmp_path)


def test_the_card_says_what_a_person_asks_first(tmp_path: Path) -> None:
    card = (stored(tmp_path) / "CARD.md").read_text()

    assert card.startswith("# ridge\n\nHoerl and Kennard 1970")
    for word in ("`slow`", "| band | 0.5 |", "outcomes that do not overlap", "seed 3", "stop span"):
        assert word in card


HEAVY = ("lightgbm", "sklearn", "torch", "onnx", "onnxscript", "scipy", "pandas", "polars")


def test_serving_needs_no_library_that_fits(name: str, tmp_path: Path) -> None:
    place = stored(tmp_path, name)
    np.save(tmp_path / "x.npy", FRESH.table[:100])
    script = (
        "import sys, numpy as np\n"
        f"sys.modules.update(dict.fromkeys({HEAVY!r}))\n"  # as if they were not installed
        "from pathlib import Path\n"
        "from assay.models.contract import Asked\n"
        "from assay.models.loading import load\n"
        f"model = load(Path({str(place)!r}))\n"
        f"x = np.load({str(tmp_path / 'x.npy')!r})\n"
        "none = np.zeros(20, int)\n"
        "asked = Asked(x, np.arange(60, 80), none, none, (('S0', '1h'),))\n"
        "raw, calibrated = model.predict(asked, model.columns)\n"
        "model.contributions(asked, model.columns)\n"
        f"np.save({str(tmp_path / 'y.npy')!r}, calibrated.classes)\n"
    )

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.returncode == 0, done.stderr
    answers: LoadedModel = load(place)
    _, calibrated = answers.predict(FRESH.take(np.arange(60, 80)), COLUMNS)
    np.testing.assert_array_equal(np.load(tmp_path / "y.npy"), calibrated.classes)


def test_a_text_cannot_take_the_name_of_another_file(tmp_path: Path) -> None:
    for bad in ("../evil.txt", "arch.json", ".hidden"):
        weights = replace(fitted("ridge").weights, texts={bad: "x"})
        model = replace(fitted("ridge"), weights=weights)
        with pytest.raises(Exception, match="cannot be kept"):
            write(tmp_path, Ridge(), model, origin("ridge"))
