"""The ribbon: structure by the rules that Microsoft publishes for customUI14 ([MS-CUSTOMUI] 2.3), checked by hand here because its
schema is in no package that could be installed; and the list of buttons."""

import re
from xml.etree.ElementTree import Element

import pytest

from addin.commands import COMMANDS
from addin.excel import Press
from addin.ribbon import GROUPS, buttons
from addin.ribbon_xml import NAMESPACE, ribbon_xml
from tests.addin.conftest import Made
from tests.addin.other_readers import parsed

CHILDREN = {"customUI": {"ribbon"}, "ribbon": {"tabs"}, "tabs": {"tab"}, "tab": {"group"}, "group": {"button"}, "button": set()}
REQUIRED = {"tab": {"id"}, "group": {"id"}, "button": {"id"}}
LABELLED = {"id", "label"}
ALLOWED = {
    "tab": LABELLED,
    "group": LABELLED,
    "button": {*LABELLED, "size", "imageMso", "screentip", "supertip", "onAction"},
}
LONGEST = 1024


def faults(root: Element) -> list[str]:
    """What Office would refuse."""
    found, ids = [], list[str]()
    for parent in root.iter():
        name = parent.tag.removeprefix(f"{{{NAMESPACE}}}")
        if name not in CHILDREN:
            found.append(f"{parent.tag} is no element of customUI14")
            continue
        found += [f"{child.tag} in {name}" for child in parent if child.tag.removeprefix(f"{{{NAMESPACE}}}") not in CHILDREN[name]]
        found += [f"{name} lacks {one}" for one in REQUIRED.get(name, set()) - parent.attrib.keys()]
        found += [f"{name} has {one}" for one in parent.attrib.keys() - ALLOWED.get(name, set())]
        found += [f"{key} of {len(value)} characters" for key, value in parent.items() if not 1 <= len(value) <= LONGEST]
        ids += [parent.attrib["id"]] if "id" in parent.attrib else []
        if parent.get("size", "large") not in ("normal", "large"):
            found.append(f"size {parent.get('size')}")
    found += [f"id {one}" for one in ids if ids.count(one) > 1 or not re.fullmatch(r"[A-Za-z_][\w.-]*", one)]
    return found


def test_it_is_what_office_takes() -> None:
    assert faults(parsed(ribbon_xml())) == []


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('size="large"', 'sise="large"'),
        ('size="large"', 'size="huge"'),
        ('id="submit"', 'id="status"'),
        ('id="submit"', 'id="1"'),
        ("<tabs>", "<tabz>"),
        ("2009/07", "2006/01"),
        (' label="Tieout"', ' label=""'),
    ],
)
def test_the_check_sees_a_fault(old: str, new: str) -> None:
    text = ribbon_xml().decode().replace(old, new).replace("</tabs>", "</tabs>" if new != "<tabz>" else "</tabz>")
    assert faults(parsed(text))


def test_the_buttons_are_those_of_the_month_from_left_to_right() -> None:
    assert [one.label for one in buttons()] == [
        "Sign in", "Get workbook", "Refresh", "Accept selected", "Dismiss selected", "Ask", "Clear", "Validate", "Dry run",
        "Submit", "Status", "Undo", "Help",
    ]  # fmt: skip


def test_every_button_says_what_it_does_and_whether_anything_is_sent() -> None:
    for one in buttons():
        assert re.fullmatch(r"[a-z_]+", one.id)
        assert re.fullmatch(r"[A-Za-z]+", one.icon)
        assert one.supertip.endswith(".")
        assert one.screentip != one.label
    decide = next(group for group in GROUPS if group.label == "Decide")
    assert all("Nothing is sent." in one.supertip for one in decide.buttons)


def test_every_command_has_its_button() -> None:
    assert COMMANDS.keys() <= {one.id for one in buttons()}


def test_help_names_every_button_the_version_and_the_log(machine: Made) -> None:
    press = Press(next(one for one in buttons() if one.id == "help"), "", None, machine())
    said = COMMANDS["help"](press) or ""
    assert all(f"\n{one.label}: " in said for one in buttons())
    assert str(machine().log_file) in said
