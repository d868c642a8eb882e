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
from connectors.sandbox.world import World

Simulator = ConnectWise | Pax8


def _connectwise(world: World) -> tuple[Simulator, dict[str, str]]:
    psa = ConnectWise()
    psa.load_world(world)
    keys = psa.keys
    settings = {"company": keys.company, "public_key": keys.public_key, "private_key": keys.private_key}
    settings |= {"client_id": keys.client_id}
    return psa, settings | ({"current_period_is": "in arrears"} if psa.model.switches.current_period_in_arrears else {})


def _pax8(world: World) -> tuple[Simulator, dict[str, str]]:
    vendor = Pax8()
    vendor.load_world(world)
    return vendor, {"client_id": vendor.keys.client_id, "client_secret": vendor.keys.client_secret}


SIMULATORS: dict[str, Callable[[World], tuple[Simulator, dict[str, str]]]] = {"connectwise": _connectwise, "pax8": _pax8}
PORTS = {"connectwise": 8801, "pax8": 8802}


def run_sandbox(name: str, port: int, customers: int, say: Callable[[str], None]) -> None:
    """Serves the simulator on this machine until it is interrupted, and says the settings that a connection to it needs.

    The same number of customers is the same MSP in every simulator, each time. ValueError for a name that is none; PortTaken
    where the port cannot be had.
    """
    if name not in SIMULATORS:
        raise ValueError(f"there is no sandbox {name!r}; one of {', '.join(SIMULATORS)}")
    simulator, settings = SIMULATORS[name](make_world(customers))
    running = serve(simulator.app, port)
    try:
        for setting, value in {"address": running.url, **settings}.items():
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
