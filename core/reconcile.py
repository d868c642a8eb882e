"""The whole comparison: frozen inputs in, a reconciliation out."""

from core import completeness, listing
from core.charges import count_usage
from core.compare import compare
from core.evidence import gather
from core.frames import check, first_of_each, frame, names_of, picked, values
from core.joining import join
from core.records import Agreement, AgreementLine, Charge, NotCompared, Service
from core.resolve import resolve
from core.resting import collector_resting
from core.run import Inputs, Reconciliation
from core.scope import scope_lines
from core.usage_of_parts import usage_of_parts


def reconcile(inputs: Inputs) -> Reconciliation:
    """Compares what the PSA bills with what the vendors count. The same inputs give the same result."""
    with collector_resting():
        return _reconcile(inputs)


def _reconcile(inputs: Inputs) -> Reconciliation:
    check(AgreementLine, inputs.lines)
    check(Charge, inputs.charges)
    counted = count_usage(inputs.charges, inputs.period, inputs.today, inputs.sources)
    services = services_of(inputs)
    agreements = agreements_of(inputs)
    customers = {a.customer_id: a.customer for a in agreements}
    resolved = resolve(inputs.charges, counted.in_period, inputs.mapping, customers, services.values())
    scope = scope_lines(inputs.lines, inputs.today, inputs.settings)
    evidence = gather(inputs, resolved)
    joined = join(inputs, resolved, counted, scope, evidence)
    usage = usage_of_parts(inputs, resolved, counted, joined)
    comparisons = compare(inputs, services, agreements, joined, usage, scope, evidence)
    bucket, units = listing.charge_buckets(resolved, joined), listing.units_of_charges(inputs, counted)
    revenue = listing.revenue_of_lines(inputs.lines)
    no_vendor = listing.no_vendor(inputs, scope, joined, revenue)
    not_compared = listing.charges_not_compared(inputs, resolved, joined, bucket, units)
    return Reconciliation(
        inputs,
        resolved.mapping,
        comparisons,
        no_vendor,
        frame(NotCompared, not_compared + listing.lines_not_compared(inputs, scope, revenue)),
        listing.unmapped_accounts(inputs, resolved, bucket, units),
        listing.unmapped_services(inputs, resolved, bucket, units),
        completeness.ledger(inputs, scope, comparisons, no_vendor, bucket, units, revenue),
        agreements,
    )


def services_of(inputs: Inputs) -> dict[str, Service]:
    """The PSA's services by id: its catalogue, and those that only its lines name, without a price."""
    named = names_of(inputs.lines, "service_id", "service")
    return {i: Service(i, name, None, None) for i, name in named.items()} | {s.service_id: s for s in inputs.services}


def agreements_of(inputs: Inputs) -> tuple[Agreement, ...]:
    """Every agreement that a line names, and those that have none, by customer."""
    names = [name if name != "status" else "agreement_status" for name in Agreement.__dataclass_fields__]
    lines = picked(inputs.lines, first_of_each(inputs.lines, "customer_id", "agreement_id"), names)
    columns = [values(lines[name]) for name in names]
    found = {(a.customer_id, a.agreement_id): a for a in (Agreement(*row) for row in zip(*columns, strict=True))}
    found |= {(a.customer_id, a.agreement_id): a for a in inputs.agreements if (a.customer_id, a.agreement_id) not in found}
    return tuple(sorted(found.values(), key=lambda a: (a.customer, a.agreement_id)))
