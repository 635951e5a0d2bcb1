"""Keys come from the environment, a file or the keyring, never from the settings file."""

from pathlib import Path

import pytest

from assay.app import open_desk
from assay.core.errors import SettingsError
from assay.core.secret import HIDDEN, Secret
from assay.settings import secret_of

CANARY = "canary-4f7e21b9"


@pytest.fixture(autouse=True)
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for ending in ("", "_FILE"):
        monkeypatch.delenv(f"ASSAY_MASSIVE_KEY{ending}", raising=False)


def test_the_environment_beats_the_file_and_the_file_the_keyring(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import keyring

    kept = {("assay", "ASSAY_MASSIVE_KEY"): "from-keyring"}
    monkeypatch.setattr(keyring, "get_password", lambda *where: kept.get(where))
    file = tmp_path / "key"
    file.write_text("from-file\n")
    found = [secret_of("ASSAY_MASSIVE_KEY")]
    monkeypatch.setenv("ASSAY_MASSIVE_KEY_FILE", str(file))
    found.append(secret_of("ASSAY_MASSIVE_KEY"))
    monkeypatch.setenv("ASSAY_MASSIVE_KEY", " from-environment ")
    found.append(secret_of("ASSAY_MASSIVE_KEY"))

    assert found == ["from-keyring", "from-file", "from-environment"]


def test_a_keyring_that_is_locked_or_missing_has_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    import keyring
    from keyring.errors import KeyringLocked

    def locked(*_: str) -> str:
        raise KeyringLocked

    monkeypatch.setattr(keyring, "get_password", locked)

    assert secret_of("ASSAY_MASSIVE_KEY") is None


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00canary-4f7e21b9"])
def test_a_file_that_cannot_be_read_is_named_without_its_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, content: bytes | None
) -> None:
    file = tmp_path / "key"
    if content is not None:
        file.write_bytes(content)
    monkeypatch.setenv("ASSAY_MASSIVE_KEY_FILE", str(file))

    with pytest.raises(SettingsError) as caught:
        secret_of("ASSAY_MASSIVE_KEY")

    assert str(file) in str(caught.value)
    assert CANARY not in str(caught.value)


@pytest.mark.parametrize(
    "text",
    [
        f'massive_key = "{CANARY}"',
        f'[providers.massive]\nkey = "{CANARY}"',
        f'[feeds.EURUSD]\nsources = ["massive"]\napi_key = "{CANARY}"',
    ],
)
def test_a_key_in_the_settings_file_is_refused_and_not_repeated(tmp_path: Path, text: str) -> None:
    (tmp_path / "assay.toml").write_text(text)

    with pytest.raises(SettingsError) as caught:
        open_desk(tmp_path)

    assert "environment" in str(caught.value)
    assert CANARY not in str(caught.value)
    assert caught.value.__cause__ is None


def test_a_secret_shows_itself_to_nobody_who_does_not_ask() -> None:
    secret = Secret(CANARY)

    shown = [repr(secret), str(secret), f"{secret}", repr({"key": secret}), f"{[secret]}"]

    assert set(shown) == {HIDDEN, f"{{'key': {HIDDEN}}}", f"[{HIDDEN}]"}
    assert secret.reveal() == CANARY
    assert secret == Secret(CANARY) != Secret("other")
    with pytest.raises(TypeError):
        secret.__reduce__()


def test_the_desk_finds_a_key_by_its_variable(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ASSAY_MASSIVE_KEY", CANARY)

    desk = open_desk(tmp_path)

    assert desk.secret("ASSAY_MASSIVE_KEY") == Secret(CANARY)
    assert CANARY not in repr(desk)
    assert CANARY not in repr(desk.reach.provider("massive").access)
