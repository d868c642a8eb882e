"""The columns of Costs: what vendors charge beside the catalogue's cost, and the decision on it (R15)."""

from core.words import REASON_OTHER
from workbooks.layout import Choices, Column, Group, Kind, Role, Sheet, key_column
from workbooks.layout_columns import detail, machine, shown, typed

_DECIDED = "TRIM({decision})"
_UPDATES = f'{_DECIDED}="Update cost"'

CHANGE = (
    'IF({catalogue_cost}="","",IF(ISNUMBER({new_cost}),ROUND({new_cost}-{catalogue_cost},6),'
    'IF({vendor_cost}="","",ROUND({vendor_cost}-{catalogue_cost},6))))'
)

CHECK = (
    f'IF({_DECIDED}="",'
    'IF(OR({new_cost}<>"",{own_too}<>""),"choose a decision",IF({to_decide}="No","no action","open")),'
    f'IF(NOT(OR({_UPDATES},{_DECIDED}="Dismiss",{_DECIDED}="Ask")),"not a choice",'
    'IF(AND({new_cost}<>"",NOT(ISNUMBER({new_cost}))),"cost is not a number",'
    f'IF(AND({_UPDATES},{{new_cost}}="",{{vendor_cost}}=""),"type a New cost",'
    f'IF(AND({{reason}}="",OR({_DECIDED}="Dismiss",'
    f'AND({_UPDATES},ISNUMBER({{new_cost}}),{{vendor_cost}}<>"",{{new_cost}}<>{{vendor_cost}}))),"reason needed",'
    f'IF(AND({{note}}="",OR({_DECIDED}="Ask",AND({_DECIDED}="Dismiss",TRIM({{reason}})="{REASON_OTHER}"),'
    f'AND({_UPDATES},{{state}}="Other currency"))),"note needed","ok"))))))'
)
"""What is missing in a row. `computed_costs` says the same in Python; a test holds them together."""

COSTS = Sheet(
    "Costs",
    "Costs",
    "What vendors charge for a unit and month beside the catalogue's cost. Update cost writes it to the catalogue and its lines.",
    (
        shown("service", "PSA service", 24, Kind.TEXT, "The catalogue's service, as the PSA names it.", group=Group.FROZEN),
        shown("service_id", "PSA service id", 11, Kind.TEXT, "Its id in the PSA.", group=Group.FROZEN),
        shown(
            "state", "State", 11, Kind.TEXT,
            "Differs: the vendor's cost is another one. Mixed: there is more than one cost, so nothing is proposed. "
            "Other currency: the vendor charges in another one than the catalogue's. Same: nothing to do.",
            centred=True,
        ),
        shown("agreements", "Agreements", 10.5, Kind.COUNT, "Agreements that bill the service."),
        shown("carrying", "Lines carrying", 9, Kind.COUNT, "Billed lines with the catalogue's cost: Update cost changes them too."),
        shown("own", "Lines with own cost", 9, Kind.COUNT, "Billed lines with another cost than the catalogue's; left alone."),
        shown("catalogue_cost", "Catalogue cost", 10, Kind.PRICE, "Cost of one unit in the PSA's catalogue."),
        shown(
            "vendor_costs", "Vendor charges, with units", 28, Kind.TEXT,
            "What vendors charge for one unit and month, from the full period's price, and for how many units.",
        ),
        shown("vendor_cost", "Vendor cost", 10, Kind.PRICE, "The one cost that is proposed; empty: type the New cost."),
        Column(
            "change", "Change", 9, Kind.PRICE, "The new cost minus the catalogue's; follows what is typed.",
            role=Role.FORMULA, formula=CHANGE, prints=True,
        ),
        shown("currency", "Currency", 9, Kind.TEXT, "Currency of the catalogue's costs."),
        typed(
            "decision", "Decision", 12, Kind.TEXT,
            "Update cost writes the vendor's cost, or the New cost, to the catalogue and to every billed line that carries the old "
            "one. Dismiss leaves it, with a reason. Ask passes it on, with a note. Empty: not reviewed.",
            "Choose from the list. Empty means not reviewed.", Choices.COST,
        ),
        typed(
            "new_cost", "New cost", 9, Kind.PRICE,
            "Cost of one unit and month; empty: the vendor's. Another one than the vendor's wants a reason; in another currency "
            "the note says at which rate and date.",
            "Empty: the vendor's cost. Needed where costs are mixed or in another currency.",
        ),
        Column(
            "own_too", "Own costs too", 9, Kind.TEXT,
            "Yes: lines with a cost of their own get the new one as well; not those billed for longer than a month or in another "
            "currency.",
            role=Role.INPUT, choices=Choices.YES, hint="Yes: also lines that have a cost of their own.",
        ),
        Column(
            "reason", "Reason", 18, Kind.TEXT, "Needed for Dismiss, and for another cost than the vendor's.", role=Role.INPUT,
            choices=Choices.REASON, hint="From the list for Dismiss; otherwise in your words.",
        ),
        Column(
            "note", "Note", 24, Kind.TEXT, "For Ask: who, and what. For another currency: the rate and its date.", role=Role.INPUT,
            hint="For Ask: who is asked, and what. For another currency: the rate and its date.",
        ),
        Column("check", "Check", 16, Kind.TEXT, "What is missing or inconsistent in this row.", role=Role.FORMULA, formula=CHECK),
        Column("result", "Result", 14, Kind.TEXT, "What became of the decision; filled in after submission."),
        detail("vendors", "Vendors", 20, Kind.TEXT, "Who charges for the service."),
        detail("units", "Units charged", 10, Kind.QUANTITY, "Units that the vendors charge."),
        machine("to_decide", "To decide", ("Yes", "No")),
        machine("fingerprint", "Fingerprint"),
        key_column(),
    ),
)  # fmt: skip
