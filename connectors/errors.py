"""What can go wrong while reading from an API, named by what to do about it. A docstring is the help text.

    ConnectorError
        FixAddress        FixSettings       FixCredentials
        GrantPermission   TryLater          WillNotHelp

Each names the endpoint, and the record where there is one. No message holds a secret.
"""


class ConnectorError(Exception):
    """Reading from an API stopped."""

    def __init__(self, endpoint: str, message: str, record: str = "") -> None:
        self.endpoint, self.message, self.record = endpoint, message, record
        super().__init__(f"{', '.join(filter(None, (endpoint, record)))}: {message}")


class FixAddress(ConnectorError):  # noqa: N818 -- these are named for what to do
    """Correct the connection's address: it is not one of the vendor's, or leads somewhere else."""


class FixSettings(ConnectorError):  # noqa: N818
    """Correct the connection's settings."""


class FixCredentials(ConnectorError):  # noqa: N818
    """Correct the connection's keys: the API does not know them, or they have expired."""


class GrantPermission(ConnectorError):  # noqa: N818
    """Grant the named permission to the connection's user or key, then read again."""

    def __init__(self, endpoint: str, message: str, permission: str, record: str = "") -> None:
        self.permission = permission
        super().__init__(endpoint, f"permission is missing: {permission} ({message})", record)


class TryLater(ConnectorError):  # noqa: N818
    """Read again later: the API is busy, down, or changed while it was read."""

    def __init__(
        self, endpoint: str, message: str, record: str = "", *, retry_after: float | None = None, at_once: bool = True
    ) -> None:
        self.retry_after = retry_after  # seconds, where the API says so
        self.at_once = at_once  # False: asking the same again in a moment gives the same
        super().__init__(endpoint, message, record)


class WillNotHelp(ConnectorError):  # noqa: N818
    """Neither settings nor waiting will help: the API answers otherwise than it is documented. Tell us."""
