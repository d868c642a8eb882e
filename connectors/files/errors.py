"""What went wrong with a file, and where. A file is taken whole or refused whole."""

from collections.abc import Sequence

from core.records import Problem

LISTED = 20
"""Problems named in one refusal; the rest are counted."""


class ImportRefused(Exception):  # noqa: N818 -- named for what happened to the file
    """The file was not taken. Correct what the problems name, or export it again, and import it once more."""

    def __init__(self, problems: Sequence[Problem], more: int = 0) -> None:
        self.problems = tuple(problems)
        self.more = more
        tail = [f"and {more:,} more"] if more else []
        super().__init__("\n".join([*map(str, self.problems), *tail]))


def refused(place: str, message: str) -> ImportRefused:
    """A refusal for one reason."""
    return ImportRefused([Problem(place, message)])


class Findings:
    """Collects the problems of a file, so that one refusal names them all in the order of their rows."""

    def __init__(self) -> None:
        self._found: list[tuple[int, Problem]] = []
        self._places: set[str] = set()
        self.rows: set[int] = set()

    def add(self, row: int, place: str, message: str) -> None:
        self._found.append((row, Problem(place, message)))
        self._places.add(place)
        self.rows.add(row)

    def __contains__(self, place: str) -> bool:
        return place in self._places

    def refuse_if_any(self) -> None:
        """Raises ImportRefused where something was found."""
        if self._found:
            ordered = [problem for _, problem in sorted(self._found, key=lambda found: found[0])]
            raise ImportRefused(ordered[:LISTED], max(0, len(ordered) - LISTED))
