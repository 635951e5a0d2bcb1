"""A stop that lands inside compiled code is neither lost nor shown as a fault."""

import _thread
import sys
from threading import Timer

LATER_SECONDS = 0.01


def keep_interrupts() -> None:
    """Let a Ctrl-C that a callback of a C library swallowed end the command all the same.

    Python can only report such an exception and go on; here it is raised again in the main thread,
    in silence. Everything else that cannot be raised is reported as before.
    """
    report = sys.unraisablehook

    def raise_again(unraisable: "sys.UnraisableHookArgs") -> None:
        if issubclass(unraisable.exc_type, KeyboardInterrupt):
            Timer(LATER_SECONDS, _thread.interrupt_main).start()  # not inside this report
        else:
            report(unraisable)

    sys.unraisablehook = raise_again
