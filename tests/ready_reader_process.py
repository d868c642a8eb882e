"""The loaded process of `ready_reader`: it forks one for each file, and tells its number and how it ended."""

import os
import socket
import struct
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

NUMBER = struct.Struct("i")


def main(line: socket.socket) -> None:
    """Serves until the other end is closed."""
    sys.path.insert(0, str(Path(__file__).resolve().parent.parent))
    from python_calamine import CalamineWorkbook  # noqa: F401

    from workbooks import gate, gate_limits, packed_sheets, read_apart_child, sheet_scan  # noqa: F401

    while True:
        _, files, _, _ = socket.recv_fds(line, 1, 2)
        if not files:
            return
        child = os.fork()
        if not child:
            _child(line, files, read_apart_child.main)
        for file in files:
            os.close(file)
        line.sendall(NUMBER.pack(child))
        _, status = os.waitpid(child, 0)
        line.sendall(NUMBER.pack(os.waitstatus_to_exitcode(status)))


def _child(line: socket.socket, files: list[int], read: Any) -> None:
    code = 1
    with suppress(BaseException):
        line.close()
        for place, file in enumerate(files):
            os.dup2(file, place)
            os.close(file)
        code = read()
    os._exit(code)


if __name__ == "__main__":
    main(socket.socket(fileno=int(sys.argv[1])))
