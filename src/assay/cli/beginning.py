"""The questions of `assay init`, asked on stderr where a flag has not answered them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import typer

from assay.core.errors import AssayError, SettingsError

Answer = TypeVar("Answer")
KINDS = ("simulated", "files", "none")
TRIES = 5


@dataclass(frozen=True, slots=True)
class Questions:
    """Asks in a terminal; with `defaults` nobody is asked, and the default is the answer."""

    defaults: bool

    def choose(self, given: str | None, question: str, default: str, known: tuple[str, ...]) -> str:
        """Return one of the `known` words."""

        def one_of(text: str) -> str:
            if text.strip().lower() not in known:
                raise SettingsError(f"Say one of {', '.join(known)}; found {text!r}")
            return text.strip().lower()

        return self.ask(given, f"{question} ({', '.join(known)})", default, one_of)

    def number(self, given: float | None, question: str, default: float, least: float) -> float:
        """Return a number that is not below `least`."""

        def enough(text: str) -> float:
            try:
                found = float(text)
            except ValueError:
                found = least - 1
            if found < least:
                raise SettingsError(f"Say a number of {least:g} or more; found {text!r}")
            return found

        said = None if given is None else f"{given:g}"
        return self.ask(said, question, f"{default:g}", enough)

    def ask(
        self, given: str | None, question: str, default: str, meant: Callable[[str], Answer]
    ) -> Answer:
        """Return what the answer means; one that means nothing is asked again, a flag refused."""
        if given is not None or self.defaults:
            return meant(default if given is None else given)
        for left in reversed(range(TRIES)):
            said = typer.prompt(question, default=default, err=True)
            try:
                return meant(str(said))
            except AssayError as error:
                if not left:
                    raise
                typer.echo(f"  {error}", err=True)
        raise AssertionError("the last try answers or raises")

    def agree(self, given: bool | None, question: str) -> bool:  # noqa: FBT001 - a flag, or nothing
        """Return whether the answer is yes; by default it is no."""
        if given is not None or self.defaults:
            return bool(given)
        return typer.confirm(question, default=False, err=True)
