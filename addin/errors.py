"""What goes wrong beside Excel, named by what to do about it. The message is what the person reads."""

# ruff: noqa: N818 - each name says what happened, not that something did


class AddInError(Exception):
    """Base of all: `str(error)` is one or two plain sentences that say what happened and what to do."""


class Damaged(AddInError):
    """A file is not what its name says: fetch or build it anew."""


class TemplateChanged(AddInError):
    """The installed xlwings is not one that this version was checked with: install one that is."""


class NotInstalled(AddInError):
    """Nothing was put in place: do what the message says, then install again."""


class NotReady(AddInError):
    """The person has to do something first, in Excel or at a terminal."""


class Unreachable(AddInError):
    """The service gave no answer: look at the network, then press the button again; nothing is done twice."""


class Declined(AddInError):
    """The service declined, and says why: mend that, then press the button again."""

    def __init__(self, said: str, problems: "tuple[tuple[str, str], ...]" = ()) -> None:
        super().__init__(said)
        self.problems = problems  # (place, message), as the service names them


class NotKnown(Declined):
    """The service knows no such thing."""
