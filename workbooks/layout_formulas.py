"""The formulas of a vendor's row, with columns by name. `computed` holds the same in Python; a test compares them."""

from core.words import REASON_OTHER

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
