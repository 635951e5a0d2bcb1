"""How hard the gate is: thresholds by check, under a name."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from assay.core.names import unknown


@dataclass(frozen=True, slots=True)
class Profile:
    """Thresholds that differ from a check's own, by the check's name."""

    name: str
    about: str
    settings: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


STANDARD = Profile("standard", "the thresholds that the published error rates hold for")
STRICT = Profile(
    "strict",
    "a fifth of the alpha of the family, and a Sharpe ratio of 1",
    {
        "family_alpha": {"alpha": 0.01},
        "superior": {"level": 0.025},
        "sharpe": {"least": 1.0},
    },
)
PROFILES = {profile.name: profile for profile in (STANDARD, STRICT)}


def profile_of(name: str) -> Profile:
    """Return the profile called `name`; unknown is a `NotFoundError`."""
    if name not in PROFILES:
        raise unknown("gate profile", name, PROFILES)
    return PROFILES[name]
