"""What a workspace is set to, and which of its secrets are there: never what they are."""

from urllib.parse import urlsplit

from assay.workflows.desk import Desk
from assay.workflows.syncing.offered import offered


def secrets_of(desk: Desk) -> dict[str, bool]:
    """Return of every key that a source can have whether it is set, by its variable's name."""
    names = {variable for source in offered(desk) for variable in source.variables}
    return {name: desk.secret(name) is not None for name in sorted(names)}


def host_of(place: str) -> str:
    """Return the host of an address; what is no address stays, what follows the host is left out.

    The path or the query of a feed may hold a key.

    >>> host_of("https://feeds.example.org/private/3fb1?key=1"), host_of("forex")
    ('feeds.example.org', 'forex')
    """
    if "/" not in place and "@" not in place:
        return place
    return urlsplit(place if "//" in place else f"//{place}").hostname or "set"
