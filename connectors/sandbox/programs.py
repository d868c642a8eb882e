"""Serves one simulator alone, with the made MSP in it, for a service or a person to connect to.

python -m connectors.sandbox.programs connectwise --port 8801
"""

import argparse
import sys
from collections.abc import Callable

from connectors.sandbox.connectwise_server import ConnectWise
from connectors.sandbox.make import make_world
from connectors.sandbox.pax8_server import Pax8
from connectors.sandbox.service import PortTaken, serve

Simulator = ConnectWise | Pax8


SIMULATORS: dict[str, Callable[[], Simulator]] = {"connectwise": ConnectWise, "pax8": Pax8}
PORTS = {"connectwise": 8801, "pax8": 8802}


def settings_of(simulator: Simulator) -> dict[str, str]:
    """What a connection to it needs beside its address, once it holds its world."""
    keys = simulator.keys
    if isinstance(simulator, Pax8):
        return {"client_id": simulator.keys.client_id, "client_secret": simulator.keys.client_secret}
    asked = {name: getattr(keys, name) for name in ("company", "public_key", "private_key", "client_id")}
    return asked | ({"current_period_is": "in arrears"} if simulator.model.switches.current_period_in_arrears else {})


def run_sandbox(name: str, port: int, customers: int, say: Callable[[str], None]) -> None:
    """Serves the simulator on this machine until it is interrupted, and says the settings that a connection to it needs.

    The same number of customers is the same MSP in every simulator, each time. ValueError for a name that is none; PortTaken
    where the port cannot be had.
    """
    if name not in SIMULATORS:
        raise ValueError(f"there is no sandbox {name!r}; one of {', '.join(SIMULATORS)}")
    simulator = SIMULATORS[name]()
    simulator.load_world(make_world(customers))
    running = serve(simulator.app, port)
    try:
        for setting, value in {"address": running.url, **settings_of(simulator)}.items():
            say(f"{setting} {value}")
        running.thread.join()
    except KeyboardInterrupt:
        say("stopped")
    finally:
        running.stop()


def main() -> None:
    arguments = argparse.ArgumentParser(description="A simulator of an API on this machine, with a made MSP in it.")
    arguments.add_argument("name", choices=sorted(SIMULATORS))
    arguments.add_argument("--port", type=int, help="8801 for connectwise, 8802 for pax8 where none is given; 0: any free one")
    arguments.add_argument("--customers", type=int, default=40)
    given = arguments.parse_args()
    port = PORTS[given.name] if given.port is None else given.port
    try:
        run_sandbox(given.name, port, given.customers, _say)
    except PortTaken as error:
        arguments.exit(2, f"{error}\n")


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
