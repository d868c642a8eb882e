"""How a workbook that holds only some customers or vendors of a run says so."""

from collections.abc import Sequence
from dataclasses import dataclass

from core.run import Reconciliation
from workbooks.identity import Identity
from workbooks.layout_costs import COSTS
from workbooks.layout_tables import NO_VENDOR, UNMAPPED_ACCOUNTS, UNMAPPED_SERVICES

NAMED = 5
"""Names that a line of text gives; of more it gives the number."""

NEVER_HELD = (UNMAPPED_ACCOUNTS.name, UNMAPPED_SERVICES.name, COSTS.name)
"""Sheets that no slice has: what is not mapped belongs to nobody yet, and the catalogue's costs are everybody's."""
OF_NO_VENDOR = (NO_VENDOR.name,)
"""Sheets that no slice of vendors has."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A slice beside the run that it was taken from."""

    identity: Identity
    rows: int
    rows_of_run: int
    unmapped_accounts: int  # of the run
    unmapped_services: int

    @classmethod
    def of(cls, held: Reconciliation, run: Reconciliation, identity: Identity) -> "Slice | None":
        """None: the workbook holds the whole run."""
        if identity.whole:
            return None
        return cls(identity, rows_of(held), rows_of(run), len(run.unmapped_accounts), len(run.unmapped_services))

    @property
    def headline(self) -> str:
        return f"Only: {held(self.identity)}; {self.rows:,} of {self.rows_of_run:,} rows"

    @property
    def never_held(self) -> tuple[str, ...]:
        """Sheets that such a slice cannot have."""
        return (*NEVER_HELD, *(OF_NO_VENDOR if self.identity.vendors else ()))

    @property
    def completeness(self) -> tuple[str, ...]:
        """Why no proof of completeness stands here, and what no slice holds."""
        run = f"run {self.identity.run_id}, revision {self.identity.revision}"
        accounts, services = _counted(self.unmapped_accounts, "account"), _counted(self.unmapped_services, "service")
        proven = f"That every row of every file stands somewhere is proven on the cover of the whole run's workbook ({run})."
        unmapped = f"What is not mapped belongs to no customer yet and is decided there: {accounts} and {services} of this run."
        return (proven, unmapped, *((NO_VENDORS_LINES,) if self.identity.vendors else ()))


NO_VENDORS_LINES = "PSA lines that no vendor counts, or that are not compared, are no vendor's and stand there too."


def rows_of(reconciliation: Reconciliation) -> int:
    """Rows of all table sheets."""
    found = reconciliation
    frames = (found.comparisons, found.no_vendor, found.not_compared, found.unmapped_accounts, found.unmapped_services)
    return sum(len(frame) for frame in frames)


def named(names: Sequence[str]) -> str:
    """The names in a line of text."""
    more = f" and {len(names) - NAMED} more" if len(names) > NAMED else ""
    return ", ".join(names[:NAMED]) + more


def held(identity: Identity) -> str:
    """Whose rows a slice holds: Contoso; Pax8; Contoso at Pax8."""
    return " at ".join(named(names) for names in (identity.customers, identity.vendors) if names)


def only(identity: Identity) -> str:
    """What stands behind the run on every sheet of a slice; empty on a whole workbook."""
    return "" if identity.whole else f" · only {held(identity)}"


def _counted(count: int, what: str) -> str:
    return f"{count:,} unmapped {what}{'' if count == 1 else 's'}"
