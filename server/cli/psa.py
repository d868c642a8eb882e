"""The commands that write to the PSA: submit, status, approve, pause, resume, cancel, undo; costs and cost."""

import os
import sys
from collections.abc import Callable
from decimal import Decimal, InvalidOperation
from pathlib import Path
from typing import Any

import click

from core.costs import cost_rows
from server import show, show_writes
from server.cli.annotating import annotate_later, annotate_option, annotating, check_beside
from server.cli.group import FILE, by_option, house_at, progress, say, say_all, store_option, sure, tieout
from server.copies import read_copies
from server.errors import refuse
from server.house import House
from server.jobs.alerts import alerts, what_to_do
from server.progress import timed
from server.receipts import progress as progress_of
from server.receipts import receipts
from server.returning import take_copies
from server.store.tokens import Scope
from server.store.write_records import Submission, SubmissionState, WriteState
from server.submitting import DryRun, foresee, foresee_cost, submit_cost, submit_decided
from server.submitting import approve as approve_submission
from server.submitting import undo as undo_submission
from server.taken import Taken
from server.words import counted
from server.write_back.sending import Progress, send

TOKEN = "TIEOUT_TOKEN"  # noqa: S105 -- the name of a variable


@tieout.command()
@click.argument("copies", nargs=-1, required=True, type=FILE)
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@click.option("--despite-problems", is_flag=True, help="Send the rest although some rows could not be used.")
@click.option("--again", is_flag=True, help="Send once more what ended as conflict, refused, asked or cancelled.")
@click.option("--replace", "replacing", is_flag=True, help="These copies count where others decided differently before.")
@annotate_option
@by_option
@store_option
def submit(
    copies: tuple[Path, ...],
    dry_run: bool,
    yes: bool,
    despite_problems: bool,
    again: bool,
    replacing: bool,
    annotate: bool,
    by: str,
    location: str,
) -> None:
    """Takes the decisions of returned copies and writes them to the PSA, with a receipt for each.

    First it shows what will be written. The same copy again writes nothing twice; killed at any moment, it is given again.
    The decisions are kept in the store, as by tieout changes, also by a dry run; nothing is written to the PSA by that.
    """
    if dry_run and replacing:
        raise click.UsageError("--replace counts at once, and a dry run changes nothing: leave one of them out")
    check_beside(copies if annotate else ())
    with house_at(location) as house:
        told, read = timed(progress), read_copies(copies, house.store.rows_issued)
        taken = take_copies(house.store, read, house.key, by, told, replacing=replacing)
        say_all(show.taken(taken, planned=False))
        with annotating(house.store, taken.run_id, read if annotate else ()):
            told("looking at the PSA")
            found = foresee(house, taken.run_id, taken.copies, again=again)
            say_all(show_writes.dry_run(found))
            for problem in found.problems:
                say(f"problem: {problem}", err=True)
            if not dry_run:
                _submit(house, taken, found, by, yes=yes, despite_problems=despite_problems, again=again)


def _submit(house: House, taken: Taken, found: DryRun, by: str, *, yes: bool, despite_problems: bool, again: bool) -> None:
    """Sends what the dry run has shown, once the person agrees."""
    well = _go_on(house, taken.run_id)
    if not found.foreseen and not found.problems:
        _end(well)
        return
    if found.foreseen and not (found.problems and not despite_problems):
        sure(f"Write {counted(len(found.foreseen), 'change')} to {house.psa().name}?", yes)
    kept = submit_decided(
        house, taken.run_id, by, taken.copies, digest=found.digest, again=again, despite_problems=despite_problems
    )
    _end(_sent(house, kept.submission) and well)


def _go_on(house: House, run_id: str) -> bool:
    """Drives what earlier submissions of the run left open: a command that was killed is given again."""
    well = True
    for submission in house.store.writes.submissions(run_id):
        if progress_of(house.store, submission.id).state is SubmissionState.RUNNING:
            say(f"submission {submission.id} goes on")
            well = _sent(house, submission) and well
    return well


def _send(house: House, submission: Submission | None) -> None:
    """Sends it, and ends with status 1 where a person must act."""
    _end(_sent(house, submission))


def _end(well: bool) -> None:
    if not well:
        sys.exit(1)


def _sent(house: House, submission: Submission | None) -> bool:
    """Sends it and tells how far it is; whether no person must act."""
    if submission is None:
        return True
    said = timed(progress)

    def tell(at: Progress) -> None:
        waits = f"; waits until {at.waits_until:%H:%M:%S} UTC" if at.waits_until else ""
        said(f"{at.ended} of {counted(at.writes, 'write')}{waits}")

    with house.writer() as writer:
        send(house.store, writer, submission.id, house.timing, tell=tell)
    say_all(show_writes.submission(house.store, submission.id))
    bad = (WriteState.CONFLICT, WriteState.REFUSED, WriteState.ASKED)
    return not any(receipt.outcome in bad for receipt in receipts(house.store, submission.id))


@tieout.command()
@click.argument("submission", required=False)
@click.option("--annotate", "copy", type=FILE, help="A returned copy: its results are filled in, as they are now.")
@click.option("--out", type=FILE, help="The annotated copy to write; by default a new file beside the copy.")
@store_option
def status(submission: str | None, copy: Path | None, out: Path | None, location: str) -> None:
    """Shows the submissions, or the receipts of one: what was written, and what the PSA showed.

    With --annotate FILE the column Result of a returned copy is filled in, in a new file (results) beside it, or in --out.
    """
    if copy and not submission:
        raise click.UsageError("--annotate wants the submission, too: tieout status lists them")
    if out and not copy:
        raise click.UsageError("--out names the annotated copy: say --annotate FILE, too")
    with house_at(location) as house:
        if submission:
            say_all(show_writes.submission(house.store, submission))
            if copy:
                annotate_later(house, submission, copy, out)
            return
        say_all(show_writes.submissions(house.store))
        for alert in alerts(house.store, house.store.writes.clock()):
            say(f"alert: {alert}. {what_to_do(alert)}", err=True)


@tieout.command()
@click.argument("submission")
@store_option
def approve(submission: str, location: str) -> None:
    """Lets the large changes of somebody else's submission go. The token in TIEOUT_TOKEN says who approves."""
    with house_at(location) as house:
        text = os.environ.get(TOKEN) or click.prompt("Your token", hide_input=True, err=True)
        token = house.store.tokens.verify(text)
        if token is None or Scope.APPROVE not in token.scopes:
            raise refuse("token", "this one may not approve: make one with tieout token create NAME --scope approve")
        approved = approve_submission(house.store, submission, token.person)
        say(f"submission {submission} is approved by {token.person}")
        _send(house, approved)


def _simple(name: str, help_text: str) -> Callable[[Callable[[House, str, str], None]], Any]:
    def made(act: Callable[[House, str, str], None]) -> Any:
        @tieout.command(name, help=help_text)
        @click.argument("submission")
        @by_option
        @store_option
        def command(submission: str, by: str, location: str) -> None:
            with house_at(location) as house:
                act(house, submission, by)

        return command

    return made


@_simple("pause", "Begins nothing more of a submission; what has begun is seen to its end.")
def pause(house: House, submission: str, by: str) -> None:
    house.store.writes.pause(submission, by)
    say_all(show_writes.submission(house.store, submission))


@_simple("resume", "Goes on with a submission that was paused, or whose sender was stopped.")
def resume(house: House, submission: str, by: str) -> None:
    if house.store.writes.submission(submission).paused_at:
        house.store.writes.resume(submission, by)
    _send(house, house.store.writes.submission(submission))


@_simple("cancel", "Cancels what was not sent of a submission; what was sent stays told.")
def cancel(house: House, submission: str, by: str) -> None:
    house.store.writes.cancel(submission, by)
    _send(house, house.store.writes.submission(submission))


@tieout.command()
@click.argument("submission")
@click.option("--change", "chosen", multiple=True, type=int, help="Only this change, by its number in tieout status SUBMISSION.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@by_option
@store_option
def undo(submission: str, chosen: tuple[int, ...], yes: bool, by: str, location: str) -> None:
    """Takes back what a submission wrote, or some of its changes; what was invoiced since is listed, to credit by hand."""
    with house_at(location) as house:
        which = counted(len(chosen), "change") if chosen else "every change"
        sure(f"Take back {which} of submission {submission}?", yes)
        kept = undo_submission(house, submission, by, chosen)
        say_all(show_writes.credit(kept.credits))
        if kept.submission is None:
            say("nothing is to be taken back")
        _send(house, kept.submission)


@tieout.command()
@click.option("--run", help="By default the newest.")
@store_option
def costs(run: str | None, location: str) -> None:
    """Shows what vendors charge for a unit beside the catalogue's cost."""
    with house_at(location) as house:
        say_all(show_writes.costs(cost_rows(house.store.reconciliation(_run(house, run)))))


def _run(house: House, run: str | None) -> str:
    newest = run or next((r.id for r in house.store.runs()), None)
    if newest is None:
        raise refuse("runs", "there is none yet: tieout sync, then tieout issue --out FILE.xlsx")
    return newest


def _amount(_context: click.Context, _parameter: click.Parameter, value: str) -> Decimal:
    try:
        found = Decimal(value)
    except InvalidOperation:
        raise click.BadParameter(f"{value!r} is not an amount; write it as 18.20") from None
    if not found.is_finite() or found < 0 or found != found.quantize(Decimal("0.000001")):
        raise click.BadParameter(f"{value!r} is not an amount of at most six decimal places")
    return found


@tieout.command()
@click.argument("product")
@click.argument("amount", callback=_amount)
@click.option("--run", help="By default the newest.")
@click.option("--own-too", is_flag=True, help="Also lines that have a cost of their own.")
@click.option("--dry-run", is_flag=True, help="Only show what would be written.")
@click.option("--yes", is_flag=True, help="Do not ask before writing.")
@by_option
@store_option
def cost(product: str, amount: Decimal, run: str | None, own_too: bool, dry_run: bool, yes: bool, by: str, location: str) -> None:
    """Writes a product's unit cost to the catalogue, then to every open line that carries the old one."""
    with house_at(location) as house:
        chosen = _run(house, run)
        found, own = foresee_cost(house, chosen, product, amount, by, own_too=own_too)
        say_all(show_writes.dry_run(found))
        for line in () if own_too else own:
            price = f"{line.unit_cost:f}" if line.unit_cost is not None else "none"
            say(f"  has a cost of its own, left alone: {line.customer}, line {line.line_id}: {price}")
        if dry_run or not found.foreseen:
            return
        sure(f"Write {counted(len(found.foreseen), 'cost')} to {house.psa().name}?", yes)
        _send(house, submit_cost(house, chosen, product, amount, by, own_too=own_too, digest=found.digest).submission)
