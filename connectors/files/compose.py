"""Texts composed of columns: "{sku} | {term}", parts that are blank or already said left out."""

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

JOINED = " | "
_PLACEHOLDER = re.compile(r"\{(\w+)\}")


def placeholders(templates: Sequence[str]) -> list[str]:
    """The columns that templates name, each once."""
    return list(dict.fromkeys(name for template in templates for name in _PLACEHOLDER.findall(template)))


def compose(templates: Sequence[str], columns: Mapping[str, Sequence[Any]], length: int) -> list[str | None]:
    """For each row the first template whose first part is not blank; None where all are."""
    names = placeholders(templates)
    blank = [None] * length
    made: dict[tuple[Any, ...], str | None] = {}
    result = []
    for values in zip(*(columns.get(name) or blank for name in names), strict=True):
        if values not in made:
            texts = {name: _text(value) for name, value in zip(names, values, strict=True)}
            made[values] = _first(templates, texts)
        result.append(made[values])
    return result


def _text(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, Decimal):
        return format(value.normalize(), "f")
    return value.isoformat() if isinstance(value, dt.date) else str(value)


def _first(templates: Sequence[str], texts: Mapping[str, str]) -> str | None:
    for template in templates:
        parts = [_part(part, texts) for part in template.split(JOINED)]
        if parts[0]:
            return JOINED.join(_without_repeats(parts))
    return None


def _part(part: str, texts: Mapping[str, str]) -> str:
    names = _PLACEHOLDER.findall(part)
    if names and not any(texts[name] for name in names):
        return ""
    return _PLACEHOLDER.sub(lambda found: texts[found[1]], part).strip(" :,/-")


def _without_repeats(parts: Sequence[str]) -> list[str]:
    kept: list[str] = []
    for part in parts:
        if part and not any(part.casefold() in earlier.casefold() for earlier in kept):
            kept.append(part)
    return kept
