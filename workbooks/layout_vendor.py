"""The columns of a vendor's sheet. The decision stands inside the first screen of a laptop."""

from core.words import REASON_OTHER
from workbooks.layout import Choices, Column, Group, Kind, Role, Sheet, key_column

_DECIDED = "TRIM({decision})"
_LEGAL = (
    f'OR({_DECIDED}="Ask",AND({_DECIDED}="Dismiss",{{state}}<>"No change"),AND({_DECIDED}="Approve",{{state}}="Reconcile"),'
    f'AND({_DECIDED}="Add line",{{state}}="New revenue"),'
    f'AND({_DECIDED}="End line",OR({{state}}="No usage",{{state}}="Reconcile")))'
)
_BILLS = f'OR({_DECIDED}="Approve",{_DECIDED}="Add line")'
_FLOOR = 'IF({vendor_unit_cost}<>"",{vendor_unit_cost},{unit_cost})'
_NEEDS_REASON = (
    f'OR({_DECIDED}="Dismiss",AND({_DECIDED}="End line",{{proven}}="No"),'
    f'AND({_BILLS},OR(AND(ISNUMBER({{quantity}}),{{to_bill}}<>"",{{quantity}}<>{{to_bill}}),'
    'AND(ISNUMBER({new_price}),{measure}="units",{catalogue_price}<>"",{new_price}<{catalogue_price}),'
    f'AND(ISNUMBER({{new_price}}),{{measure}}="units",{{new_price}}<{_FLOOR}),'
    'AND(ISNUMBER({new_price}),{measure}="money",{new_price}<>{proposed_price}))),'
    f'AND(OR({_BILLS},{_DECIDED}="End line"),ISNUMBER({{from}}),{{invoiced_through}}<>"",{{from}}<={{invoiced_through}}))'
)

CHECK = (
    f'IF({_DECIDED}="",'
    'IF(OR({quantity}<>"",{from}<>"",{add_to}<>"",{new_price}<>""),"choose a decision",'
    'IF({state}="No change","no action","open")),'
    f'IF(NOT({_LEGAL}),"not a choice for this state",'
    'IF(AND({quantity}<>"",NOT(ISNUMBER({quantity}))),"quantity is not a number",'
    'IF(AND({new_price}<>"",NOT(ISNUMBER({new_price}))),"price is not a number",'
    'IF(AND({from}<>"",NOT(ISNUMBER({from}))),"From is not a date",'
    f'IF(AND({_BILLS},{{measure}}="money",{{quantity}}<>""),"type a New price, no quantity",'
    f'IF(AND({_BILLS},{{price_used}}=""),"type a New price",'
    f'IF(AND({_DECIDED}="Approve",{{measure}}="units",{{proposed}}="No",{{quantity}}=""),"type a quantity",'
    f'IF(AND({_BILLS},ISNUMBER({{quantity}}),{{quantity}}=0),"0 is not a quantity to bill",'
    f'IF(AND({_DECIDED}="Add line",{{add_to}}=""),"choose an agreement",'
    f'IF(AND({{reason}}="",{_NEEDS_REASON}),"reason needed",'
    f'IF(AND({{note}}="",OR({_DECIDED}="Ask",AND({_DECIDED}="Dismiss",TRIM({{reason}})="{REASON_OTHER}"))),"note needed",'
    '"ok"))))))))))))'
)
"""What is missing or inconsistent in a row. `computed.check` says the same in Python; a test holds them together."""

DIFFERENCE = 'IF(OR({state}="Not known",{to_bill}=""),"",ROUND({to_bill}-{psa_quantity},4))'
NEW_QUANTITY = 'IF(ISNUMBER({quantity}),{quantity},IF({proposed}="No","",IF({measure}="money",1,IF({to_bill}="","",{to_bill}))))'
PRICE_USED = (
    'IF(ISNUMBER({new_price}),{new_price},IF({proposed_price}<>"",{proposed_price},'
    'IF(OR({measure}="money",{unit_price}=""),"",{unit_price})))'
)
REVENUE_AFTER = (
    f'IF({{state}}="Not known","",IF({{state}}="No change",{{revenue_before}},'
    f'IF(OR({{state}}="No usage",AND({{state}}="Reconcile",{_DECIDED}="End line"),{{bill_customer}}<>"Billable"),0,'
    'IF(OR({new_quantity}="",{price_used}=""),"",'
    "ROUND(ROUND(MAX(0,{new_quantity}-{included})*{price_used},2)/MAX(1,{months}),2)))))"
)
EFFECT = 'IF({revenue_after}="","",ROUND({revenue_after}-{revenue_before},2))'
PRICE_PART = (
    'IF(OR({state}<>"Reconcile",{effect}="",{new_quantity}="",{unit_price}="",{bill_customer}<>"Billable"),0,'
    "ROUND({revenue_after}-ROUND(ROUND(MAX(0,{new_quantity}-{included})*{unit_price},2)/MAX(1,{months}),2),2))"
)
QUANTITY_PART = 'IF({effect}="",0,ROUND({effect}-{price_part},2))'
MARGIN_AFTER = 'IF(OR({revenue_after}="",{vendor_cost}=""),"",ROUND({revenue_after}-{vendor_cost},2))'

_FROZEN = (
    Column(
        "ref",
        "Ref",
        6,
        Kind.COUNT,
        "Number of the row in this workbook, to speak about it.",
        group=Group.FROZEN,
        prints=True,
        centred=True,
    ),
    Column("customer", "Client", 21, Kind.TEXT, "The customer, as the PSA names it.", "customer", group=Group.FROZEN, prints=True),
    Column(
        "service",
        "PSA service",
        22,
        Kind.TEXT,
        "What is billed, as the PSA names it.",
        "service",
        group=Group.FROZEN,
        prints=True,
    ),
)

_SHOWN = (
    Column(
        "state",
        "State",
        12,
        Kind.TEXT,
        "What the comparison says; the states are explained above.",
        "state",
        prints=True,
        centred=True,
    ),
    Column("change", "Change", 6, Kind.TEXT, "The direction of the change, as a symbol.", prints=True, centred=True),
    Column(
        "psa_quantity",
        "PSA quantity",
        7,
        Kind.QUANTITY,
        "What the PSA will bill from the effective date on.",
        "psa_quantity",
        prints=True,
    ),
    Column("vendor_quantity", "Vendor quantity", 7, Kind.QUANTITY, "What the vendor counts.", "vendor_quantity", prints=True),
    Column(
        "to_bill",
        "To bill",
        7,
        Kind.QUANTITY,
        "Vendor quantity after minimum, multiplier, share and rounding up; an amount where the line is measured in money.",
        "to_bill",
        prints=True,
    ),
    Column(
        "difference",
        "Difference",
        8.5,
        Kind.QUANTITY,
        "To bill minus PSA quantity: positive means too little is billed.",
        "difference",
        Role.FORMULA,
        formula=DIFFERENCE,
        prints=True,
    ),
    Column(
        "effect",
        "Effect per month",
        11,
        Kind.MONEY,
        "Monthly revenue after the change minus before, in the row's currency; follows what is typed. "
        "Empty: not known or not priced.",
        "effect",
        Role.FORMULA,
        formula=EFFECT,
        prints=True,
    ),
    Column("why", "Why", 23, Kind.TEXT, "What was found, in one sentence.", "why", prints=True),
    Column(
        "decision",
        "Decision",
        10,
        Kind.TEXT,
        "Approve bills what is counted (or the quantity typed beside it). Add line puts new revenue on an agreement. "
        "End line stops billing what "
        "nobody uses. Dismiss leaves the line as it is, with a reason. Ask passes it on, with a note. Empty: not reviewed.",
        role=Role.INPUT,
        choices=Choices.ACTION,
        hint="Choose from the list. Empty means not reviewed.",
        prints=True,
    ),
    Column(
        "quantity",
        "Quantity",
        8,
        Kind.QUANTITY,
        "Only where another quantity than To bill is to be billed; wants a reason.",
        role=Role.INPUT,
        hint="Only to bill another quantity than To bill. Wants a reason.",
        prints=True,
    ),
    Column(
        "from",
        "From",
        11,
        Kind.DATE,
        "First day of the change. Empty: the day in Starts.",
        role=Role.INPUT,
        hint="First day of the change, as a date. Empty: the day in column Starts.",
        prints=True,
    ),
    Column(
        "add_to",
        "Add to agreement",
        24,
        Kind.TEXT,
        "For Add line: the agreement of this client that the new line goes on.",
        role=Role.INPUT,
        choices=Choices.AGREEMENT,
        hint="Only for Add line: choose one of this client's open agreements.",
    ),
    Column(
        "reason",
        "Reason",
        18,
        Kind.TEXT,
        "Needed for Dismiss, for another quantity than To bill, a price below catalogue or cost, a backdated change "
        "and an unproven end.",
        role=Role.INPUT,
        choices=Choices.REASON,
        hint="From the list for Dismiss; otherwise in your words.",
    ),
    Column(
        "note",
        "Note",
        24,
        Kind.TEXT,
        "Anything the next reader should know; for Ask: who, and what.",
        role=Role.INPUT,
        hint="For Ask: who is asked, and what.",
    ),
    Column("check", "Check", 16, Kind.TEXT, "What is missing or inconsistent in this row.", role=Role.FORMULA, formula=CHECK),
    Column("result", "Result", 14, Kind.TEXT, "What became of the decision; filled in after submission."),
)


def _detail(name: str, header: str, width: float, kind: Kind, legend: str, **more: object) -> Column:
    """A column of the collapsed group; it shows the field of its own name unless told otherwise."""
    return Column(name, header, width, kind, legend, **({"field": name, "group": Group.OUTLINE} | more))  # type: ignore[arg-type]


_OUTLINE = (
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
    _detail("vendor_unit_cost", "Vendor unit cost", 10, Kind.PRICE, "What the vendor charges for one unit and one full period."),
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


_HIDDEN = (
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
    _machine("price_part", "Price part", Kind.MONEY, field=None, role=Role.FORMULA, formula=PRICE_PART),
    _machine("quantity_part", "Quantity part", Kind.MONEY, field=None, role=Role.FORMULA, formula=QUANTITY_PART),
)

VENDOR = Sheet(
    "Vendor",
    "Lines_",
    "Every line of the vendor, largest effect first. Decide in the yellow cells.",
    _FROZEN + _SHOWN + _OUTLINE + _HIDDEN,
)
