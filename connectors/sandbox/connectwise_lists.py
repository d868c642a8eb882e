"""How ConnectWise answers a list: conditions, order, chosen fields, pages by number or forward only, and the Link header."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from connectors.sandbox.conditions import ConditionError, parse, value_at
from connectors.sandbox.connectwise_fields import Field, is_known
from connectors.sandbox.connectwise_model import Refused, Row
from connectors.sandbox.service import Call, Reply

LONGEST_PAGE, USUAL_PAGE = 1000, 25
LIST_PARAMETERS = {
    "conditions", "childconditions", "customfieldconditions", "orderby", "fields", "page", "pagesize", "pageid",
}  # fmt: skip


Shown = Callable[[Row], Row]


@dataclass(frozen=True)
class List:
    """A list that can be asked for: its rows, their fields, and the module whose permission it needs."""

    rows: Callable[[], Sequence[Row]]
    fields: Mapping[str, Field]
    module: str
    shown: Shown = lambda row: row


def matching(call: Call, found: List) -> list[Row]:
    """The rows that the call's conditions select."""
    for name in call.query:
        if name not in LIST_PARAMETERS:
            raise Refused(400, "InvalidRequest", f"there is no parameter {name}")
    rows = [found.shown(row) for row in found.rows()]
    if text := call.query.get("conditions"):
        try:
            test = parse(text, lambda name: is_known(found.fields, name))
        except ConditionError as error:
            raise Refused(400, "InvalidConditions", f"conditions are not valid: {error}") from None
        rows = [row for row in rows if test(row)]
    return rows


def page_of(call: Call, found: List) -> Reply:
    """One page, in the order and with the fields asked for, and the Link header that leads on."""
    rows = matching(call, found)
    for part in reversed([p.split() for p in call.query.get("orderby", "").split(",") if p.strip()]):
        if not is_known(found.fields, part[0]) or len(part) > 2 or part[1:] not in ([], ["asc"], ["desc"]):
            raise Refused(400, "InvalidRequest", "orderBy is not valid")
        rows.sort(key=_order(part[0]), reverse=part[1:] == ["desc"])
    size = min(_whole(call.query.get("pagesize"), USUAL_PAGE), LONGEST_PAGE)
    if call.headers.get("pagination-type", "").lower() == "forward-only":
        page, links = _forward(call, rows, size)
    else:
        number = _whole(call.query.get("page"), 1)
        page, links = rows[(number - 1) * size : number * size], _links(call, number, -(-len(rows) // size))
    names = [name.strip() for name in call.query.get("fields", "").split(",") if name.strip()]
    for name in names:
        if not is_known(found.fields, name):
            raise Refused(400, "InvalidRequest", f"there is no field {name}")
    kept = {name.partition("/")[0] for name in names}
    body = [{n: v for n, v in row.items() if n in kept} for row in page] if names else page
    return Reply(200, body, {"Link": links, "api-current-version": "2025.1"})


def _order(path: str) -> Callable[[Row], Any]:
    return lambda row: (value_at(row, path) is not None, value_at(row, path))


def _whole(text: str | None, usual: int) -> int:
    if text is None or text == "":
        return usual
    if not text.isdecimal() or int(text) < 1:
        raise Refused(400, "InvalidRequest", f"{text!r} is not a page or a size")
    return int(text)


def _link(call: Call, rel: str, **last: int) -> str:
    """The caller's own query, with the page as its last parameter: clients read it from there."""
    asked = {name: value for name, value in call.query.items() if name not in ("page", "pageid")}
    return f'<{call.host}{call.path}?{urlencode({**asked, **last})}>; rel="{rel}"'


def _links(call: Call, number: int, pages: int) -> str:
    others = {"first": 1, "prev": number - 1, "next": number + 1, "last": pages}
    usual = {rel for rel in others if (rel in ("next", "last") and number < pages) or (rel in ("first", "prev") and number > 1)}
    return ", ".join(_link(call, rel, page=page) for rel, page in others.items() if rel in usual)


def _forward(call: Call, rows: list[Row], size: int) -> tuple[list[Row], str]:
    if "orderby" in call.query:
        raise Refused(400, "InvalidRequest", "orderBy cannot be used with forward-only pages")
    after = _whole(call.query.get("pageid"), 1) if call.query.get("pageid", "0") != "0" else 0
    rest = [row for row in rows if row["id"] > after]
    page = rest[:size]
    return page, _link(call, "next", pageId=page[-1]["id"]) if len(rest) > size else ""
