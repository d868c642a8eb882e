"""The buckets of the completeness proof (R16), in the order in which the cover prints them."""

IN = "in"

TO_LINES = "to PSA lines"
NEW_REVENUE = "new revenue"
NOTHING_USED = "nothing used, not billed"
INCLUDED = "included"
INTERNAL = "internal"
FREE = "free"
EXCLUDED = "excluded"
UNMAPPED = "unmapped"
CREDITS = "credits and one-offs"
OTHER_PERIOD = "another period"

VENDOR = (TO_LINES, NEW_REVENUE, NOTHING_USED, INCLUDED, INTERNAL, FREE, EXCLUDED, UNMAPPED, CREDITS, OTHER_PERIOD)

COMPARED = "compared"
NO_USAGE = "no usage"
NOT_KNOWN = "not known"
NO_VENDOR = "no vendor"
OUT_OF_SCOPE = "out of scope"

PSA = (COMPARED, NO_USAGE, NOT_KNOWN, NO_VENDOR, OUT_OF_SCOPE)

DECISIONS = ("approved", "added", "ended", "dismissed", "asked", "suspended", "open")
