"""Document properties: each once, under a number of its own, and short enough."""

import re
from collections import Counter
from xml.etree.ElementTree import Element

from workbooks.checker.faults import Note
from workbooks.checker.numbers import whole
from workbooks.checker.text import meant, units

_LONGEST = 255
_TIME = re.compile(r"\d{4}(-\d\d(-\d\d(T\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)?)?)?)?")


def check_custom(root: Element, note: Note) -> None:
    """Properties that a program adds."""
    numbers, names = set[int](), set[str]()
    for one in root.iter("property"):
        name, number = one.get("name", ""), whole(one.get("pid"))
        if not 2 <= number < 1 << 31 or number in numbers:
            note(name, f"its pid {one.get('pid')!r} is not a number of its own", "number the properties from 2")
        if not 1 <= units(name) <= _LONGEST or name.casefold() in names:
            note(name, "its name is empty, too long or another property's", f"name each with 1 to {_LONGEST} characters")
        numbers.add(number)
        names.add(name.casefold())
        text = "".join(inner.text or "" for inner in one)
        if len(one) != 1:
            note(name, "it has no value", "give it one")
        if units(meant(text)) > _LONGEST:
            note(name, f"its text has {units(meant(text))} characters", f"cut it to {_LONGEST}")


def check_core(root: Element, note: Note) -> None:
    """Title, author and times."""
    for tag, count in Counter(one.tag for one in root).items():
        if count > 1:
            note(tag.rpartition("}")[2], f"it stands there {count} times", "keep one")
    for one in root:
        name = one.tag.rpartition("}")[2]
        if name in ("created", "modified") and not _TIME.fullmatch((one.text or "").strip()):
            note(name, f"{one.text!r} is no time", "write one like 2026-11-30T09:30:00Z")
