"""The commands that run something: the service, its workers, the demos and the sandbox; and tokens, which let people in."""

import datetime as dt
import sys
from collections.abc import Callable
from pathlib import Path

import click

from connectors.sandbox.programs import PORTS, run_sandbox
from connectors.sandbox.service import PortTaken
from server.cli.group import FILE, by_option, house_at, may_loop_back, say, say_all, store_option, tieout
from server.demo.checks import REVIEWER
from server.demo.files import run_files_demo
from server.demo.live import APPROVER, Live, run_live_demo
from server.errors import refuse
from server.house import House
from server.jobs.running import RunningJobs, launch, run_worker
from server.serving import HOST, PORT, THREADS, logging_to_stderr
from server.serving import serve as run_service
from server.show import table
from server.store.tokens import LIFETIME, Scope


@tieout.command()
@click.option("--out", type=FILE, default=Path("demo"), show_default=True, help="The folder to work in.")
@click.option("--files", "only_files", is_flag=True, help="The month with files alone: a change list comes out.")
@click.option("--serve", "stays", is_flag=True, help="Leave all of it up afterwards, with the service, and print a token.")
def demo(out: Path, only_files: bool, stays: bool) -> None:
    """Runs a whole month on a made MSP and checks every number against what its maker expects.

    Its PSA (ConnectWise) and a vendor (Pax8) are simulators on this machine, which are asked and written to over HTTP.
    """
    if only_files:
        sys.exit(run_files_demo(out, say))
    sys.exit(run_live_demo(out, say, _stay if stays else None))


def _stay(live: Live) -> None:
    """Serves the demo's installation, whose PSA and vendor go on answering, until Ctrl-C."""
    for person, scopes in ((REVIEWER, set(Scope) - {Scope.APPROVE}), (APPROVER, {Scope.READ, Scope.APPROVE})):
        _, text = live.house.store.tokens.create(person, scopes, "demo")
        say(f"token of {person}: {text}")
    run_service(live.house.location, _jobs("0"), say, loopback=True)


@tieout.command()
@click.option(
    "--host", default=HOST, show_default=True, help="The address to bind; another than this machine's wants --behind-tls."
)
@click.option("--port", default=PORT, show_default=True, type=click.IntRange(0, 65535), help="0: any that is free.")
@click.option(
    "--behind-tls", is_flag=True, help="A proxy with TLS stands in front, so that tokens do not cross a network in the open."
)
@click.option(
    "--threads", default=THREADS, show_default=True, type=click.IntRange(min=1), help="Requests that are answered at once."
)
@click.option("--no-worker", is_flag=True, help="Only answer; the work is done by tieout worker (PostgreSQL).")
@click.option("--slot", default="0", show_default=True, help="The worker's name, the same after each start.")
@store_option
def serve(host: str, port: int, behind_tls: bool, threads: int, no_worker: bool, slot: str, location: str) -> None:
    """Runs the service: its API, scheduled reads, and the writes to the PSA, until Ctrl-C."""
    jobs = _jobs(slot, worker=not no_worker)
    run_service(
        location, jobs, say, host=host, port=port, behind_tls=behind_tls, threads=threads, loopback=may_loop_back()
    )  # fmt: skip


def _jobs(slot: str, *, worker: bool = True) -> Callable[[House], RunningJobs]:
    return lambda house: launch(house, worker=worker, slot=slot)


@tieout.command()
@click.option(
    "--slot", default="0", show_default=True, help="This worker's name: one of its own for each, the same after each start."
)
@store_option
def worker(slot: str, location: str) -> None:
    """Does the work of a service on PostgreSQL beside others: reads connections, writes to the PSA, until SIGTERM or Ctrl-C."""
    say(f"worker {slot} begins; stop it with Ctrl+C")
    run_worker(location, slot, loopback=may_loop_back(), logging_of=logging_to_stderr)


@tieout.command()
@click.argument("system", type=click.Choice(sorted(PORTS)))
@click.option("--port", type=click.IntRange(0, 65535), help="By default 8801 for connectwise, 8802 for pax8; 0: any that is free.")
@click.option("--customers", default=40, show_default=True, type=click.IntRange(min=20), help="Of the made MSP that it holds.")
def sandbox(system: str, port: int | None, customers: int) -> None:
    """Runs a simulator of a PSA or vendor on this machine until Ctrl-C, and prints the settings that it accepts.

    Connect to it from another terminal with TIEOUT_LOOPBACK=yes set.
    """
    try:
        run_sandbox(system, PORTS[system] if port is None else port, customers, say)
    except PortTaken as taken:
        raise refuse("--port", str(taken)) from None


@tieout.group()
def token() -> None:
    """Makes, lists and revokes the tokens that let people use the service."""


@token.command("create")
@click.argument("person")
@click.option(
    "--scope", "scopes", multiple=True, required=True, type=click.Choice([str(s) for s in Scope]), help="Give one for each."
)
@click.option("--days", default=LIFETIME.days, show_default=True, type=click.IntRange(1, 3650), help="How long it lets them in.")
@by_option
@store_option
def create_token(person: str, scopes: tuple[str, ...], days: int, by: str, location: str) -> None:
    """Makes a token for a person and prints it, once; only its hash is kept.

    read: look at everything. decide: runs, workbooks, decisions, mapping. submit: write to the PSA. approve: let somebody else's
    large changes go. sync: read connections. admin: connections.
    """
    with house_at(location) as house:
        made, text = house.store.tokens.create(person, [Scope(s) for s in scopes], by, dt.timedelta(days=days))
        say(f"token {made.id} for {made.person}, until {made.expires_at:%Y-%m-%d}: keep it where nobody else can read it", err=True)
        say(text)


@token.command("list")
@store_option
def list_tokens(location: str) -> None:
    """Lists the tokens, without their secrets."""
    with house_at(location) as house:
        listed = house.store.tokens.listed()
        if not listed:
            say("no tokens yet: tieout token create NAME --scope read")
            return
        found = [("Token", "Person", "Scopes", "Until", "Last used", "")]
        for t in listed:
            used = f"{t.last_used_at:%Y-%m-%d %H:%M} UTC" if t.last_used_at else "never"
            state = "revoked" if t.revoked_at else "" if t.valid(house.store.writes.clock()) else "expired"
            found.append((t.id, t.person, ", ".join(sorted(t.scopes)), f"{t.expires_at:%Y-%m-%d}", used, state))
        say_all(table(found))


@token.command("revoke")
@click.argument("token_id")
@by_option
@store_option
def revoke_token(token_id: str, by: str, location: str) -> None:
    """Ends a token at once."""
    with house_at(location) as house:
        say(f"token {house.store.tokens.revoke(token_id, by).id} lets nobody in any more")
