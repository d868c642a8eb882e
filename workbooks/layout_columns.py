"""Columns in short: shown, typed, in the collapsed group, and for machines."""

from workbooks.layout import Choices, Column, Group, Kind, Role


def shown(name: str, header: str, width: float, kind: Kind, legend: str, **more: object) -> Column:
    """A printed column that shows the field of its own name, unless told otherwise."""
    return Column(name, header, width, kind, legend, **({"field": name, "prints": True} | more))  # type: ignore[arg-type]


def typed(
    name: str, header: str, width: float, kind: Kind, legend: str, hint: str, choices: Choices = Choices.NONE, prints: bool = True
) -> Column:
    """A column that a person types in."""
    return Column(name, header, width, kind, legend, role=Role.INPUT, hint=hint, choices=choices, prints=prints)


def detail(name: str, header: str, width: float, kind: Kind, legend: str) -> Column:
    """A column of the collapsed group; it shows the field of its own name."""
    return Column(name, header, width, kind, legend, field=name, group=Group.OUTLINE)


def machine(name: str, header: str, words: tuple[str, str] | None = None) -> Column:
    """A hidden column for the way back."""
    return Column(name, header, 10, Kind.TEXT, "For the way back.", field=name, role=Role.HIDDEN, group=Group.HIDDEN, words=words)
