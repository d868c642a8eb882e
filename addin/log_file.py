"""The add-in's log: which button, when, how it ended, and the details of what went wrong. Neither tokens nor figures."""

import logging
import time

from addin.machine import Machine

LARGEST = 500_000
"""Bytes: a file that has grown beyond is kept as the one before, and a new one begun."""


def open_log(machine: Machine) -> logging.Logger:
    """The log of this machine; without a file where none can be written, because that must stop nobody's work."""
    log = logging.getLogger("tieout.addin")
    log.setLevel(logging.INFO)
    log.propagate = False
    close_log(log)
    log.addHandler(_handler(machine))
    return log


def close_log(log: logging.Logger) -> None:
    """Closes its file."""
    for handler in list(log.handlers):
        log.removeHandler(handler)
        handler.close()


def _handler(machine: Machine) -> logging.Handler:
    try:
        machine.log_folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        if machine.log_file.exists() and machine.log_file.stat().st_size > LARGEST:
            machine.log_file.replace(f"{machine.log_file}.1")
        handler = logging.FileHandler(machine.log_file, encoding="utf-8", errors="backslashreplace")
    except OSError:
        return logging.NullHandler()
    formatter = logging.Formatter("%(asctime)sZ %(levelname)s %(message)s", "%Y-%m-%dT%H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    return handler
