"""How providers of several kinds of data are reached: the same for bars, news and figures."""

from collections.abc import Mapping
from typing import Any

from assay.core.errors import AssayError, CredentialError, QuotaError, RefusedError
from assay.sources.provider import Access, Offer
from assay.sources.wire.http import Fault, Http

UNTIL_LATER = 6 * 3600.0
"""Seconds until FMP is asked again when a day is used up; when the next one begins is not said."""


def finnhub(access: Access, offer: Offer) -> Http:
    """Return the way to Finnhub, with its key."""
    return Http(
        access,
        offer,
        "https://finnhub.io",
        headers={"X-Finnhub-Token": access.secret(offer, "key")},
        fault=_of_finnhub(offer.title),
    )


def fmp(access: Access, offer: Offer) -> Http:
    """Return the way to Financial Modeling Prep, with its key."""
    return Http(
        access,
        offer,
        "https://financialmodelingprep.com",
        headers={"apikey": access.secret(offer, "key")},
        fault=_of_fmp(offer.title, access.where("key")),
    )


def _of_finnhub(title: str) -> Fault:
    """Return what Finnhub says is wrong; a plan without the data is no wrong key."""

    def fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
        said = str(body.get("error", "")) if isinstance(body, Mapping) else ""
        if status in (401, 403) and "access to this resource" in said:
            return RefusedError(
                f"{title}: the plan of this key does not include what was asked, which needs a "
                f"paid one ({status}: {said})"
            )
        return None

    return fault


def _of_fmp(title: str, where: str) -> Fault:
    """Return what Financial Modeling Prep says is wrong, which it also says with 200.

    `where` is where its key is set.
    """

    def fault(status: int, body: Any) -> AssayError | None:  # noqa: ANN401 - any JSON
        said = str(body.get("Error Message") or "") if isinstance(body, Mapping) else ""
        if "Limit Reach" in said:
            used = f"{title}: the allowance of this key is used up ({said})"
            return QuotaError(used, UNTIL_LATER)
        if "Invalid API KEY" in said:
            return CredentialError(f"{title} refused the key ({status}: {said}); check {where}")
        if said and (status in (402, 403) or status < 300):
            return RefusedError(f"{title} does not give what was asked on this plan: {said}")
        return None

    return fault
