"""The embedded analyst: answers both phases from the brief's own numbers, the same every time."""

from typing import Any

from assay.core.errors import RefusedError
from assay.core.ids import canonical
from assay.llm.contract import Answer, Provider, Request, Rung
from assay.llm.fence import unfenced
from assay.llm.rules.verdict import verdict_of
from assay.llm.rules.view import view_of


class RuleAnalyst(Provider):
    """No network, no chance, no training: a dozen rules that a trader can read and dispute.

    It is the default, and the control that any language model has to beat.
    """

    name = "rules"
    needs_network = False
    model = "rules-1"

    def answer(self, request: Request) -> Answer:
        """See `Provider.answer`; a request whose data it cannot read is `RefusedError`."""
        bundle = unfenced(request.messages[-1].content)
        phases = {"blind": view_of, "open": verdict_of}
        if not isinstance(bundle, dict) or bundle.get("phase") not in phases:
            raise RefusedError("The rules answer a blind or an open brief; found neither")
        said: dict[str, Any] = phases[bundle["phase"]](bundle)
        raw = canonical(said).decode()
        return Answer(request.digest, self.name, self.model, Rung.EMBEDDED, raw)
