"""Words that follow their number."""


def counted(number: int, word: str) -> str:
    """1 problem, 2 problems."""
    return f"{number:,} {word}" if number == 1 else f"{number:,} {word}s"
