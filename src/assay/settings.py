"""The settings of one workspace, read once, from the environment and `assay.toml`."""

import os
from datetime import date
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assay.core.errors import SettingsError

FILE = "assay.toml"
SERVICE = "assay"


Bound = tuple[Annotated[int, Field(ge=1)], Annotated[int, Field(ge=1)]]
"""So many calls in so many seconds."""


class FeedSettings(BaseModel):
    """One instrument that `assay data sync` keeps up to date: `[feeds.EURUSD]`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    sources: list[str] = Field(
        min_length=1, description="Where its bars come from, the preferred source first."
    )
    timeframes: list[str] = Field(["1h"], min_length=1, description="Which bars are kept.")
    since: date | None = Field(
        None, description="From which day (UTC) on; the last five years if left out."
    )
    kind: Literal["fx", "metal", "crypto", "equity", "index"] | None = Field(
        None, description="What it is, if its name does not say so: AAPL is an equity."
    )
    names: list[str] = Field(
        [], description="What news call it, as Apple: headlines that name it are about it."
    )
    calendar: str | None = Field(
        None, description="The exchange of a share or an index, as XNYS (New York) or XLON."
    )


class ProviderSettings(BaseModel):
    """What is different about one provider: `[providers.massive]`. Keys do not belong here."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    limits: list[Bound] | None = Field(
        None, description="Your plan's limits, each [calls, seconds], in place of the free plan's."
    )
    address: str | None = Field(None, description="Where it is reached, if not at its own address.")
    stream: str | None = Field(None, description="Where its stream is reached.")
    zone: str | None = Field(
        None,
        description="The clock it writes times in, where it names none: a MetaTrader server's.",
    )
    places: list[str] = Field(
        [], description="Where to have news from: addresses of RSS feeds, names of subreddits."
    )
    symbols: dict[str, str] = Field(
        {}, description="What it calls an instrument, where that is not its custom."
    )


class NewsSettings(BaseModel):
    """What `assay news sync` keeps up to date: `[news]`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    sources: list[str] = Field(min_length=1, description="Where stories come from.")
    since: date | None = Field(
        None, description="From which day (UTC) on; the last 30 days of a new source if left out."
    )


class MacroSettings(BaseModel):
    """What `assay macro sync` keeps up to date: `[macro]`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    sources: list[str] = Field(min_length=1, description="Where figures and calendars come from.")
    currencies: list[str] | None = Field(
        None, description="Whose economies, as USD; the eight majors if left out."
    )
    since: date | None = Field(
        None, description="From which day (UTC) on; as early as each source goes if left out."
    )


class ServeSettings(BaseModel):
    """Where `assay serve` listens: `[serve]`."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)

    host: str = Field("127.0.0.1", description="The address it listens at.")
    port: int = Field(8420, ge=1, le=65535, description="The port.")
    names: list[str] = Field([], description="Names that browsers may call it by besides.")
    behind_proxy: bool = Field(
        default=False, description="Whether a proxy that encrypts stands before it."
    )
    proxies: list[str] = Field(
        ["127.0.0.1", "::1"],
        description="From which addresses that proxy asks; whom others ask for is not believed.",
    )
    certificate: Path | None = Field(None, description="A PEM file, to answer by TLS.")
    key: Path | None = Field(None, description="The certificate's key, a PEM file.")


class DueSettings(BaseModel):
    """When a kind of job is due by itself, and how: `[schedule.backup]`."""

    model_config = ConfigDict(extra="allow", hide_input_in_errors=True)

    when: str | None = Field(
        None,
        description="A line as of cron, in UTC (`30 1 * * *`), or `off`; its own time if left out. "
        "All else are arguments, as `assay jobs run KIND --help` names them: keep = 14.",
    )


class Settings(BaseSettings):
    """What a workspace can set; each is `ASSAY_<NAME>` in the environment.

    A command-line flag beats the environment, the environment beats `assay.toml` in the workspace.
    """

    model_config = SettingsConfigDict(
        env_prefix="ASSAY_", env_ignore_empty=True, extra="forbid", hide_input_in_errors=True
    )

    home: Path = Field(Path.home() / ".assay", description="The workspace folder.")
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL URL (postgresql+pg8000://…); SQLite in the workspace if unset.",
    )
    redis_url: SecretStr | None = Field(
        None,
        description="Redis URL (redis://…), where several services share answers and messages; in "
        "the service's memory if unset.",
    )
    seed: int = Field(7, ge=0, description="The seed of everything that uses chance.")
    jobs: int = Field(2, ge=1, le=256, description="How many fits and replays may run at once.")
    device: Literal["cpu", "cuda", "auto"] = Field(
        "cpu",
        description="Where nets are trained; `auto` is CUDA if there is one. Only a CPU gives the "
        "same bytes every time.",
    )
    features: Literal["standard", "full"] = Field(
        "standard",
        description="Which features members are trained on: the standard set, or every one of the "
        "library, which takes about twice as long. Models of the standard set go on.",
    )
    history_days: int = Field(
        0,
        ge=0,
        description="Train on the last so many days of history alone, a window that rolls on; on "
        "all of it if 0.",
    )
    retrain_days: int = Field(
        30,
        ge=1,
        description="`assay retrain` trains again what has not learned from the last so many days.",
    )
    fine_tune: bool = Field(
        default=False,
        description="Whether `assay retrain` goes on from the last weights, where a member can, "
        "instead of fitting anew.",
    )
    risk_fraction: float = Field(
        0.005, gt=0, le=0.05, description="Share of equity lost when a stop is hit at its price."
    )
    least_coverage: float = Field(
        0.8,
        ge=0,
        le=1,
        description="Share of the bars that the calendar expects without which a series is not "
        "trained on, and of the last 200 without which a signal waits.",
    )
    feeds: dict[str, FeedSettings] = Field(
        {}, description="What `assay data sync` keeps up to date, by symbol: `[feeds.EURUSD]`."
    )
    news: NewsSettings | None = Field(
        None, description="What `assay news sync` keeps up to date: `[news]`."
    )
    macro: MacroSettings | None = Field(
        None, description="What `assay macro sync` keeps up to date: `[macro]`."
    )
    serve: ServeSettings = Field(
        default_factory=lambda: ServeSettings.model_validate({}),
        description="Where `assay serve` listens: `[serve]`.",
    )
    schedule: dict[str, DueSettings] = Field(
        {}, description="When jobs of the service are due, by their kind: `[schedule.backup]`."
    )
    job_days: int = Field(90, ge=1, description="For how many days jobs that ended are remembered.")
    workers: bool = Field(
        default=False,
        description="Whether `assay worker` does the service's jobs, told by Redis at redis_url, "
        "and `assay beat` says when they are due; the service itself does both if not.",
    )
    providers: dict[str, ProviderSettings] = Field(
        {}, description="What is different about a source, by its name: `[providers.massive]`."
    )

    @classmethod
    def settings_customise_sources(
        cls,
        settings_cls: type[BaseSettings],
        init_settings: PydanticBaseSettingsSource,
        env_settings: PydanticBaseSettingsSource,
        dotenv_settings: PydanticBaseSettingsSource,
        file_secret_settings: PydanticBaseSettingsSource,
    ) -> tuple[PydanticBaseSettingsSource, ...]:
        """Read flags, then the environment, then the workspace's file."""
        home = init_settings().get("home") or env_settings().get("home")
        folder = Path(str(home)).expanduser() if home else Path.home() / ".assay"
        file = _readable(folder / FILE)
        return init_settings, env_settings, TomlConfigSettingsSource(settings_cls, file)


def secret_of(name: str) -> str | None:
    """Return the secret called `name` (ASSAY_MASSIVE_KEY …): None where there is none.

    It is looked for in the environment, in the file that `<name>_FILE` names, and in the system's
    keyring (service "assay"), if the extra `live` is installed. A file that cannot be read is a
    `SettingsError` without its content.
    """
    said = os.environ.get(name, "").strip()
    if said:
        return said
    file = os.environ.get(f"{name}_FILE", "").strip()
    if not file:
        return _in_keyring(name)
    try:
        return Path(file).expanduser().read_text().strip() or None
    except (OSError, ValueError) as error:
        why = error.strerror if isinstance(error, OSError) else "it is no text"
        raise SettingsError(f"{name}_FILE names {file}, which cannot be read ({why})") from None


def _in_keyring(name: str) -> str | None:
    """Return what the system's keyring holds; where there is none, or it is locked, None."""
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError:
        return None
    try:
        return keyring.get_password(SERVICE, name)
    except KeyringError:
        return None


def _readable(file: Path) -> Path:
    """Return `file` if it can be read or is not there; a folder in its place is no such file."""
    if not (file.is_symlink() or file.exists()):
        return file
    if file.is_dir():
        raise SettingsError(f"{file} must be a file of settings, but it is a folder; move it away")
    try:
        with file.open("rb"):
            return file
    except OSError as error:
        raise SettingsError(
            f"{file} cannot be read ({error.strerror}); check its rights, or move it away"
        ) from None
