"""Nothing secret in a log: what looks like a token, and what is known as a secret, is blotted out; a line stays one line."""

import logging
import re
import threading
from collections.abc import Iterable

from connectors.registry import CONNECTORS
from server.errors import Refused
from server.house import House

BLOT = "***"
TOKENS = re.compile(r"(tieout_[a-z0-9]{4,})_[0-9A-Za-z]+|(?i:(bearer|basic)) +[A-Za-z0-9._~+/=-]{8,}")
SHORTEST = 6
"""A known secret shorter than this would blot out ordinary words."""

BREAKS = str.maketrans({"\r": "\\r", "\x1b": "\\x1b", "\x00": "\\x00"})


class Scrubber(logging.Formatter):
    """Formats a record and its traceback, then takes out what nobody is to read."""

    def __init__(self, pattern: str = "%(asctime)s %(levelname)s %(name)s %(message)s") -> None:
        super().__init__(pattern)
        self._known: frozenset[str] = frozenset()
        self._lock = threading.Lock()

    def learn(self, values: Iterable[str]) -> None:
        """Secrets to be taken out from now on."""
        with self._lock:
            self._known |= {value for value in values if len(value) >= SHORTEST}

    def format(self, record: logging.LogRecord) -> str:
        return self.scrubbed(super().format(record))

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - logging names it so
        record.message = record.message.replace("\n", "\\n")
        return super().formatMessage(record)

    def scrubbed(self, text: str) -> str:
        """The text without secrets."""
        for value in sorted(self._known, key=len, reverse=True):
            text = text.replace(value, BLOT)
        return TOKENS.sub(lambda found: f"{found[1]}_{BLOT}" if found[1] else f"{found[2]} {BLOT}", text).translate(BREAKS)


def known_secrets(house: House) -> Iterable[str]:
    """The secrets of every connection; one that cannot be opened now is left out, for it cannot be told either."""
    for kept in house.store.connections():
        connector = CONNECTORS.get(kept.connector)
        for setting in connector.settings if connector else ():
            if setting.secret:
                try:
                    secret = house.vault.get_secret(kept.name, setting.name)
                except Refused:
                    continue
                if secret:
                    yield secret.reveal()
