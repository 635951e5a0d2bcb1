"""What a person may choose about risk."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from functools import cached_property
from typing import Any

from assay.core.errors import SettingsError
from assay.risk.catalog import SIZINGS
from assay.risk.contract import Sizing


@dataclass(frozen=True)
class RiskSettings:
    """How an opinion becomes a bounded decision.

    `stop_atr` and `target_atr` are in ATR(14). The expected move must exceed `cost_multiple` round
    trips. `sizing` names a rule by its file, `sizing_settings` are its fields. A challenge by the
    analyst vetoes, unless `challenge_vetoes` is off: then it caps the size. Where the analyst
    abstains the size is at most `abstain_cap` of the full one. A risk under `least_risk` of the
    equity is no trade.
    """

    stop_atr: float = 2.0
    target_atr: float = 3.0
    cost_multiple: float = 1.0
    sizing: str = "fixed_fraction"
    sizing_settings: Mapping[str, float] = field(default_factory=dict)
    challenge_vetoes: bool = True
    abstain_cap: float = 0.5
    least_risk: float = 1e-5

    def __post_init__(self) -> None:
        for name in ("stop_atr", "target_atr", "least_risk"):
            if not getattr(self, name) > 0:
                raise SettingsError(f"Risk: {name} must be above 0; found {getattr(self, name)}")
        if not self.cost_multiple >= 0:
            raise SettingsError(f"Risk: cost_multiple is at least 0; found {self.cost_multiple}")
        if not 0.0 <= self.abstain_cap <= 1.0:
            raise SettingsError(f"Risk: abstain_cap lies in [0, 1]; found {self.abstain_cap}")

    @cached_property
    def sizer(self) -> Sizing:
        """Return the sizing rule; an unknown name or field is refused."""
        kind = SIZINGS.get(self.sizing)
        try:
            return kind(**self.sizing_settings)
        except TypeError as error:
            raise SettingsError(f"Risk: {self.sizing} cannot be set so: {error}") from error

    def check_label(self, label: Mapping[str, Any]) -> None:
        """Refuse a triple-barrier label whose barriers are not the ones that will be traded.

        `label` holds its settings `stop_atr` and `target_atr`. A model that learned other exits
        than those executed answers another question (`SettingsError`).
        """
        for name in ("stop_atr", "target_atr"):
            found = label.get(name)
            if found is None or abs(float(found) - getattr(self, name)) > 1e-9:
                raise SettingsError(
                    f"Risk trades {name} {getattr(self, name)}, but the label was made with "
                    f"{found}; give both the same, or train again"
                )

    def plain(self) -> dict[str, Any]:
        """Return the fields as plain values."""
        return asdict(self)
