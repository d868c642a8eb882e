"""Connections whose every step ends by one time, however little by little the other side answers."""

import ssl
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any

import httpcore


class Deadline:
    """The time by which the request of this thread must be through; one after the other."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock, self._end = clock, threading.local()

    @contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        self._end.time = self._clock() + seconds
        try:
            yield
        finally:
            del self._end.time

    def left(self, timeout: float | None, error: type[Exception]) -> float | None:
        """What is left of a step's timeout, in seconds; the error where nothing is left."""
        end: float | None = getattr(self._end, "time", None)
        if end is None:
            return timeout
        left = end - self._clock()
        if left <= 0:
            raise error("the time for the whole request is over")
        return left if timeout is None else min(timeout, left)


class TimedBackend(httpcore.NetworkBackend):
    """Opens connections that keep to the deadline."""

    def __init__(self, deadline: Deadline) -> None:
        self._deadline, self._plain = deadline, httpcore.SyncBackend()

    def connect_tcp(
        self, host: str, port: int, timeout: float | None = None, local_address: str | None = None,
        socket_options: Iterable[httpcore.SOCKET_OPTION] | None = None,
    ) -> httpcore.NetworkStream:  # fmt: skip
        timeout = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return TimedStream(self._plain.connect_tcp(host, port, timeout, local_address, socket_options), self._deadline)


class TimedStream(httpcore.NetworkStream):
    """A connection that keeps to the deadline."""

    def __init__(self, plain: httpcore.NetworkStream, deadline: Deadline) -> None:
        self._plain, self._deadline = plain, deadline

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        return self._plain.read(max_bytes, self._deadline.left(timeout, httpcore.ReadTimeout))

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        self._plain.write(buffer, self._deadline.left(timeout, httpcore.WriteTimeout))

    def close(self) -> None:
        self._plain.close()

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        timeout = self._deadline.left(timeout, httpcore.ConnectTimeout)
        return TimedStream(self._plain.start_tls(ssl_context, server_hostname, timeout), self._deadline)

    def get_extra_info(self, info: str) -> Any:
        return self._plain.get_extra_info(info)
