"""Which Tieout and which xlwings are installed."""


def tieout_version() -> str:
    """The version of the installed Tieout."""
    return _version("tieout")


def xlwings_version() -> str:
    """The version of the installed xlwings."""
    return _version("xlwings")


def _version(package: str) -> str:
    from importlib.metadata import version  # slow to load, and a button that goes well does not need it

    return version(package)
