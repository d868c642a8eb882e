"""How far the sheets that need the past look back. Standard library only: the layout names these figures."""

MOST_A_LINE = 10
"""Entries of the log that a line keeps on the sheet; the store keeps all."""
MONTHS_OF_LOG = 12
MONTHS_CARRIED = 24
"""Periods before this one in which a chain of what was passed over is followed."""
