"""The columns of a vendor's sheet behind the decision: the collapsed group, and the hidden ones for the way back."""

from workbooks.layout import Column, Group, Kind, Role, key_column
from workbooks.layout_formulas import (
    CHOICE,
    MARGIN_AFTER,
    NEW_QUANTITY,
    PRICE_PART,
    PRICE_USED,
    QUANTITY_PART,
    REVENUE_AFTER,
    STEPPED,
)


def _detail(name: str, header: str, width: float, kind: Kind, legend: str, **more: object) -> Column:
    """A column of the collapsed group; it shows the field of its own name unless told otherwise."""
    return Column(name, header, width, kind, legend, **({"field": name, "group": Group.OUTLINE} | more))  # type: ignore[arg-type]


OUTLINE = (
    _detail("agreement", "Agreement", 24, Kind.TEXT, "The agreement that the line stands on."),
    _detail("cause", "Cause", 13, Kind.TEXT, "Why it differs: stale data, mapping, commitment, timing or a billing gap."),
    _detail("vendor_account", "Vendor account", 24, Kind.TEXT, "The vendor's name for the customer."),
    _detail("vendor_service", "Vendor service", 26, Kind.TEXT, "What the vendor counts or sells."),
    _detail("term", "Term", 16, Kind.TEXT, "Term and billing plan of the subscription."),
    _detail("can_reduce_from", "Can reduce from", 11, Kind.DATE, "End of the vendor's commitment."),
    _detail("bought", "Bought", 8, Kind.QUANTITY, "Licences bought: what is compared."),
    _detail("assigned", "Assigned", 8, Kind.QUANTITY, "Licences assigned to people; for information."),
    _detail("included", "Included", 8, Kind.QUANTITY, "Units of the line that the agreement gives free of charge."),
    _detail("minimum", "Minimum", 8, Kind.QUANTITY, "Fewest units billed, by the service's rule."),
    _detail("last_month", "Last month", 8, Kind.QUANTITY, "Vendor quantity of the period before."),
    _detail("since", "Since", 11, Kind.DATE, "Since when the vendor counts the quantity."),
    _detail(
        "missed",
        "Missed so far",
        11,
        Kind.MONEY,
        "What the last invoiced period should have billed more; to be billed by hand where the PSA cannot.",
    ),
    _detail(
        "effective_date", "Starts", 11, Kind.DATE, "First day of the change if From is empty: the first period not yet invoiced."
    ),
    _detail(
        "invoiced_through", "Invoiced through", 11, Kind.DATE, "Last day that the PSA has invoiced; empty: the PSA does not say."
    ),
    _detail("starts", "Billed from", 11, Kind.DATE, "First day that the PSA bills the line; empty: it does not say."),
    _detail("ends", "Not billed from", 11, Kind.DATE, "First day that the line is not billed; empty: no end is scheduled."),
    _detail("unit_price", "Unit price", 10, Kind.PRICE, "Price of one unit for one billing cycle."),
    _detail("proposed_price", "Proposed price", 10, Kind.PRICE, "Lines measured in money: the price that Approve writes."),
    _detail("catalogue_price", "Catalogue price", 10, Kind.PRICE, "The PSA catalogue's price."),
    _detail(
        "new_price",
        "New price",
        10,
        Kind.PRICE,
        "Only where another unit price is to be billed.",
        field=None,
        role=Role.INPUT,
        hint="Only to bill another unit price.",
    ),
    _detail("unit_cost", "Unit cost", 10, Kind.PRICE, "Cost of one unit as recorded in the PSA."),
    _detail(
        "vendor_unit_cost", "Vendor unit cost", 10, Kind.PRICE, "The vendor's cost of one unit over one billing cycle of the line."
    ),
    _detail("vendor_cost", "Vendor cost", 11, Kind.MONEY, "What the vendor charges for it per month; the same before and after."),
    _detail("revenue_before", "Revenue before", 11, Kind.MONEY, "Monthly revenue as it is billed now."),
    _detail(
        "new_quantity",
        "New quantity",
        8,
        Kind.QUANTITY,
        "The quantity that is billed if the row is approved.",
        field=None,
        role=Role.FORMULA,
        formula=NEW_QUANTITY,
    ),
    _detail(
        "price_used",
        "Price used",
        10,
        Kind.PRICE,
        "The unit price that is billed if the row is approved.",
        field=None,
        role=Role.FORMULA,
        formula=PRICE_USED,
    ),
    _detail(
        "revenue_after",
        "Revenue after",
        11,
        Kind.MONEY,
        "Monthly revenue if the row is approved.",
        role=Role.FORMULA,
        formula=REVENUE_AFTER,
    ),
    _detail(
        "margin_after",
        "Margin after",
        11,
        Kind.MONEY,
        "Revenue after minus vendor cost.",
        field=None,
        role=Role.FORMULA,
        formula=MARGIN_AFTER,
    ),
    _detail("billing_cycle", "Billing cycle", 10, Kind.TEXT, "How often the line is billed.", field=None),
    _detail("months", "Months", 7, Kind.COUNT, "Months of one billing cycle."),
    _detail(
        "in_arrears",
        "Advance or arrears",
        10,
        Kind.TEXT,
        "Whether a period is billed before or after it.",
        words=("Arrears", "Advance"),
    ),
    _detail("prorates", "Prorates", 9, Kind.TEXT, "Whether the agreement bills parts of a period.", words=("Yes", "No")),
    _detail("next_invoice_effect", "Next invoice effect", 11, Kind.MONEY, "What the proposal changes on the next invoice."),
    _detail("bill_customer", "Bill customer", 10, Kind.TEXT, "Billable, or NoCharge and DoNotBill, which bill nothing."),
    _detail("measure", "Measure", 8, Kind.TEXT, "Whether units or money are compared."),
    _detail("age", "Age", 6, Kind.COUNT, "Months in a row that the line has stood open, this one counted."),
    _detail("as_of", "As of", 11, Kind.DATE, "The day that the vendor's data speaks of."),
    _detail("currency", "Currency", 8, Kind.TEXT, "Currency of every amount in the row."),
    _detail(
        "large",
        "Large",
        7,
        Kind.TEXT,
        "A change above the thresholds of the settings; its effect is printed bold.",
        words=("Yes", "No"),
    ),
    _detail(
        "proposed",
        "Proposed",
        9,
        Kind.TEXT,
        "No: several lines share the difference, and a quantity must be typed.",
        words=("Yes", "No"),
    ),
    _detail("proven", "Proven", 8, Kind.TEXT, "No: ending the line wants a reason.", words=("Yes", "No")),
    _detail("psa_ids", "PSA ids", 30, Kind.TEXT, "Line, agreement and service in the PSA.", field=None),
)


def _machine(name: str, header: str, kind: Kind = Kind.TEXT, **more: object) -> Column:
    settings = {"field": name, "role": Role.HIDDEN, "group": Group.HIDDEN} | more
    return Column(name, header, 10, kind, "For the way back.", **settings)  # type: ignore[arg-type]


HIDDEN = (
    key_column(),
    _machine("fingerprint", "Fingerprint"),
    _machine("vendor", "Vendor"),
    _machine("customer_id", "Client id"),
    _machine("service_id", "Service id"),
    _machine("agreement_id", "Agreement id"),
    _machine("line_id", "Line id"),
    _machine("vendor_service_id", "Vendor service id"),
    _machine("group_size", "Lines in group", Kind.COUNT),
    _machine("group_to_bill", "Group to bill", Kind.QUANTITY),
    _machine("to_decide", "To decide", field=None),
    _machine("agreement_list", "Agreement list", Kind.COUNT, field=None),
    _machine("legal", "Legal", field=None),
    _machine("price_floor", "Price floor", Kind.PRICE, field=None),
    _machine("earliest", "Earliest", Kind.DATE, field=None),
    _machine("committed", "Committed", Kind.QUANTITY, field=None),
    _machine("commitment", "Commitment", field=None),
    _machine("stepped", "Stepped to", Kind.QUANTITY, field=None, role=Role.FORMULA, formula=STEPPED),
    _machine("choice", "Choice", Kind.COUNT, field=None, role=Role.FORMULA, formula=CHOICE),
    _machine("price_part", "Price part", Kind.MONEY, field=None, role=Role.FORMULA, formula=PRICE_PART),
    _machine("quantity_part", "Quantity part", Kind.MONEY, field=None, role=Role.FORMULA, formula=QUANTITY_PART),
)
