"""The command line: files in or sources synced, a workbook out, the decisions back and into the PSA."""

from server.cli import doctor, files, psa, service, sources
from server.cli.group import main, tieout

__all__ = ["doctor", "files", "main", "psa", "service", "sources", "tieout"]
