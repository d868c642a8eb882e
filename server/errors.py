"""What the commands refuse, with every problem and its place."""

from collections.abc import Iterable

from core.records import Problem


class Refused(Exception):  # noqa: N818 - named for what happened
    """Nothing was saved or written: mend what the problems name, then try again."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("\n".join(map(str, self.problems)))


def refuse(place: str, message: str) -> Refused:
    """A refusal for one reason."""
    return Refused([Problem(place, message)])
