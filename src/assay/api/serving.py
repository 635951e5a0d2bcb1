"""How the service is run: where it listens, and whom it answers."""

from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from assay.core.errors import SettingsError

LOCAL_NAMES = ("localhost", "127.0.0.1", "[::1]")
MOST_BODY_BYTES = 1_000_000
"""No question is longer; files are imported with `assay data import`."""
GRACE_SECONDS = 10
"""So long a stop waits for answers under way."""


@dataclass(frozen=True, slots=True)
class Serving:
    """Where the service listens.

    `host` is an address of this machine; one that others reach is refused unless the way is
    encrypted: by `certificate` and `key` (PEM files), or by a proxy that stands before the service
    (`behind_proxy`) and asks from one of the addresses `proxies`: for whom anybody else says to ask
    is not believed. A browser's `Host` and `Origin` must be one of `names`. `redis_url` is where
    several services share answers. `simulate_every` makes simulated markets go on: one more of
    their shortest bars every so many seconds; None lets them rest.
    """

    host: str = "127.0.0.1"
    port: int = 8420
    names: tuple[str, ...] = ()
    behind_proxy: bool = False
    proxies: tuple[str, ...] = ("127.0.0.1", "::1")
    certificate: Path | None = None
    key: Path | None = None
    redis_url: str | None = None
    simulate_every: float | None = None

    def __post_init__(self) -> None:
        if bool(self.certificate) != bool(self.key):
            raise SettingsError(
                "The service needs a certificate and its key; only one of them was named"
            )
        if not (self.is_local or self.is_encrypted):
            raise SettingsError(
                f"The service was asked to listen at {self.host}, where other machines reach it, "
                "without encryption: name --certificate and --key, or let a proxy that encrypts "
                "stand before it and say --behind-proxy"
            )

    @property
    def is_local(self) -> bool:
        """Say whether only this machine reaches it."""
        if self.host == "localhost":
            return True
        try:
            return ip_address(self.host.strip("[]")).is_loopback
        except ValueError:
            return False

    @property
    def is_encrypted(self) -> bool:
        """Say whether what a browser sends is encrypted on its way."""
        return self.behind_proxy or self.certificate is not None

    @property
    def hosts(self) -> frozenset[str]:
        """Return the names a `Host` may be, without a port, in lower case."""
        return frozenset({self.host.lower(), *LOCAL_NAMES, *(one.lower() for one in self.names)})

    @property
    def address(self) -> str:
        """Return where a browser on this machine finds it."""
        scheme = "https" if self.certificate else "http"
        host = self.host if self.is_local else "localhost"
        return f"{scheme}://{host}:{self.port}"
