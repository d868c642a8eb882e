"""The simulators as programs of their own: they say where they listen and which settings a connection to them needs."""

import re
import socket
import subprocess
import sys

import pytest

from connectors.engine import Connection
from connectors.registry import CONNECTORS
from connectors.sandbox.programs import SIMULATORS, run_sandbox
from connectors.sandbox.service import PortTaken
from connectors.trying import try_connection
from tests.connectors.api.sandboxes import QUICK


@pytest.mark.parametrize("name", sorted(SIMULATORS))
def test_what_a_simulator_prints_is_all_that_a_connection_needs(name: str) -> None:
    command = [sys.executable, "-m", "connectors.sandbox.programs", name, "--port", "0", "--customers", "12"]
    needed = {s.name for s in CONNECTORS[name].settings if s.default is None} | {"address"}
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as program:
        assert program.stdout is not None
        try:
            said: dict[str, str] = {}
            while not needed <= said.keys():
                setting, _, value = program.stdout.readline().strip().partition(" ")
                said[setting] = value
            with Connection(CONNECTORS[name], said, patience=QUICK, loopback=True) as connection:
                told = try_connection(connection)
        finally:
            program.terminate()
    assert not [line for line in told if "refused" in line or "wrong" in line]
    assert any(re.fullmatch(r"companies: [1-9]\d*", line) for line in told)


@pytest.mark.parametrize("name", sorted(SIMULATORS))
def test_a_port_in_use_is_said_and_nothing_is_printed(name: str) -> None:
    said: list[str] = []
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        with pytest.raises(PortTaken, match=f"port {port} cannot be used .*choose another"):
            run_sandbox(name, port, 12, said.append)
    assert said == []


def test_a_port_in_use_ends_the_program_with_a_line() -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        command = [sys.executable, "-m", "connectors.sandbox.programs", "pax8", "--port", str(taken.getsockname()[1])]
        ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert ended.returncode == 2
    assert "choose another port" in ended.stderr
    assert "Traceback" not in ended.stderr


@pytest.mark.parametrize("port", [-1, 70000])
def test_a_number_that_is_no_port_is_said(port: int) -> None:
    with pytest.raises(PortTaken, match="cannot be used"):
        run_sandbox("pax8", port, 12, print)


def test_a_name_that_is_none_is_said_with_those_there_are() -> None:
    with pytest.raises(ValueError, match="connectwise, pax8"):
        run_sandbox("halo", 0, 12, print)
