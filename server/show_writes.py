"""What the terminal shows of dry runs, submissions and receipts."""

from collections.abc import Iterable, Iterator, Sequence

from core.costs import CostRow
from server.receipts import Receipt, progress, receipts
from server.show import money, table
from server.store import Store
from server.store.write_records import SubmissionState, WriteState
from server.submitting import DryRun
from server.words import counted
from server.write_back.submitting import Money, Verdict
from server.write_back.undoing import Credit

SIGNS = {
    WriteState.DONE: "done", WriteState.CONFLICT: "CONFLICT", WriteState.REFUSED: "REFUSED", WriteState.ASKED: "LOOK AT IT",
    WriteState.CANCELLED: "cancelled", WriteState.PLANNED: "to send", WriteState.SENDING: "sending", WriteState.UNKNOWN: "unclear",
}  # fmt: skip
"""What stands before a change; capitals where a person must act."""


def dry_run(found: DryRun) -> Iterator[str]:
    """What would be written, where, from when, with its effect on the next invoice."""
    rows = [("Customer", "Agreement", "What", "From", "Effect/month", "Next invoice", "")]
    for one in found.foreseen:
        c = one.change
        extra = f" + {money(c.catch_up)}" if c.catch_up else ""
        after = f"{money(c.next_invoice_before)} to {money(c.next_invoice_after)}{extra} {c.currency}"
        verdict = "" if one.verdict is Verdict.WRITE else f"{one.verdict}: {one.said}"
        large = "large" if c.large and not verdict else ""
        rows.append((c.customer, c.agreement, c.what, c.effective_date.isoformat(), money(c.effect), after, verdict or large))
    if found.foreseen:
        yield from table(rows, right=(4,))
    yield from sums(found.money)
    yield from (f"notice: {notice}" for notice in found.notices)
    yield from (f"permission is missing: {name}" for name in found.missing)
    counts = {verdict: sum(1 for f in found.foreseen if f.verdict is verdict) for verdict in Verdict}
    yield ", ".join(f"{count} {verdict}" for verdict, count in counts.items() if count) or "nothing is to be written"
    if found.large:
        yield "large changes wait for a second person: tieout approve SUBMISSION"


def sums(found: Iterable[Money]) -> Iterator[str]:
    for m in found:
        catch_up = f", and once {money(m.catch_up)}" if m.catch_up else ""
        invoice = f"next invoices {money(m.next_invoice_before)} to {money(m.next_invoice_after)}{catch_up}"
        yield f"{counted(m.changes, 'change')} in {m.currency or 'no currency'}: {money(m.effect)} a month; {invoice}"


def submissions(store: Store) -> Iterator[str]:
    """Every submission, newest first."""
    listed = store.writes.submissions()
    if not listed:
        yield "nothing was submitted yet: tieout submit FILE.xlsx --dry-run shows what a returned workbook would write"
        return
    found = [("Submission", "Run", "Made", "By", "State", "Changes")]
    for s in listed:
        about = progress(store, s.id)
        counts = ", ".join(f"{count} {SIGNS[state].lower()}" for state, count in about.counts.items())
        found.append((s.id, s.run_id, f"{s.created_at:%Y-%m-%d %H:%M} UTC", s.by, str(about.state), counts))
    yield from table(found)


def submission(store: Store, submission_id: str) -> Iterator[str]:
    """A submission with a receipt for each change."""
    about = progress(store, submission_id)
    s = about.submission
    yield f"submission {s.id} of run {s.run_id}: {about.state}, made {s.created_at:%Y-%m-%d %H:%M} UTC by {s.by}"
    if s.approved_by:
        yield f"  approved by {s.approved_by}"
    elif s.large:
        yield "  its large changes wait for a second person: tieout approve"
    yield from told(receipts(store, submission_id))
    if about.state is SubmissionState.RUNNING:
        yield "the rest goes on while tieout serve runs, or with: tieout resume " + s.id


def told(found: Sequence[Receipt]) -> Iterator[str]:
    """A line for each change, and what the PSA showed."""
    for receipt in found:
        c = receipt.change
        mark = " (large)" if c.large else ""
        who = f"{c.customer}, " if c.customer else ""
        yield f"  {SIGNS[receipt.outcome]:10}  {c.id:>5}  {who}{c.what}, from {c.effective_date}{mark}"
        if receipt.said:
            yield f"{'':21}{receipt.said}"


def credit(found: Iterable[Credit]) -> Iterator[str]:
    for c in found:
        yield f"  to credit by hand: {c.change.customer}, {c.change.what}: {c.said}"


def costs(rows: Sequence[CostRow]) -> Iterator[str]:
    """Vendors' costs beside the catalogue's."""
    if not rows:
        yield "no vendor of this run says what a unit costs"
        return
    found = [("Product", "Service", "Catalogue", "Vendor, a unit and month", "Lines", "Own cost", "")]
    for row in rows:
        theirs = "; ".join(
            f"{v.vendor} {v.cost:f} {v.currency} ({v.units:f} units)".replace(".0000 units", " units") for v in row.vendor_costs
        )
        note = "mixed: nothing is proposed" if row.mixed else "differs" if row.differs else ""
        cost = f"{row.service.cost:f}".rstrip("0").rstrip(".") if row.service.cost is not None else "none"
        found.append((row.service.service_id, row.service.service, cost, theirs, str(len(row.carrying)), str(len(row.own)), note))
    yield from table(found, right=(2, 4, 5))
