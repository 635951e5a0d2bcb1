"""When a story that was fetched could first be known: seen, or assumed to have been there."""

from datetime import datetime, timedelta

SOON = timedelta(minutes=15)
"""What is fetched so soon after it could be had was seen then."""


def first_seen(
    worded_at: datetime, late: timedelta, now: datetime, answered: tuple[datetime, datetime] | None
) -> tuple[datetime, bool]:
    """Return when a story worded at `worded_at` could first be known, and whether that is assumed.

    Its source tells it `late` after it was worded, and it is fetched `now`. `answered` is the span
    for which the source had answered before without telling it: was it due in that span, it came
    later than it says, and is seen now. Only what lies in a time in which nobody looked is assumed
    to have been there when it was due.
    """
    due = worded_at + late
    was_asked = answered is not None and answered[0] < worded_at and due <= answered[1]
    if was_asked or now - due <= SOON:
        return now, False
    return due, True
