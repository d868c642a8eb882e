"""What `tieout` starts. The commands of the add-in are always there; those of the service where its packages are installed.

`tieout addin ...` loads nothing of the service, so that it starts at once, and works where only the add-in was installed.
"""

import sys
from collections.abc import Sequence
from typing import NoReturn

import click

from addin.cli import addin

INSTALL = "pip install 'tieout[server]'"
OURS = ("addin", "connectors", "core", "server", "workbooks")


class AddInOnly(click.Group):
    """The commands where the service is not installed; any other one is told how to get it."""

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        found = super().get_command(ctx, cmd_name)
        if found is None:
            raise click.UsageError(f"Only the add-in is installed here, without {cmd_name!r}. To install the service: {INSTALL}")
        return found


@click.group("tieout", cls=AddInOnly, context_settings={"help_option_names": ["-h", "--help"]}, epilog=f"The service: {INSTALL}")
@click.version_option(package_name="tieout")
def addin_only() -> None:
    """Ties out what an MSP bills in its PSA with what its vendors count: the add-in for Excel."""


addin_only.add_command(addin)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The program: what a person at a terminal starts."""
    given = list(sys.argv[1:] if arguments is None else arguments)
    if given[:1] != ["addin"] and service_is_installed():
        from server.cli import main as service
        from server.cli import tieout

        tieout.add_command(addin)
        service(given)
    addin_only.main(given, prog_name="tieout")
    sys.exit(0)


def service_is_installed() -> bool:
    """Whether the packages that the service needs are there."""
    try:
        import server.cli  # noqa: F401
    except ModuleNotFoundError as error:
        if str(error.name).partition(".")[0] in OURS:
            raise
        return False
    return True
