"""Writes the migration from the newest schema to the tables as they are declared: python -m server.store.migrations "message"."""

import sys
import tempfile
from pathlib import Path

from alembic import command

from server.store.engine import connect
from server.store.schema import migration_config, upgrade


def main(message: str) -> None:
    """Upgrades an empty database, compares it with the tables and writes the difference as the next numbered step."""
    steps = len(list((Path(__file__).parent / "versions").glob("[0-9]*.py")))
    with tempfile.TemporaryDirectory() as folder:
        engines = connect(str(Path(folder) / "empty.sqlite"))
        try:
            with engines.writing() as connection:
                if steps:
                    upgrade(connection)
                config = migration_config(connection)
                command.revision(config, message, autogenerate=True, rev_id=f"{steps + 1:04d}")
        finally:
            engines.close()


if __name__ == "__main__":
    main(sys.argv[1])
