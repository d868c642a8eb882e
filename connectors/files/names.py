"""What a file's name says: the vendor, and the day its data speaks of."""

import datetime as dt
import re

from core.periods import Period

_DATE = re.compile(r"(?<!\d)(20\d{2})[-_. ]?(0[1-9]|1[0-2])(?:[-_. ]?(0[1-9]|[12]\d|3[01]))?(?!\d)")
_WORDS = frozenset(
    """invoice invoices usage report reports export exports count counts license licenses licence licences billing bill data
    file details detail list seats users devices agents monthly month final copy
    january february march april may june july august september october november december
    jan feb mar apr jun jul aug sep sept oct nov dec""".split()  # noqa: SIM905 -- a list of 40 words is no clearer one a line
)


def vendor_of(stem: str) -> str:
    """The vendor, from a name such as `huntress-usage-2026-11`."""
    words = [word for word in re.split(r"[\s_\-.()]+", _DATE.sub(" ", stem)) if word]
    kept = [word for word in words if word.casefold() not in _WORDS and not word.isdigit()]
    return " ".join(word.capitalize() if word.islower() else word for word in kept) or stem.strip() or "Vendor"


def as_of_name(stem: str) -> dt.date | None:
    """The day in the name, or the last day of the month in it."""
    found = _DATE.search(stem)
    if not found:
        return None
    year, month = int(found[1]), int(found[2])
    last = Period(year, month).until - dt.timedelta(days=1)
    return dt.date(year, month, min(int(found[3]), last.day)) if found[3] else last
