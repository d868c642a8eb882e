"""The first day that a row's period does not cover, from an end that layouts mean in two ways."""

import datetime as dt
from collections.abc import Sequence

from connectors.files.profile import End
from connectors.files.reading import Reading
from core.periods import DAY, add_months

Span = tuple[dt.date | None, dt.date | None]

MONTH_DAYS = 28
"""A shorter period cannot show whether its end is the last day or the day after it."""


def until_column(reading: Reading) -> list[dt.date | None]:
    """The first day after each row's period."""
    spans = list(zip(reading.column("start"), reading.column("end"), strict=True))
    end = reading.profile.end
    if end is End.DETECT:
        end = _shown_by(spans)
        if any(last is not None for _, last in spans):
            reading.notes.append(_SAID[end])
    known = {span: _until(*span, end) for span in set(spans)}
    return [known[span] for span in spans]


def whole_months(starts: Sequence[dt.date | None], untils: Sequence[dt.date | None]) -> list[int | None]:
    """The months of each period that is made of whole ones; None for the others."""
    spans = list(zip(starts, untils, strict=True))
    known = {span: _months(*span) for span in set(spans)}
    return [known[span] for span in spans]


def _months(start: dt.date | None, until: dt.date | None) -> int | None:
    if start is None or until is None:
        return None
    months = (until.year - start.year) * 12 + until.month - start.month
    return months if months > 0 and add_months(start, months) == until else None


_SAID = {
    End.LAST_DAY: "the end of a period is taken as its last day",
    End.FIRST_DAY_AFTER: "the end of a period is taken as the first day after it",
    End.DETECT: "the ends of its periods are of two kinds: each row was judged by itself",
}


def _shown_by(spans: Sequence[Span]) -> End:
    """What all the file's whole months show; where they show both, or nothing, each row is judged by itself."""
    after = sum(1 for start, end in set(spans) if _ends_on_day_after(start, end))
    last = sum(1 for start, end in set(spans) if end is not None and _ends_on_day_after(start, end + DAY))
    if after and last:
        return End.DETECT
    return End.FIRST_DAY_AFTER if after else End.LAST_DAY


def _ends_on_day_after(start: dt.date | None, end: dt.date | None) -> bool:
    return start is not None and end is not None and (end - start).days >= MONTH_DAYS and end.day == start.day


def _until(start: dt.date | None, end: dt.date | None, meaning: End) -> dt.date | None:
    if end is None:
        return None
    after = meaning is End.FIRST_DAY_AFTER or (meaning is End.DETECT and _ends_on_day_after(start, end))
    return end if after else end + DAY
