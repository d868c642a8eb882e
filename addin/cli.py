"""tieout addin: builds the add-in, puts it in place, takes it away, and says what keeps it from working."""

import datetime as dt
import sys
from pathlib import Path
from typing import Any

import click

from addin.errors import AddInError
from addin.ribbon import Button, buttons

FOLDER = click.Path(path_type=Path, file_okay=False)
FILE = click.Path(path_type=Path, dir_okay=False)


class Told(click.Group):
    """Turns what goes wrong into one sentence and exit status 1."""

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except AddInError as error:
            click.echo(f"error: {error}", err=True)
            return ctx.exit(1)


@click.group("addin", cls=Told, context_settings={"help_option_names": ["-h", "--help"]})
def addin() -> None:
    """The add-in for Excel on Windows and macOS: build, install, uninstall, a doctor, and its buttons where macros are blocked."""


@addin.command()
@click.option("--out", type=FILE, required=True, help="The file to write, as tieout.xlam.")
def build(out: Path) -> None:
    """Builds the add-in for this Python, without putting it in place: to look at it, or to sign it."""
    from addin.building import build_addin
    from addin.machine import this_machine

    content = build_addin(this_machine().interpreter)
    try:
        out.write_bytes(content)
    except OSError as error:
        raise AddInError(f"{out} cannot be written ({error.strerror}): choose another place with --out") from error
    click.echo(f"{out}: {len(content):,} bytes, starts {this_machine().interpreter}")


@addin.command()
@click.option("--to", "folder", type=FOLDER, help="Another folder than Excel's startup folder; then tell Excel to trust it.")
@click.option("--service", default="", help="The address of your Tieout service, https://...")
def install(folder: Path | None, service: str) -> None:
    """Builds the add-in and puts it where Excel opens it each time it starts. Repeat it after every update of Tieout."""
    from addin.installing import install as put_in_place
    from addin.machine import this_machine

    for path in put_in_place(this_machine(), folder, service):
        click.echo(f"written: {path}")
    click.echo("Start Excel: the tab Tieout stands at the right end of the ribbon. If it does not: tieout addin doctor")


@addin.command()
def uninstall() -> None:
    """Removes the add-in and all that it keeps on this computer: files, settings, token, logs. Workbooks stay."""
    from addin.installing import uninstall as take_away
    from addin.machine import this_machine
    from addin.tokens import system_keyring

    machine = this_machine()
    removed = take_away(machine, system_keyring(machine))
    click.echo("\n".join(f"removed: {path}" for path in removed) or "Nothing of the add-in was here.")


@addin.command()
def doctor() -> None:
    """Looks at everything that keeps the add-in from working, and says how to mend it. Exit status 1 where something is wrong."""
    from addin.doctor import Verdict, examine
    from addin.machine import this_machine
    from addin.tokens import system_keyring

    machine = this_machine()
    findings = examine(machine, system_keyring(machine), dt.datetime.now(dt.UTC))
    click.echo("\n".join(map(str, findings)))
    wrong = sum(finding.verdict is Verdict.WRONG for finding in findings)
    click.echo(f"\n{wrong} to mend; the log is {machine.log_file}" if wrong else "\nNothing is wrong.")
    sys.exit(1 if wrong else 0)


def _outside(pressed: Button) -> click.Command:
    """The command of a button without the ribbon."""

    def run() -> None:
        from addin.entry import CRITICAL, press
        from addin.machine import this_machine
        from addin.terminal import TerminalDialogs

        def tell(text: str, mode: str, _window: int | None) -> int:
            click.echo(text, err=mode == CRITICAL)
            return int(mode == CRITICAL)

        sys.exit(press(pressed.id, "", this_machine(), (), tell, TerminalDialogs()))

    says = f"{pressed.screentip}.\n\nThe button {pressed.label} without the ribbon, on the workbook in front in Excel."
    return click.Command(pressed.id.replace("_", "-"), callback=run, help=says, short_help=f"(as the button) {pressed.screentip}")


for _button in buttons():
    addin.add_command(_outside(_button))
