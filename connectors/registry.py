"""Every connector there is. A new one is one file and one word here."""

from connectors.connectwise import CONNECTWISE
from connectors.engine import Connector
from connectors.pax8 import PAX8

CONNECTORS: dict[str, Connector] = {connector.name: connector for connector in (CONNECTWISE, PAX8)}
