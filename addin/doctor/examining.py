"""The whole examination, in the order in which a person would look."""

import datetime as dt
import platform
from collections.abc import Callable

import httpx

from addin.connection import new_client
from addin.doctor.finding import Finding, care, elsewhere, good
from addin.doctor.in_place import (
    check_addin,
    check_copies,
    check_interpreter,
    check_mark_of_the_web,
    check_permission,
    check_script,
    check_xlwings,
)
from addin.doctor.policies import check_policies
from addin.doctor.service import check_keyring, check_service
from addin.errors import AddInError
from addin.excel import attach, can_attach
from addin.installing import Starts, starts
from addin.machine import Machine
from addin.tokens import Keyring


def examine(
    machine: Machine,
    keyring: Keyring | None,
    now: dt.datetime,
    tries: Starts = starts,
    client: Callable[[], httpx.Client] = new_client,
) -> list[Finding]:
    """Everything that was looked at. Nothing is changed."""
    return [
        check_system(machine),
        check_xlwings(machine),
        check_addin(machine),
        check_interpreter(machine, tries),
        check_script(machine),
        check_permission(machine),
        check_copies(machine),
        check_mark_of_the_web(machine),
        *check_policies(machine),
        check_excel(machine),
        check_keyring(machine, keyring),
        *check_service(machine, keyring, now, client),
    ]


def check_system(machine: Machine) -> Finding:
    """Whether Excel could be here at all."""
    if can_attach(machine):
        return good("System", f"{machine.system}, Python {platform.python_version()}")
    seen = "neither Windows nor macOS: the add-in can be built here (tieout addin build), and is used where Excel is"
    return care("System", seen)


def check_excel(machine: Machine) -> Finding:
    """Whether an Excel is running that commands can reach."""
    if not can_attach(machine):
        return elsewhere("Excel", "Windows or macOS")
    try:
        app = attach(None)
        return good("Excel", f"version {app.version}, {len(app.books)} workbooks open")
    except AddInError:
        return care("Excel", "it is not running, so that it was not tried")
    except Exception as error:  # whatever Excel answers
        mend = "end the editing of a cell and close every dialog in Excel, then run this again"
        return care("Excel", f"it is running and does not answer ({error})", mend)
