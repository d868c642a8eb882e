"""Databases for tests: a SQLite file, and a real PostgreSQL server of one's own that lives as long as the test session."""

import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.components import require
from tests.scratch import in_memory

OWNER = "tieout"
STARTED_WITHIN = 30.0
QUICK = ["-c", "fsync=off", "-c", "synchronous_commit=off", "-c", "full_page_writes=off", "-c", "timezone=Pacific/Auckland"]
"""Not safe, only fast; and in a zone far from UTC, where a moment that loses its zone shows."""

BY_FILES, BY_FILES_SINCE = " STRATEGY FILE_COPY", 150_000
"""The quicker of two ways to copy a database where nothing is synced to the disk; before that version the only one."""


@dataclass(frozen=True, slots=True)
class Server:
    """A running PostgreSQL server."""

    port: int
    copying: str = ""  # how a database is made of another one
    connection: Any = None  # to make and drop databases by: each new one costs the server a process

    def url(self, database: str) -> str:
        return f"postgresql://{OWNER}:secret@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: str) -> None:
        self.connection.execute(statement.encode())

    @contextmanager
    def database(self, template: str = "template0") -> Iterator[str]:
        """The URL of a database of its own, dropped at the end."""
        name = f"test_{uuid.uuid4().hex}"
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}{self.copying}")
        try:
            yield self.url(name)
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture(scope="session")
def postgresql_server() -> Iterator[Server]:
    """A server of this session (or of this xdist worker) on a loopback port."""
    with serving(require("postgresql")) as server:
        yield server


@contextmanager
def serving(programs: Path) -> Iterator[Server]:
    """A new server, which is gone at the end. `programs`: the folder of PostgreSQL's."""
    folder = Path(tempfile.mkdtemp(prefix="tieout-postgresql-", dir=in_memory()))
    account = _account()
    try:
        if account:
            os.chown(folder, account["user"], account["group"])
        _run([programs / "initdb", "-D", folder / "data", "-U", OWNER, "-A", "trust", "-E", "UTF8", "-N"], folder, account)
        with _serving(programs, folder, account) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@pytest.fixture
def postgresql_url(postgresql_server: Server) -> Iterator[str]:
    """The URL of an empty database of its own."""
    with postgresql_server.database() as url:
        yield url


@pytest.fixture(params=["sqlite", "postgresql"])
def store_url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty place for a store, on each database in turn."""
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path / 'store' / 'tieout.sqlite'}"
    url: str = request.getfixturevalue("postgresql_url")
    return url


def _account() -> dict[str, Any]:
    """PostgreSQL refuses to run as root: then it runs as `postgres`, or as `nobody`."""
    if os.geteuid() != 0:
        return {}
    names = {entry.pw_name: entry for entry in pwd.getpwall()}
    entry = names.get("postgres") or names["nobody"]
    return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}


@contextmanager
def _serving(programs: Path, folder: Path, account: dict[str, Any]) -> Iterator[Server]:
    port = _free_port()
    command = [programs / "postgres", "-D", folder / "data", "-p", str(port), "-k", folder, "-h", "127.0.0.1", *QUICK]
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(command, cwd=folder, stdout=log, stderr=log, **account)
    try:
        with _wait(process, folder, port) as connection:
            yield Server(port, BY_FILES if connection.info.server_version >= BY_FILES_SINCE else "", connection)
    finally:
        process.send_signal(signal.SIGINT)  # at once, whoever is still connected
        process.wait(STARTED_WITHIN)


def _wait(process: subprocess.Popen[bytes], folder: Path, port: int) -> Any:
    """A connection to the server, once it answers."""
    import psycopg

    deadline = time.monotonic() + STARTED_WITHIN
    while True:
        try:
            return psycopg.connect(Server(port).url("postgres"), autocommit=True)
        except psycopg.OperationalError:
            if process.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(f"PostgreSQL did not start:\n{(folder / 'log').read_text()}") from None
            time.sleep(0.05)


def _run(command: list[Any], folder: Path, account: dict[str, Any]) -> None:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False, **account)
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stderr}")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
