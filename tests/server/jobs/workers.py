"""Workers as processes of their own, killed by their ids."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from multiprocessing.context import ForkServerProcess
from typing import Any

from server.jobs.running import work_until_told
from server.jobs.settings import JobSettings
from server.store import open_store
from tests.server.jobs.site import OFTEN, house_at
from tests.server.processes import forked

SETTINGS = ("TIEOUT_KEY", "TIEOUT_KEYRING", "XDG_DATA_HOME")


def _work(location: str, slot: str, settings: JobSettings, environment: dict[str, str], begun: Any) -> None:
    os.environ.update(environment)
    with open_store(location) as store:
        work_until_told(house_at(store, location), slot, settings, begun.set)


class Worker:
    """A worker in a slot, which can be killed and started again."""

    def __init__(self, location: str, slot: str, settings: JobSettings = OFTEN) -> None:
        self._given = (location, slot, settings, {name: os.environ[name] for name in SETTINGS})
        self._processes = forked()
        self.process = self._started()

    def _started(self) -> ForkServerProcess:
        self.begun = self._processes.Event()
        process = self._processes.Process(target=_work, args=(*self._given, self.begun), daemon=True)
        process.start()
        return process

    def kill(self) -> None:
        """As the power goes."""
        self.process.kill()
        self.process.join()

    def start(self) -> None:
        self.process = self._started()

    def stop(self) -> int:
        """As it is told to stop; its exit code."""
        self.process.terminate()
        self.process.join(60)
        return self.process.exitcode if self.process.exitcode is not None else -1


@contextmanager
def workers(location: str, *slots: str, settings: JobSettings = OFTEN) -> Iterator[list[Worker]]:
    """Workers in these slots, gone at the end."""
    made = [Worker(location, slot, settings) for slot in slots]
    try:
        yield made
    finally:
        for worker in made:
            worker.kill()
