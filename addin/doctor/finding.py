"""What an examination found."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """How it stands."""

    GOOD = "ok"
    WRONG = "WRONG"  # a button will not work
    CARE = "care"  # works, or cannot be told from here
    ELSEWHERE = "-"  # does not apply to this system


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing that was looked at: what, how it stands, what was seen, and how to mend it."""

    what: str
    verdict: Verdict
    seen: str
    mend: str = ""

    def __str__(self) -> str:
        told = f"{self.verdict:<6} {self.what}: {self.seen}"
        return f"{told}\n       To mend it: {self.mend}" if self.mend else told


def good(what: str, seen: str) -> Finding:
    return Finding(what, Verdict.GOOD, seen)


def wrong(what: str, seen: str, mend: str) -> Finding:
    return Finding(what, Verdict.WRONG, seen, mend)


def care(what: str, seen: str, mend: str = "") -> Finding:
    return Finding(what, Verdict.CARE, seen, mend)


def elsewhere(what: str, system: str) -> Finding:
    return Finding(what, Verdict.ELSEWHERE, f"only where Excel runs on {system}")
