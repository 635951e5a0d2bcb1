"""The settings of one workspace, read once, from the environment and `assay.toml`."""

from pathlib import Path
from typing import Literal

from pydantic import Field, SecretStr
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    TomlConfigSettingsSource,
)

from assay.core.errors import SettingsError

FILE = "assay.toml"


class Settings(BaseSettings):
    """What a workspace can set; each is `ASSAY_<NAME>` in the environment.

    A command-line flag beats the environment, the environment beats `assay.toml` in the workspace.
    """

    model_config = SettingsConfigDict(env_prefix="ASSAY_", env_ignore_empty=True, extra="forbid")

    home: Path = Field(Path.home() / ".assay", description="The workspace folder.")
    database_url: SecretStr | None = Field(
        None,
        description="PostgreSQL URL (postgresql+pg8000://…); SQLite in the workspace if unset.",
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
