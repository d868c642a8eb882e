"""The simulators as programs of their own: they say where they listen and which keys they take."""

import socket
import subprocess
import sys

import httpx
import pytest

from connectors.client import NOBODY


@pytest.mark.parametrize(("name", "path", "keys"), [("connectwise", "/login/companyinfo/northbridge", 4), ("pax8", "/v1/token", 2)])
def test_a_simulator_runs_and_prints_its_keys(name: str, path: str, keys: int) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", f"connectors.sandbox.{name}_server", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        said = [program.stdout.readline().strip() for _ in range(keys + 1)]
        try:
            assert said[0] == f"http://127.0.0.1:{port}"
            assert all(said)
            assert httpx.get(said[0] + path, trust_env=False, verify=NOBODY).status_code in (200, 401)
        finally:
            program.terminate()
