"""The columns of the sheets to look things up on: Clients, where to begin, and Evidence, the seats behind each count."""

from workbooks.layout import Column, Group, Kind, Sheet, key_column
from workbooks.layout_columns import detail, machine, shown

CLIENTS = Sheet(
    "Clients",
    "Clients",
    "Where to begin: each client's rows and money, worst first. One row a currency. To look up.",
    (
        shown("customer", "Client", 30, Kind.TEXT, "The customer, as the PSA names it.", group=Group.FROZEN),
        shown("billing_cycle", "Billing cycle", 18, Kind.TEXT, "How often its compared lines are billed."),
        shown("services", "Services", 9, Kind.COUNT, "PSA services of its rows."),
        shown("lines", "Rows", 8, Kind.COUNT, "Its rows on the vendors' sheets."),
        shown("seats", "Seats counted", 10, Kind.QUANTITY, "Units that vendors count for it; lines measured in money left out."),
        shown("discrepancies", "To decide", 9, Kind.COUNT, "Rows that differ: Reconcile, New revenue, No usage."),
        shown("not_known", "Not known", 9, Kind.COUNT, "Rows without proof either way."),
        shown("open", "Open when issued", 9, Kind.COUNT, "Rows that waited for somebody when the run was made."),
        shown("money", "At stake per month", 13, Kind.MONEY, "Sum of the absolute effects, whatever their direction."),
        shown("effect", "Effect per month", 14, Kind.MONEY, "What revenue changes by if all is approved as proposed."),
        shown("not_priced", "Not priced", 9, Kind.COUNT, "Rows that differ whose effect is not known."),
        shown("revenue", "Revenue per month", 13, Kind.MONEY, "What is billed for its compared lines now."),
        shown("currency", "Currency", 9, Kind.TEXT, "Currency of the row."),
        detail("customer_id", "Client id", 14, Kind.TEXT, "The customer's id in the PSA."),
        key_column(),
    ),
)

EVIDENCE = Sheet(
    "Evidence",
    "Evidence",
    "The vendors' rows behind each count: what counts, what is money only, and why. To look up; nothing typed here is read.",
    (
        Column(
            "ref", "Ref", 6, Kind.COUNT, "Number of the row on its vendor's sheet that this stands behind.", group=Group.FROZEN,
            prints=True, centred=True,
        ),
        shown("customer", "Client", 17, Kind.TEXT, "The customer, as the PSA names it.", group=Group.FROZEN),
        shown("service", "PSA service", 18, Kind.TEXT, "The PSA service that it is counted for.", group=Group.FROZEN),
        shown("vendor", "Vendor", 11, Kind.TEXT, "Who counts it."),
        shown("subscription_id", "Subscription", 21, Kind.TEXT, "The vendor's id of the subscription; empty: a plain count."),
        shown("term", "Term", 17, Kind.TEXT, "Term and billing plan."),
        shown("quantity", "Bought", 8, Kind.QUANTITY, "Quantity of the vendor's row; the client's share where clients share it."),
        shown("counted", "Counted", 8, Kind.QUANTITY, "Units that it counts; empty: money only."),
        shown("why", "Why", 15, Kind.TEXT, "Why it counts nothing, or not what it says; empty: it counts as it stands."),
        shown("amount", "Amount", 10, Kind.MONEY, "What the row charges, before tax; the client's share where clients share it."),
        shown("currency", "Currency", 9, Kind.TEXT, "Currency of the row."),
        shown("source", "Source", 23, Kind.TEXT, "The file or connection that it was read from."),
        shown("row", "Row", 7, Kind.COUNT, "Its row there."),
        shown("account", "Vendor account", 18, Kind.TEXT, "The vendor's name for the customer.", prints=False),
        shown("assigned", "Assigned", 8, Kind.QUANTITY, "Licences assigned to people; for information.", prints=False),
        shown("start", "From", 11, Kind.DATE, "First day that the row covers.", prints=False),
        shown("until", "Until before", 11, Kind.DATE, "First day that it no longer covers.", prints=False),
        shown("unit_cost", "Unit cost", 9, Kind.PRICE, "Of one unit and one full period.", prints=False),
        detail("vendor_service", "Vendor service", 26, Kind.TEXT, "What the vendor counts or sells."),
        detail("kind", "Kind", 12, Kind.TEXT, "What the row is: charge, count, usage, refund, cancellation, proration."),
        detail("cost_months", "Period, months", 9, Kind.COUNT, "Months of the full period that the unit cost is for."),
        detail("can_reduce_from", "Can reduce from", 11, Kind.DATE, "End of the vendor's commitment."),
        detail("account_id", "Account id", 18, Kind.TEXT, "The vendor's id of the account."),
        detail("vendor_service_id", "Vendor service id", 20, Kind.TEXT, "The vendor's id of the service."),
        machine("line_key", "Line"),
        key_column(),
    ),
)  # fmt: skip
