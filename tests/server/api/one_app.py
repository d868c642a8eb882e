"""The API of each installation over one Flask app a process: to make it takes longer than most of what tests ask of it."""

import threading
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from typing import Any, cast

from apiflask import APIFlask
from werkzeug.routing import Map
from werkzeug.test import Client
from werkzeug.wrappers import Response

from server.api.app import make_app
from server.api.registry import Learn
from server.house import House
from server.jobs.protocol import Jobs


@dataclass(frozen=True)
class App:
    """One installation's API as a WSGI app."""

    house: House
    jobs: Jobs
    learn: Learn

    def __call__(self, environ: Any, start_response: Any) -> Any:
        _ASKED.of = self
        return _made()(environ, start_response)

    def test_client(self) -> Client:
        return Client(self, Response)

    @property
    def url_map(self) -> Map:
        return _made().url_map


_ASKED = threading.local()
"""The installation that is asked on this thread."""


class _Part:
    """The house or the jobs of whichever installation is asked."""

    def __init__(self, name: str) -> None:
        self._name = name

    def __getattr__(self, name: str) -> Any:
        return getattr(getattr(_ASKED.of, self._name), name)


def _learn(secrets: Iterable[str]) -> None:
    _ASKED.of.learn(secrets)


@cache
def _made() -> APIFlask:
    return make_app(cast(House, _Part("house")), cast(Jobs, _Part("jobs")), _learn)
