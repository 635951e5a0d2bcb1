"""What goes on while nobody asks: news are looked for, signals issued, simulated markets ticked."""

import threading
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from assay.api.logs import logger
from assay.api.push.hub import Hub
from assay.api.push.shared import Nudges
from assay.api.serving import Serving
from assay.core.errors import AssayError
from assay.workflows.desk import Desk
from assay.workflows.predicting import Predicting
from assay.workflows.pulse import BarsCame, Pulse
from assay.workflows.ticking import Ticking

LOOK_SECONDS = 0.3
"""What others write is noticed within so long; what this service writes, at once."""
SILENCE_SECONDS = 60.0
STOP_SECONDS = 10.0


class Live:
    """The threads of one service that tell the hub what is new.

    `predictors` is how many processes issue signals when bars close, the desk's `jobs` if None; 0
    lets the looking thread issue them itself.
    """

    def __init__(
        self, desk: Desk, serving: Serving, hub: Hub, predictors: int | None = None
    ) -> None:
        self._desk, self._serving, self._hub = desk, serving, hub
        self._looking = threading.Event()
        self._stopping = threading.Event()
        self._threads: list[threading.Thread] = []
        self._pulse = Pulse(desk)
        self._predicting = Predicting(desk, self.nudge, self._problem, workers=predictors)
        self._ticking = Ticking(desk, self.nudge)
        self._problems: dict[str, str] = {}
        self._nudges = (
            Nudges(serving.redis_url, hub.stream, self._looking.set, self._looking.set)
            if serving.redis_url
            else None
        )

    def start(self) -> None:
        """Begin."""
        self._hub.open()
        self._begin(self._look, "pulse")
        if self._nudges:
            self._nudges.start()
        if self._serving.simulate_every is not None:
            self._begin(self._tick, "ticking")
        if self._serving.simulate_every is not None or self._desk.feeds:
            self._begin(self._warm, "warming")  # bars are about to close

    def stop(self) -> None:
        """End, when what is under way is done."""
        self._stopping.set()
        self._ticking.stop()
        self._looking.set()
        if self._nudges:
            self._nudges.stop()
        self._predicting.stop()
        for thread in self._threads:
            thread.join(STOP_SECONDS)

    def nudge(self) -> None:
        """Let this service, and those that share its Redis, look now: something was written."""
        self._looking.set()
        if self._nudges:
            self._nudges.send()

    def _begin(self, what: Callable[[], None], name: str) -> None:
        thread = threading.Thread(target=what, name=name, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _look(self) -> None:
        quiet = 0.0
        while not self._stopping.is_set():
            self._looking.clear()
            try:
                self._look_once()
                if quiet <= 0.0:
                    quiet = SILENCE_SECONDS
                    self._tell_silences()
            except AssayError as error:
                self._problem("news", str(error))
            except Exception:  # noqa: BLE001 - the thread must go on; the log has the bug
                logger().exception("bug", where="pulse")
            quiet -= LOOK_SECONDS
            self._looking.wait(LOOK_SECONDS)

    def _look_once(self) -> None:
        with self._ticking.writing:
            found = self._pulse.look()
        for one in found:
            self._hub.publish(one.topic, one.data)
            if isinstance(one, BarsCame) and one.has_closed and self._is_ours(one):
                self._predicting.ask(one.series)
        for part in ("bars", "database"):
            self._problem(part, self._pulse.problems.get(part))
        away = self._nudges is not None and self._nudges.is_up is False
        self._problem("redis", "Redis is away; news are looked for without it" if away else None)

    def _tell_silences(self) -> None:
        for one in self._pulse.silences():
            self._hub.publish(one.topic, one.data)

    def _is_ours(self, came: BarsCame) -> bool:
        if self._nudges is None:
            return True
        return self._nudges.claim(f"{came.series}:{came.last.isoformat()}")

    def _problem(self, part: str, sentence: str | None) -> None:
        """Push what is wrong with a part, or that nothing is any more, when that changes."""
        if self._problems.get(part) == sentence:
            return
        if sentence is None:
            self._problems.pop(part, None)
            logger().info("well again", part=part)
        else:
            self._problems[part] = sentence
            logger().warning("problem", part=part, sentence=sentence)
        self._hub.publish("status", self.status())

    def status(self) -> dict[str, Any]:
        """Return what is wrong with each part, in sentences, and where simulated markets are."""
        return {
            "problems": dict(self._problems),
            "simulated_now": self._ticking.now,
            "simulate_every": self._serving.simulate_every,
        }

    def _warm(self) -> None:
        try:
            self._predicting.warm()
        except AssayError as error:
            self._problem("predicting", str(error))

    def _tick(self) -> None:
        every = self._serving.simulate_every
        assert every is not None
        try:
            self._ticking.run(timedelta(seconds=every))
        except AssayError as error:
            self._problem("ticking", str(error))
        except Exception:  # noqa: BLE001 - the service goes on; the log has the bug
            logger().exception("bug", where="ticking")
            self._problem("ticking", "The simulated market has stopped: a bug; the log has more")
