"""Which permissions requests to ConnectWise need, and which of them the keys' role lacks. Asking changes nothing.

What `/system/mySecurity` answers for the keys of an API member is UNSURE, and so are the names in it: they are compared
loosely, and where nothing usable comes back, the first record to be changed is given an empty list of changes. That a PSA
answers that with 403 where the role lacks the permission, and else changes nothing, is UNSURE as well.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from connectors.client import ReadClient
from connectors.connectwise_requests import LONGEST_PAGE
from connectors.errors import GrantPermission, WillNotHelp
from connectors.fields import Fields
from connectors.paging import BY_ID, Query, link_pages
from connectors.write_client import WriteClient
from connectors.writing import Outcome, Request

INQUIRE_COMPANIES = "Companies > Company Maintenance: Inquire"
INQUIRE_AGREEMENTS = "Finance > Agreements: Inquire"
INQUIRE_CATALOGUE = "Procurement > Product Catalog and Products: Inquire"
INQUIRE_CYCLES = "System > Table Setup: Inquire"

SECURITY = "/system/mySecurity"
PAGES = link_pages(LONGEST_PAGE)
ALL, LEVELS = "All", ("None", "My", "All")


@dataclass(frozen=True, slots=True)
class Permission:
    """What a method on a path needs, and how the role's list of functions names it, in small letters without spaces."""

    title: str
    method: str
    path: re.Pattern[str]
    module: str
    function: re.Pattern[str]
    level: str  # the field that holds it


ADDITIONS, ADDITION = re.compile(r"/finance/agreements/\d+/additions"), re.compile(r"/finance/agreements/\d+/additions/\d+")
CATALOGUE = re.compile(r"/procurement/catalog/\d+")
AGREEMENTS, PRODUCTS = re.compile(r"agreements?"), re.compile(r"(product)?catalog(ue)?(s|items|and\w*)?|productcatalog\w*")
"""Whole names: `Agreement Sales` is another function."""

PERMISSIONS = (
    Permission("Finance > Agreements: Edit", "PATCH", ADDITION, "finance", AGREEMENTS, "editLevel"),
    Permission("Finance > Agreements: Add", "POST", ADDITIONS, "finance", AGREEMENTS, "addLevel"),
    Permission("Finance > Agreements: Delete", "DELETE", ADDITION, "finance", AGREEMENTS, "deleteLevel"),
    Permission(
        "Procurement > Product Catalog and Products: Edit", "PATCH", CATALOGUE, "procurement", PRODUCTS, "editLevel"
    ),
)  # fmt: skip


def missing(reads: ReadClient, writes: WriteClient, requests: Iterable[Request]) -> list[str]:
    """The permissions that these requests need and the role lacks, by ConnectWise's names; only those shown to be lacking."""
    first = _first_of_each(requests)
    functions = _functions(reads) if first else []
    return [needed.title for needed, request in first.items() if _lacks(needed, request, functions, writes)]


def _first_of_each(requests: Iterable[Request]) -> dict[Permission, Request]:
    found: dict[Permission, Request] = {}
    for request in requests:
        for needed in PERMISSIONS:
            if request.method == needed.method and needed.path.fullmatch(request.path):
                found.setdefault(needed, request)
    return {needed: found[needed] for needed in PERMISSIONS if needed in found}


def _lacks(needed: Permission, request: Request, functions: list[Mapping[str, Any]], writes: WriteClient) -> bool:
    levels = _levels(needed, functions)
    if levels:
        return ALL not in levels
    if request.method != "PATCH":
        return False
    writes.ready()
    return writes.send(Request("PATCH", request.path, [])).outcome is Outcome.NOT_ALLOWED


def _levels(needed: Permission, functions: list[Mapping[str, Any]]) -> set[str]:
    """What the role's functions of that name say, those of the module before others."""
    named = [row for row in functions if any(needed.function.fullmatch(name) for name in _names(row, "moduleFunction"))]
    own = [row for row in named if any(needed.module in name for name in _names(row, "module"))]
    return {str(row[needed.level]) for row in own or named if row.get(needed.level) in LEVELS}


def _names(row: Mapping[str, Any], what: str) -> list[str]:
    found = (row.get(f"{what}{kind}") for kind in ("Name", "Description", "Identifier"))
    return [re.sub(r"[^a-z]", "", str(name).casefold()) for name in found if name]


def _functions(reads: ReadClient) -> list[Mapping[str, Any]]:
    """The role's functions with their levels; none where the API does not tell them."""
    rows: dict[str, Mapping[str, Any]] = {}
    following: Query | None = {**BY_ID, **PAGES.first}
    try:
        while following is not None:
            answer = reads.find(SECURITY, following, "what the role may do", "list")
            page = _page(answer.body) if answer else {}
            following = PAGES.following(following, answer) if answer and not page.keys() <= rows.keys() else None
            rows |= page
    except (GrantPermission, WillNotHelp):
        return []
    return list(rows.values())


def _page(body: Any) -> dict[str, Mapping[str, Any]]:
    rows = body if isinstance(body, list) else []
    return {Fields(row).text("id", str(at)): row for at, row in enumerate(rows) if isinstance(row, Mapping)}
