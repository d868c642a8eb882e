"""Relationships: each has an id of its own and leads to a part that is there and of the type that is meant."""

import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import unquote
from xml.etree.ElementTree import Element

from workbooks.checker.faults import Faults
from workbooks.checker.package import IllFormedError, Package
from workbooks.checker.packing import OF_RELATIONSHIP, ContentTypes

LONGEST_ADDRESS = 2_079
"""Characters that Excel takes of a link's address."""


@dataclass(frozen=True, slots=True)
class Relationship:
    """Where an id leads: `kind` is the last word of its type, `target` a part, or an address outside the file."""

    kind: str
    target: str
    external: bool


Relationships = Mapping[str, Mapping[str, Relationship]]
"""By the part that has them ("" is the package), then by id."""


def read_relationships(package: Package, types: ContentTypes, faults: Faults) -> Relationships:
    """The relationships of every part."""
    found = {}
    for part in package.parts:
        folder, name = posixpath.split(part)
        if name.endswith(".rels") and posixpath.basename(folder) == "_rels":
            source = posixpath.join(posixpath.dirname(folder), name.removesuffix(".rels"))
            try:
                found[source] = _of_part(package, types, part, source, faults)
            except IllFormedError as error:
                faults.of(part)("", str(error), "write it anew")
    return found


def _of_part(package: Package, types: ContentTypes, part: str, source: str, faults: Faults) -> dict[str, Relationship]:
    note, found = faults.of(part), dict[str, Relationship]()
    for one in package.tree(part).iter("Relationship"):
        number, made = one.get("Id", ""), _made(one, source)
        if not number or number in found:
            note(number, f"two relationships have the id {number!r}" if number else "a relationship has no id", "give each its own")
        found[number] = made
        if made.external:
            if len(made.target) > LONGEST_ADDRESS + 100 or re.search(r"[\x00-\x20]", made.target):
                note(number, "it leads to an address that is too long or holds spaces", "shorten it, write %20 for a space")
        elif made.target not in package.parts and not one.get("Target", "").startswith(("#", "NULL")):
            note(number, f"it leads to {made.target}, which is not there", "add the part or remove the relationship")
        elif (wanted := OF_RELATIONSHIP.get(made.kind)) and types.of(made.target) not in (wanted, None):
            note(number, f"{made.target} has the content type {types.of(made.target)}", f"state the one of a {made.kind}: {wanted}")
    return found


def _made(one: Element, source: str) -> Relationship:
    kind, target = one.get("Type", "").rpartition("/")[2], one.get("Target", "")
    external = one.get("TargetMode") == "External"
    return Relationship(kind, target if external else _resolved(target, source), external)


def _resolved(target: str, source: str) -> str:
    target = unquote(target.partition("#")[0])
    if target.startswith("/"):
        return target.lstrip("/")
    return posixpath.normpath(posixpath.join(posixpath.dirname(source), target))


def target_of(relationships: Relationships, source: str, kind: str) -> str | None:
    """The part of that kind that a part leads to."""
    return next((r.target for r in relationships.get(source, {}).values() if r.kind == kind and not r.external), None)
