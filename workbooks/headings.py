"""What stands above the header of each table sheet: the title's details, counts and money, all live."""

from workbooks.headings_history import history_heading
from workbooks.identity import Identity
from workbooks.layout_history import HISTORY
from workbooks.layout_steps import STEPS
from workbooks.layout_vendor import holds_lines
from workbooks.rows import Block
from workbooks.slice import only
from workbooks.summary import currencies
from workbooks.table_sheet import Heading, Total
from workbooks.tallies import count, minus, total, waiting_for


def heading(block: Block, identity: Identity, as_of: str) -> Heading:
    """The heading of a sheet; `as_of` says which day the data speak of."""
    subtitle = f"{identity.entity} · {identity.period.start:%B %Y} · run {identity.run_id} rev {identity.revision}{only(identity)}"
    if holds_lines(block.sheet):
        subtitle += f" · {as_of}"
        return Heading(subtitle, _vendor_counts(block), _amounts(block), block.sheet.positions["effect"])
    if block.sheet in HISTORY:
        return history_heading(block, subtitle)
    if block.sheet is STEPS:
        return Heading(subtitle, (Total("Steps", count(block, {"check": "?*"})),))
    rows = Total("Rows", count(block, {}))
    if "decision" not in block.sheet.positions:
        return Heading(subtitle, (rows,))
    waiting = dict(waiting_for(block))
    opened = minus(count(block, waiting), count(block, waiting | {"decision": "?*"}), 0)
    return Heading(subtitle, (rows, Total("Still open", opened)))


def _vendor_counts(block: Block) -> tuple[Total, ...]:
    deciding = {"to_decide": "Yes"}
    opened = minus(count(block, deciding), count(block, deciding | {"decision": "?*"}), 0)
    return (Total("Lines", count(block, {})), Total("To decide", count(block, deciding)), Total("Still open", opened))


def _amounts(block: Block) -> tuple[Total, ...]:
    made: list[Total] = []
    for currency in currencies(block):
        here = {"currency": currency}
        made += [
            Total(f"Revenue per month now, {currency}", total(block, "revenue_before", here)),
            Total("of it to decide", total(block, "revenue_before", here | {"to_decide": "Yes"})),
            Total(f"Effect per month if all is approved, {currency}", total(block, "effect", here)),
        ]
    return tuple(made)
