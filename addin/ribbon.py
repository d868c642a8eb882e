"""The ribbon as plain data: what the buttons are called, where they stand and what they are for. The ribbon's XML, the list in the
VBA and the commands all derive from it."""

from collections.abc import Iterator
from dataclasses import dataclass

TAB_ID, TAB_LABEL = "tieoutTab", "Tieout"


@dataclass(frozen=True, slots=True)
class Button:
    """One button. Its id names the command; icons are Office's own (imageMso)."""

    id: str
    label: str
    icon: str
    screentip: str
    supertip: str
    large: bool = False
    needs_workbook: bool = True  # a workbook of Tieout's must be open


@dataclass(frozen=True, slots=True)
class Group:
    """Buttons that stand together under one title."""

    id: str
    label: str
    buttons: tuple[Button, ...]


GROUPS = (
    Group("tieoutService", "Service", (
        Button(
            "sign_in", "Sign in", "AccountMenu", "Sign in to the Tieout service",
            "Keeps your token in this computer's keyring and tells who you are. The service's address stands in your settings.",
            needs_workbook=False,
        ),
        Button(
            "get_workbook", "Get workbook", "FileOpen", "Get a reconciliation workbook",
            "Fetches the workbook of a run from the service, saves it where you say and opens it.",
            large=True, needs_workbook=False,
        ),
        Button(
            "refresh", "Refresh", "RefreshAll", "Refresh from the service",
            "Reads what was decided and written since and shows it in this workbook. What you typed stays.",
        ),
    )),
    Group("tieoutDecide", "Decide", (
        Button(
            "accept_selected", "Accept selected", "AcceptInvitation", "Accept the selected rows",
            "Puts the accepting decision of each selected, visible row: Approve, Add line or End line. Nothing is sent.",
            large=True,
        ),
        Button(
            "dismiss_selected", "Dismiss selected", "DeclineInvitation", "Dismiss the selected rows",
            "Asks for a reason and dismisses each selected, visible row. Nothing is sent.",
        ),
        Button(
            "ask", "Ask", "NewNote", "Ask somebody about the selected rows",
            "Asks for a note and a person, and puts Ask into each selected, visible row. Nothing is sent.",
        ),
        Button(
            "clear", "Clear", "Clear", "Clear the decisions of the selected rows",
            "Empties the yellow cells of each selected, visible row. Nothing is sent.",
        ),
    )),
    Group("tieoutSend", "Send", (
        Button(
            "validate", "Validate", "SpellingMenu", "Check the decisions",
            "Checks every decision in this workbook and names the cells that cannot be used. Nothing is written to the PSA.",
        ),
        Button(
            "dry_run", "Dry run", "PrintPreviewMenu", "Show what would be written",
            "Shows what would be written to the PSA, where and from which date. Nothing is written.",
        ),
        Button(
            "submit", "Submit", "FileSendAsAttachment", "Submit the decisions",
            "Shows how many lines would be written, asks once more and sends the decisions; the service writes them to the PSA.",
            large=True,
        ),
    )),
    Group("tieoutAfterwards", "Afterwards", (
        Button(
            "status", "Status", "Info", "Show where the submission stands",
            "Reads the receipts of this workbook's submissions and fills the column Result.",
        ),
        Button(
            "undo", "Undo", "Undo", "Take written lines back",
            "Shows what the receipts let be taken back for the selected rows, asks you once more, and sends it.",
        ),
        Button(
            "help", "Help", "Help", "What the buttons do",
            "Tells what each button does, which version this is, and where its log file is.",
            needs_workbook=False,
        ),
    )),
)  # fmt: skip
"""From left to right."""


def buttons() -> Iterator[Button]:
    """Every button, from left to right."""
    return (button for group in GROUPS for button in group.buttons)


def button(button_id: str) -> Button | None:
    """The button of that id; None where the ribbon has none."""
    return next((one for one in buttons() if one.id == button_id), None)
