"""What all commands share: the program, its way to tell errors, and the options that many have."""

import datetime as dt
import errno
import getpass
import os
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any, NoReturn

import click

from connectors.errors import ConnectorError
from connectors.files import ImportRefused
from core.periods import Period
from server.errors import Refused
from server.house import House, open_house
from server.jobs.slots import SlotTaken
from server.store import default_location
from server.store.errors import StoreError
from workbooks.reader import WorkbookRefused
from workbooks.writer import WorkbookNotWritten

FILE = click.Path(path_type=Path)
UNEXPECTED, INTERRUPTED = 70, 130
LOOPBACK = "TIEOUT_LOOPBACK"
"""Set to `yes`, connections may lead to this machine, as to a sandbox."""


class Commands(click.Group):
    """Turns every refusal into its problems, one a line, and exit status 1; an interruption into one line."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (Refused, ImportRefused) as refused:
            said = [str(problem) for problem in refused.problems]
        except (SlotTaken, StoreError, WorkbookNotWritten, WorkbookRefused) as error:
            said = [str(error)]
        except ConnectorError as error:
            said = [f"{error}. {(type(error).__doc__ or '').strip()}"]
        except KeyboardInterrupt:
            click.echo("\nstopped; whatever was saved is whole, so the same command can be given again", err=True)
            return ctx.exit(INTERRUPTED)
        click.echo("\n".join(f"error: {one}" for one in said), err=True)
        return ctx.exit(1)


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """The program: what a person at a terminal starts. Whatever happens is told in sentences."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="replace")  # a customer's name that the terminal's encoding lacks
    try:
        tieout.main(arguments, prog_name="tieout")
    except Exception as error:  # the last resort: told in words, kept for whoever mends it
        click.echo(_unexpected(error), err=True)
        sys.exit(UNEXPECTED)
    sys.exit(0)


def _unexpected(error: Exception) -> str:
    what = f"{type(error).__name__}: {error}".partition("\n")[0]
    try:
        handle, name = tempfile.mkstemp(prefix="tieout-error-", suffix=".txt")
        with os.fdopen(handle, "w", encoding="utf-8", errors="replace") as file:
            file.write("".join(traceback.format_exception(error)))
        where = f"The details are in {name}; it names files and cells, so read it before you send it to anybody."
    except OSError:
        where = "The details could not be written to a file."
    sent = "What was sent to the PSA by then stands in tieout status."
    return f"error: something unexpected happened, and this is a fault of Tieout's ({what}). {sent} {where}"


def say(text: str, err: bool = False) -> None:
    """Writes to the output; where nobody reads it any more (| head), the work goes on without it."""
    try:
        click.echo(text, err=err)
    except OSError as error:
        if error.errno not in (errno.EPIPE, errno.EINVAL):
            raise
        os.dup2(os.open(os.devnull, os.O_WRONLY), (sys.stderr if err else sys.stdout).fileno())


def say_all(lines: Iterable[str]) -> None:
    say("\n".join(lines))


def progress(text: str) -> None:
    """What is being done: beside the output, so that it can be piped."""
    say(text, err=True)


def as_day(_context: click.Context, _parameter: click.Parameter, value: str | None) -> dt.date | None:
    if value is None:
        return None
    try:
        return dt.date.fromisoformat(value)
    except ValueError:
        raise click.BadParameter(f"{value!r} is not a date; write it as YYYY-MM-DD") from None


def as_period(_context: click.Context, _parameter: click.Parameter, value: str | None) -> Period | None:
    if value is None:
        return None
    try:
        return Period.parse(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def user() -> str:
    return os.environ.get("TIEOUT_USER") or getpass.getuser()


def store_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option(
        "--store", "location", default=default_location, show_default="TIEOUT_STORE, else the user's data folder",
        help="SQLite file, or a postgresql:// URL.",
    )(command)  # fmt: skip


def by_option(command: Callable[..., Any]) -> Callable[..., Any]:
    return click.option("--by", default=user, show_default="the user's name", help="Who does it, for the log.")(command)


@click.group("tieout", cls=Commands, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="tieout")
def tieout() -> None:
    """Ties out what an MSP bills in its PSA with what its vendors count."""


def vendor_file(text: str) -> tuple[str | None, Path]:
    """A path, or VENDOR=path where there is no file of the whole name."""
    vendor, equals, path = text.partition("=")
    return (vendor, Path(path)) if equals and vendor and not Path(text).exists() else (None, Path(text))


@contextmanager
def house_at(location: str) -> Iterator[House]:
    """The installation that a command works with."""
    with open_house(location, loopback=may_loop_back()) as house:
        yield house


def may_loop_back() -> bool:
    """Whether connections may lead to this machine."""
    return os.environ.get(LOOPBACK) == "yes"


def sure(question: str, yes: bool) -> None:
    """Asks before something is done; without a person at the terminal only --yes will do."""
    if not yes and not click.confirm(question, default=False):
        raise click.Abort
