"""The ribbon's XML (customUI14), from the buttons as data."""

from xml.etree.ElementTree import Element, SubElement, tostring

from addin.ribbon import GROUPS, TAB_ID, TAB_LABEL, Button

NAMESPACE = "http://schemas.microsoft.com/office/2009/07/customui"
ON_ACTION = "TieoutRibbon.Tieout_OnAction"
"""The callback, with its module: the ribbon asks all open add-ins by name, and ours must not meet another's."""


def ribbon_xml() -> bytes:
    """The part customUI14.xml."""
    root = Element("customUI", xmlns=NAMESPACE)
    tab = SubElement(SubElement(SubElement(root, "ribbon"), "tabs"), "tab", id=TAB_ID, label=TAB_LABEL)
    for group in GROUPS:
        element = SubElement(tab, "group", id=group.id, label=group.label)
        for one in group.buttons:
            SubElement(element, "button", _attributes(one))
    text = tostring(root, encoding="unicode")
    return f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>\n{text}'.encode()


def _attributes(button: Button) -> dict[str, str]:
    return {
        "id": button.id,
        "label": button.label,
        "size": "large" if button.large else "normal",
        "imageMso": button.icon,
        "screentip": button.screentip,
        "supertip": button.supertip,
        "onAction": ON_ACTION,
    }
