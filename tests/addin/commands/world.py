"""The real commands on an open workbook: an engine, a machine of this test's own, and where wanted a service on loopback."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from werkzeug.serving import make_server

from addin.commands import COMMANDS
from addin.excel import Press
from addin.machine import Machine
from addin.ribbon import button
from addin.settings import set_service
from addin.tokens import save_token
from addin.workbook import Lines, OpenWorkbook, open_workbook
from tests.server.api.site import Person, Site

on_both = pytest.mark.parametrize("app", ["openpyxl", "libreoffice"], indirect=True)
"""Runs a test on openpyxl and on a real LibreOffice."""


@dataclass
class Desk:
    """One accountant's computer with the workbook that is open on it."""

    app: Any
    machine: Machine
    path: Path

    @property
    def book(self) -> Any:
        return self.app.books.active

    @property
    def file(self) -> Any:
        return self.book.impl.file

    @property
    def workbook(self) -> OpenWorkbook:
        return open_workbook(self.book)

    @property
    def lines(self) -> tuple[Lines, ...]:
        return self.workbook.lines

    @property
    def asked(self) -> list[str]:
        found: list[str] = self.app.impl.asked
        return found

    def press(self, name: str, *answers: Any) -> str | None:
        """Presses a button; the person gives these answers to what is asked, and all of them are used."""
        pressed = button(name)
        assert pressed
        self.app.impl.asked.clear()
        self.app.impl.shown.clear()
        self.app.impl.answers[:] = answers
        said = COMMANDS[name](Press(pressed, self.book.name, None, self.machine))
        assert self.app.impl.answers == []
        return said

    def select(self, lines: Lines, areas: str) -> None:
        self.file.select(lines.name, areas)

    def type(self, lines: Lines, row: int, **cells: Any) -> None:
        for name, value in cells.items():
            lines.sheet.range((row, lines.places[name])).value = value

    def cells(self, *names: str, lines: Lines | None = None) -> list[tuple[Any, ...]]:
        """Columns of a sheet side by side, row by row."""
        read = (lines or self.lines[0]).read(*names)
        return list(zip(*(read[name] for name in names), strict=True))


@contextmanager
def opened(app: Any, machine: Machine, path: Path) -> Iterator[Desk]:
    """The desk with this workbook in front."""
    book = app.books.open(str(path))
    try:
        yield Desk(app, machine, path)
    finally:
        book.close()


@contextmanager
def served(site: Site) -> Iterator[str]:
    """The site's API on loopback; its address."""
    server = make_server("127.0.0.1", 0, site.app, threaded=True)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.port}"
    finally:
        server.shutdown()
        thread.join(10)
        server.server_close()


def signed_in(machine: Machine, address: str, person: Person) -> None:
    """The person's address and token as Sign in keeps them."""
    set_service(machine, address)
    save_token(machine, address, person.token, None)


def issued_to(site: Site, person: Person, run_id: str, path: Path) -> Path:
    """A workbook of the run as the person gets it."""
    path.write_bytes(person.ask("POST", f"/runs/{run_id}/workbooks", json={}, expect=201).get_data())
    return path
