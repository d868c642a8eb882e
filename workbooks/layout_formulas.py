"""The formulas of a vendor's row, with columns by name. `computed` holds the same in Python; a test compares them.

The decision stands in them as a number, which the hidden column Choice works out once: 0 none, -1 not a choice for the state,
and else its place in CHOICES. So the long Check stays short in a file where it stands in every row.
"""

from core.words import REASON_OTHER

CHOICES = ("Approve", "Add line", "End line", "Dismiss", "Ask")
APPROVE, ADD_LINE, END_LINE, DISMISS, ASK = range(1, len(CHOICES) + 1)
NOT_A_CHOICE = -1

CHOICE = (
    'IF(TRIM({decision})="",0,IF(ISNUMBER(SEARCH("|"&TRIM({decision})&"|",{legal})),'
    "MATCH(TRIM({decision}),{" + ",".join(f'"{word}"' for word in CHOICES) + "},0),-1))"
)

_STARTS_A_PERIOD = (
    "AND(MOD((YEAR({from})-YEAR({effective_date}))*12+MONTH({from})-MONTH({effective_date}),MAX(1,{months}))=0,"
    "DAY({from})=MIN(DAY({effective_date}),DAY(EOMONTH({from},0))))"
)
_BELOW_COMMITMENT = (
    'AND({choice}=1,{commitment}<>"",{measure}="units",ISNUMBER({new_quantity}),{new_quantity}<{committed},'
    "IF(ISNUMBER({from}),{from}<{can_reduce_from},TRUE))"
)
_NEEDS_REASON = (
    'OR({choice}=4,AND({choice}=3,{proven}="No"),'
    'AND({choice}<3,OR(AND({measure}="units",ISNUMBER({new_quantity}),{to_bill}<>"",{new_quantity}<>{to_bill}),'
    'AND(ISNUMBER({new_price}),IF({measure}="units",AND({price_floor}<>"",{new_price}<{price_floor}),'
    "{new_price}<>{proposed_price})))),"
    'AND({choice}<4,ISNUMBER({from}),{invoiced_through}<>"",{from}<={invoiced_through}))'
)
_WORDS_OF_BELOW = '"below "&{commitment}'

CHECK = (
    "IF({choice}=0,"
    'IF(OR({quantity}<>"",{from}<>"",{add_to}<>"",{new_price}<>"",{stepped}<>""),"choose a decision",'
    'IF({state}="No change","no action",IF({large}="Yes","open, large","open"))),'
    'IF({choice}=-1,"not a choice for this state",'
    'IF(AND({quantity}<>"",NOT(ISNUMBER({quantity}))),"quantity is not a number",'
    'IF(AND({new_price}<>"",NOT(ISNUMBER({new_price}))),"price is not a number",'
    'IF(AND({from}<>"",NOT(ISNUMBER({from}))),"From is not a date",'
    'IF(AND({choice}<3,{measure}="money",OR({quantity}<>"",{stepped}<>"")),"type a New price, no quantity",'
    'IF(AND({stepped}<>"",{choice}>2),"empty its Dated steps",'
    'IF(AND({stepped}<>"",OR({quantity}<>"",{from}<>"")),"on Dated steps or here: keep one",'
    'IF(AND({choice}<3,{price_used}=""),"type a New price",'
    'IF(AND({choice}=1,{measure}="units",{proposed}="No",{quantity}="",{stepped}=""),"type a quantity",'
    'IF(AND({choice}<3,ISNUMBER({quantity}),{quantity}=0),"0 is not a quantity to bill",'
    'IF(AND({choice}=2,{add_to}=""),"choose an agreement",'
    'IF(AND({choice}<4,ISNUMBER({from}),{earliest}<>"",{from}<{earliest}),"date in a closed period",'
    f'IF(IF(AND(OR({{choice}}=1,{{choice}}=3),ISNUMBER({{from}}),{{prorates}}="No",{{effective_date}}<>""),'
    f'NOT({_STARTS_A_PERIOD}),FALSE),"no proration: choose a period\'s start",'
    f'IF(AND({{reason}}="",{_BELOW_COMMITMENT}),{_WORDS_OF_BELOW}&": reason needed",'
    f'IF(AND({{reason}}="",{_NEEDS_REASON}),"reason needed",'
    f'IF(AND({{note}}="",OR({{choice}}=5,AND({{choice}}=4,TRIM({{reason}})="{REASON_OTHER}"))),"note needed",'
    f'IF({_BELOW_COMMITMENT},"ok, "&{_WORDS_OF_BELOW},IF(AND({{large}}="Yes",{{choice}}<4),"ok, large","ok")))))))))))))))))))'
)
"""What is missing or inconsistent in a row. `check_column` says the same in Python; a test holds them together."""

DIFFERENCE = 'IF(OR({state}="Not known",{to_bill}=""),"",ROUND({to_bill}-{psa_quantity},4))'
STEP_REFS, STEP_ENDS = "Tieout_stepped", "Tieout_stepped_to"
"""Defined names of the columns of Dated steps that rows look at: whose a step is, and what remains of a line's steps."""

STEPPED = f'IF(COUNTIFS({STEP_REFS},{{ref}},{STEP_ENDS},">0")=0,"",SUMIFS({STEP_ENDS},{STEP_REFS},{{ref}}))'
NEW_QUANTITY = (
    'IF(ISNUMBER({quantity}),{quantity},IF({stepped}<>"",{stepped},'
    'IF({proposed}="No","",IF({measure}="money",1,IF({to_bill}="","",{to_bill})))))'
)
PRICE_USED = (
    'IF(ISNUMBER({new_price}),{new_price},IF({proposed_price}<>"",{proposed_price},'
    'IF(OR({measure}="money",{unit_price}=""),"",{unit_price})))'
)
REVENUE_AFTER = (
    'IF({state}="Not known","",IF({state}="No change",{revenue_before},'
    'IF(OR({state}="No usage",AND({state}="Reconcile",{choice}=3),{bill_customer}<>"Billable"),0,'
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
