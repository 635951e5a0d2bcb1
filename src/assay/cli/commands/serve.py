"""`assay serve`: the service, its API and the terminal in the browser, in one process."""

from pathlib import Path
from typing import Annotated

import typer

from assay.cli import say
from assay.cli.main import serving_desk

EXAMPLES = (
    "Examples: assay serve\n\n"
    "assay serve --port 9000 --open\n\n"
    "assay serve --host 0.0.0.0 --behind-proxy --name assay.example.org"
)


def run(
    context: typer.Context,
    host: Annotated[
        str | None, typer.Option(help="The address to listen at (else the setting serve.host).")
    ] = None,
    port: Annotated[
        int | None, typer.Option(help="The port (else serve.port).", min=1, max=65535)
    ] = None,
    name: Annotated[
        list[str] | None,
        typer.Option(help="A name that browsers may call it by besides; may be given again."),
    ] = None,
    proxy: Annotated[
        list[str] | None,
        typer.Option(
            help="From where the proxy asks, if not from this machine; may be given again."
        ),
    ] = None,
    certificate: Annotated[Path | None, typer.Option(help="A PEM file, to answer by TLS.")] = None,
    key: Annotated[Path | None, typer.Option(help="The certificate's key, a PEM file.")] = None,
    simulate_every: Annotated[
        float | None,
        typer.Option(
            min=0.01,
            metavar="SECONDS",
            help="Let simulated markets go on: one more bar of their shortest length every so "
            "many seconds.",
        ),
    ] = None,
    *,
    behind_proxy: Annotated[
        bool,
        typer.Option(
            "--behind-proxy", help="A proxy that encrypts stands before it; its headers count."
        ),
    ] = False,
    opened: Annotated[
        bool, typer.Option("--open", help="Open the terminal in the browser of this machine.")
    ] = False,
    json: say.Json = False,
) -> None:
    """Serve this workspace until stopped: Ctrl-C or SIGTERM ends it after what is under way.

    By default only this machine reaches it. One that others reach must be encrypted: by a
    certificate, or by a proxy before it. It needs nothing else; with database_url and redis_url
    several may share a PostgreSQL and a Redis.
    """
    given = {
        "host": host,
        "port": port,
        "names": tuple(name) if name else None,
        "proxies": tuple(proxy) if proxy else None,
        "certificate": certificate,
        "key": key,
        "behind_proxy": behind_proxy or None,
        "simulate_every": simulate_every,
    }

    def told(address: str) -> None:
        if json:
            say.as_json({"address": address})
        else:
            typer.echo(f"Assay answers at {address}; Ctrl-C stops it", err=True)
            if "#" in address:
                typer.echo("Open that address once to make the workspace yours", err=True)
        if opened:
            typer.launch(address)

    serving_desk(context, {name: one for name, one in given.items() if one is not None}, told)
