"""Reads returned workbooks in processes forked from a loaded one: starting a Python takes longer than reading most of them.

What they do and their limits are the same. Tests of the reader's process itself, and of hostile files, start it as in use.
"""

import os
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from tests import ready_reader_process
from workbooks import read_apart

AS_IN_USE = read_apart.run
NUMBER = ready_reader_process.NUMBER


class Reader:
    """The loaded process, started when it is first needed; one file at a time."""

    def __init__(self) -> None:
        self._one_at_a_time = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None

    def run(self, asked: bytes, seconds: float, answer: Any) -> int:
        with self._one_at_a_time:
            line = self._line or self._start()
            incoming, outgoing = os.pipe()
            os.write(outgoing, asked)
            os.close(outgoing)
            socket.send_fds(line, [b"."], [incoming, answer.fileno()])
            os.close(incoming)
            (child,) = NUMBER.unpack(line.recv(NUMBER.size))
            timer = threading.Timer(seconds, os.kill, (child, 9))
            timer.start()
            (code,) = NUMBER.unpack(line.recv(NUMBER.size))
            timer.cancel()
            return int(code)

    def _start(self) -> socket.socket:
        self._line, theirs = socket.socketpair()
        command = [sys.executable, "-I", "-X", "utf8", ready_reader_process.__file__, str(theirs.fileno())]
        self._process = subprocess.Popen(command, env={}, stderr=subprocess.DEVNULL, pass_fds=[theirs.fileno()])
        theirs.close()
        return self._line

    def close(self) -> None:
        if self._line and self._process:
            self._line.close()
            self._process.wait(10)


@pytest.fixture(scope="session", autouse=True)
def _ready_reader() -> Iterator[None]:
    if not hasattr(os, "fork"):
        yield
        return
    reader = Reader()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(read_apart, "run", reader.run)
        yield
    reader.close()
