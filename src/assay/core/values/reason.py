"""Why Assay refuses, waits or shrinks: one code and one sentence each."""

from enum import StrEnum


class Reason(StrEnum):
    """Codes are stored and shown; they are never renamed."""

    NOT_FINITE = "not_finite"
    WARM_UP = "warm_up"
    STALE = "stale"
    MARKET_CLOSED = "market_closed"
    BAD_BAR = "bad_bar"
    MISSING_MODEL = "missing_model"
    QUARANTINED = "quarantined"
    DIVERGENT = "divergent"
    LOW_CONVICTION = "low_conviction"
    UNPROVEN = "unproven"
    NO_EVIDENCE = "no_evidence"
    NOT_PROMOTED = "not_promoted"
    ONE_FAMILY = "one_family"
    CHALLENGED = "challenged"
    REFEREE_ABSTAINED = "referee_abstained"
    UNDER_COST = "under_cost"
    TOO_SMALL = "too_small"
    EXPOSURE_LIMIT = "exposure_limit"
    LOSS_LIMIT = "loss_limit"
    PROTECTED = "protected"
    REFEREE_CAPPED = "referee_capped"
    CORRECTED = "corrected"
    LOW_COVERAGE = "low_coverage"
    SILENT_FEED = "silent_feed"

    @property
    def sentence(self) -> str:
        """Return what the code means, for a person."""
        return _SENTENCES[self]

    @property
    def of_member(self) -> str:
        """Return the sentence where the code is said of one member, not of the whole pool."""
        return _OF_MEMBER.get(self, _SENTENCES[self])


_SENTENCES = {
    Reason.NOT_FINITE: "A number on the way to the signal is missing or infinite.",
    Reason.WARM_UP: "There are too few bars yet to compute every feature.",
    Reason.STALE: "The last bar is older than two bars of its timeframe.",
    Reason.MARKET_CLOSED: "The market is closed.",
    Reason.BAD_BAR: "A recent bar is flagged as bad data.",
    Reason.MISSING_MODEL: "No trained model covers this instrument and timeframe.",
    Reason.QUARANTINED: "A model is damaged or failed its golden outputs, and is set aside.",
    Reason.DIVERGENT: "The members disagree, and both sides carry evidence.",
    Reason.LOW_CONVICTION: "Conviction is below MODERATE.",
    Reason.UNPROVEN: "The pool has shown no significant skill out of sample on this instrument.",
    Reason.NO_EVIDENCE: "No member has shown skill on this instrument.",
    Reason.NOT_PROMOTED: "A member has not passed the gate; it is shown and weighs nothing.",
    Reason.ONE_FAMILY: "Only one model family is on this side.",
    Reason.CHALLENGED: "The analyst challenged the models.",
    Reason.REFEREE_ABSTAINED: "The analyst neither confirms nor challenges the models.",
    Reason.UNDER_COST: "The expected move does not pay for spread, fees and slippage.",
    Reason.TOO_SMALL: "The position rounds to less than one lot.",
    Reason.EXPOSURE_LIMIT: "The exposure limit is used up.",
    Reason.LOSS_LIMIT: "A loss limit has been reached.",
    Reason.PROTECTED: "A capital-protection member has capped the exposure.",
    Reason.REFEREE_CAPPED: "The analyst allowed less than the full size.",
    Reason.CORRECTED: "Bars the models were trained on have been corrected since; train again.",
    Reason.SILENT_FEED: "News or figures arrived before and have stopped; fetch them again.",
    Reason.LOW_COVERAGE: "Too many of the last bars that the calendar expects are missing.",
}
_OF_MEMBER = {
    Reason.NOT_FINITE: "This member could not speak.",
    Reason.MISSING_MODEL: "The fitted fusion does not know this member.",
    Reason.QUARANTINED: "This member is damaged or failed its golden outputs, and is set aside.",
    Reason.NO_EVIDENCE: "This member has shown no skill here.",
    Reason.NOT_PROMOTED: "This member has not passed the gate.",
}
