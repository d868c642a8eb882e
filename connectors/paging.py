"""How an API hands out long lists: what the first page is asked with, and what the next one."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from connectors.client import Answer

Query = Mapping[str, str]

BY_ID: Query = {"orderBy": "id asc"}
"""So that a record that comes in while pages are read does not move the others."""


@dataclass(frozen=True, slots=True)
class Pages:
    """The first page's query, the next one's (None: that was the last), where its rows are, and the total that it states."""

    first: Query
    following: Callable[[Query, Answer], Query | None]
    rows: Callable[[Any], Any]
    total: Callable[[Any], int | None] = lambda body: None


def link_pages(size: int) -> Pages:
    """By the Link header. Only its query is taken: a link cannot lead the keys to another place."""

    def following(query: Query, answer: Answer) -> Query | None:
        link = answer.links.get("next")
        return None if link is None else {**query, **dict(parse_qsl(urlsplit(link).query))}

    return Pages({"page": "1", "pageSize": str(size)}, following, lambda body: body)


def numbered_pages(size: int) -> Pages:
    """By number from 0, as many as the answer's `page` says."""

    def following(query: Query, answer: Answer) -> Query | None:
        number = int(query["page"]) + 1
        return {**query, "page": str(number)} if number < answer.body["page"]["totalPages"] else None

    return Pages(
        {"page": "0", "size": str(size)}, following, lambda body: body["content"], lambda body: body["page"]["totalElements"]
    )
