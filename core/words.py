"""The words that a person may choose in the workbook (R7, R14). Standard library only: the add-in ships it."""

from collections.abc import Mapping

ACTIONS: Mapping[str, tuple[str, ...]] = {
    "No change": ("Ask",),
    "Reconcile": ("Approve", "Dismiss", "Ask"),
    "New revenue": ("Add line", "Dismiss", "Ask"),
    "No usage": ("End line", "Dismiss", "Ask"),
    "Not known": ("Dismiss", "Ask"),
}
"""What may be decided in each state, in the order of the drop-down."""

COST_ACTIONS = ("Update cost", "Dismiss", "Ask")
"""What may be decided for a service's cost (R15)."""

YES, NO = "Yes", "No"

CYCLES: Mapping[int, str] = {1: "Monthly", 3: "Quarterly", 6: "Half-yearly", 12: "Annual"}
"""Names of billing cycles, by their months."""

REASON_OTHER = "other (see note)"
REASONS = (
    "included in bundle",
    "billed elsewhere",
    "not billable",
    "corrected next month",
    "commitment",
    "vendor count wrong",
    "mapping wrong",
    "customer disputes",
    REASON_OTHER,
)
"""Why a line is dismissed, or decided otherwise than proposed; the last one wants a note."""

MAP, INCLUDE, INTERNAL, FREE, EXCLUDE = "Map", "Include", "Internal", "Free", "Exclude"
"""What may be decided for an unmapped account or service (R13)."""
