"""The commands about sources: connect, connections, sync, and issue from what was synced."""

import datetime as dt
import sys
from pathlib import Path

import click

from connectors.engine import Connector
from connectors.registry import CONNECTORS
from connectors.trying import try_connection
from core.periods import Period
from server import show, show_sources
from server.cli.group import (
    FILE,
    as_day,
    as_period,
    by_option,
    house_at,
    progress,
    say,
    say_all,
    store_option,
    sure,
    tieout,
    vendor_file,
)
from server.connecting import add_connection, remove_connection
from server.errors import refuse
from server.house import House
from server.issuing import SyncedRequest, reconcile_synced
from server.progress import timed
from server.reading import read_beside
from server.reconciling import issue as issue_run
from server.standing import standing
from server.store.sync_records import ReadState
from server.syncing import sync as sync_one
from server.words import counted
from workbooks.writer import Options


@tieout.command()
@click.argument("connector", type=click.Choice(sorted(CONNECTORS)))
@click.option("--name", help="What to call it; by default the connector's name.")
@click.option(
    "--set", "given", multiple=True, metavar="SETTING=VALUE", help="A setting; what is needed and not given is asked for."
)
@click.option("--per-minute", type=click.IntRange(min=1), help="Requests a minute at most; by default as many as it takes.")
@by_option
@store_option
def connect(connector: str, name: str | None, given: tuple[str, ...], per_minute: int | None, by: str, location: str) -> None:
    """Connects a PSA or a vendor, and tries it.

    Secrets are asked for without being shown, and kept in the keyring, or encrypted. They can stand in the environment
    instead, as TIEOUT_SECRET_<NAME>_<SETTING>, or in a file that TIEOUT_SECRET_<NAME>_<SETTING>_FILE names.
    """
    with house_at(location) as house:
        name = name or connector
        values = _settings(house, name, CONNECTORS[connector], dict(_pair(text) for text in given))
        add_connection(house.store, house.vault, name, connector, values, by, per_minute)
        say(f"connected: {name}")
        with house.connect(name) as connection:
            say_all(f"  {line}" for line in try_connection(connection))
        say(f"read it with: tieout sync {name}")


def _pair(text: str) -> tuple[str, str]:
    setting, equals, value = text.partition("=")
    if not equals:
        raise click.BadParameter(f"{text!r} is not SETTING=VALUE", param_hint="--set")
    return setting, value


def _settings(house: House, name: str, connector: Connector, given: dict[str, str]) -> dict[str, str]:
    """What is given, and what a person at the terminal answers for the rest that is needed."""
    for setting in connector.settings:
        elsewhere = setting.secret and house.vault.place(name, setting.name) is not None
        if setting.default is None and setting.name not in given and not elsewhere:
            given[setting.name] = click.prompt(f"{setting.title} ({setting.help})", hide_input=setting.secret, err=True)
    return given


@tieout.command()
@click.option("--try", "tried", metavar="NAME", help="Try one: is its address right, are its keys, what may it read?")
@click.option("--remove", "removed", metavar="NAME", help="Forget one and its secrets; what was read stays with the runs.")
@click.option("--resume", "resumed", metavar="NAME", help="End the pause of one, after mending what it says.")
@click.option("--yes", is_flag=True, help="Do not ask before removing.")
@by_option
@store_option
def connections(tried: str | None, removed: str | None, resumed: str | None, yes: bool, by: str, location: str) -> None:
    """Lists the connections: when each was read, as of which day, and what is wrong."""
    with house_at(location) as house:
        if tried:
            with house.connect(tried) as connection:
                say_all(try_connection(connection))
            return
        if removed:
            house.store.connection(removed)
            sure(f"Forget the connection {removed} and its secrets?", yes)
            remove_connection(house.store, house.vault, removed, by)
        if resumed:
            house.store.resume_connection(resumed, by)
        say_all(show_sources.connections(house.store))


@tieout.command()
@click.argument("names", nargs=-1)
@click.option("--full", is_flag=True, help="Read everything, not only what changed.")
@click.option("--accept", "accepted", type=int, metavar="READ", help="Take a read that was held back because it gave far less.")
@by_option
@store_option
def sync(names: tuple[str, ...], full: bool, accepted: int | None, by: str, location: str) -> None:
    """Reads the connections, the PSA first; by default all, and only what changed since the last read."""
    with house_at(location) as house:
        if accepted is not None:
            house.store.accept_read(accepted, by)
            say(f"read {accepted} is taken")
            return
        known = [c.name for c in house.store.connections()]
        if not known:
            raise refuse("connections", "there is none yet: add one with tieout connect")
        bad = [name for name in names or known if not _sync(house, name, full, by)]
        if bad:
            say(f"error: {', '.join(bad)}: the last good read stays in use, and the cover will say so", err=True)
            sys.exit(1)


def _sync(house: House, name: str, full: bool, by: str) -> bool:
    told = timed(progress)
    with house.connect(name) as connection:
        read = sync_one(
            house.store, connection, name, full=full, by=by, clock=lambda: dt.datetime.now(dt.UTC),
            progress=lambda what, pages, rows: told(f"{name}: {what}, {counted(pages, 'page')}, {counted(rows, 'row')}"),
        )  # fmt: skip
    say_all(show_sources.read(house.store, read))
    return read.state is ReadState.GOOD


@tieout.command("issue")
@click.argument("run", required=False)
@click.option("--out", type=FILE, required=True, help="The workbook to write (.xlsx).")
@click.option("--customer", "customers", multiple=True, metavar="NAME", help="Only this customer's rows; give it once for each.")
@click.option("--vendor", "vendors", multiple=True, metavar="NAME", help="Only this vendor's rows; give it once for each.")
@click.option(
    "--layout",
    type=click.Choice(["vendor", "client"]),
    help="A sheet per vendor, or one sheet of lines for all; by default the latter for one customer alone.",
)
@click.option("--protect", is_flag=True, help="Protects the sheets: only inputs can be typed into; rows cannot be sorted then.")
@click.option("--for", "recipient", default="", help="Who the workbook is for; copies then carry the name.")
@click.option("--period", callback=as_period, help="Of a new run: YYYY-MM; by default the month of --today.")
@click.option("--usage", multiple=True, help="A vendor's file that no connection reads, for a new run: VENDOR=FILE or FILE.")
@click.option("--mapping", type=FILE, help="A mapping workbook for a new run; what it says is kept.")
@click.option("--profiles", type=FILE, help="A folder with import profiles of your own (.toml).")
@click.option("--today", callback=as_day, default=lambda: dt.date.today().isoformat(), help="YYYY-MM-DD; to run a past month.")  # noqa: DTZ011
@by_option
@store_option
def issue_workbook(
    run: str | None, out: Path, customers: tuple[str, ...], vendors: tuple[str, ...], layout: str | None, protect: bool,
    recipient: str, period: Period | None, usage: tuple[str, ...], mapping: Path | None, profiles: Path | None, today: dt.date,
    by: str, location: str,
) -> None:  # fmt: skip
    """Writes a workbook: of a new run over what was synced, or with RUN again of that run's newest revision.

    A workbook that is written again has the decisions that stand already typed in.
    """
    options = Options(None if layout is None else layout == "client", protect)
    with house_at(location) as house:
        if run is None:
            of = period or Period.of(today)
            _issue_new(house, out, customers, vendors, options, recipient, of, usage, mapping, profiles, today, by)
            return
        if period or usage or mapping:
            raise click.UsageError(f"{run} is frozen: --period, --usage and --mapping are for a new run")
        decided = standing(house.store, run)
        issued = issue_run(
            house.store, run, out, house.key, by, timed(progress),
            recipient=recipient, decided=decided, customers=customers, vendors=vendors, options=options,
        )  # fmt: skip
    say(f"written: {issued.path} (run {run}, revision {issued.revision}, {counted(len(decided), 'decision')} carried over)")


def _issue_new(
    house: House, out: Path, customers: tuple[str, ...], vendors: tuple[str, ...], options: Options, recipient: str,
    period: Period, usage: tuple[str, ...], mapping: Path | None, profiles: Path | None, today: dt.date, by: str,
) -> None:  # fmt: skip
    told = timed(progress)
    beside = read_beside(house.store, [vendor_file(u) for u in usage], mapping, profiles, house.key, told)
    if beside.mapping:
        house.store.save_mapping(beside.mapping.changes, by, beside.mapping.origin)
    sources = [found.source for found in beside.usage]
    request = SyncedRequest(
        period, out, today, by, beside.settings, recipient, beside.charges, sources, customers, vendors, options
    )
    issued = reconcile_synced(house.store, request, house.key, told)
    say(f"run {issued.run_id}")
    say_all(show.states(issued.result))
    if not (customers or vendors):
        say_all(show.completeness(issued.result))
    say(f"written: {issued.path}")
