"""Looks at the PSA for one write. A record that only our own writes of the same run have moved since counts as unmoved."""

from dataclasses import dataclass

from connectors.writing import Shown, Writer
from server.store.write_records import PlannedWrite, WriteKind
from server.store.writes import Writes
from server.write_back.protocol import Finding, Look, looked


@dataclass(frozen=True, slots=True)
class Looker:
    """Looks for the writes of one run."""

    writes: Writes
    writer: Writer
    run_id: str

    def added(self, write: PlannedWrite, row_key: str) -> list[str]:
        """Lines of the list that decisions on other rows of the run added: they are in nobody's way."""
        return self.writes.added_for_other_rows(self.run_id, write.path, row_key)

    def look(self, write: PlannedWrite) -> tuple[Look, list[Shown]]:
        """What the PSA shows of the write; for a new record also the list that it is to be on."""
        if write.kind is WriteKind.CREATE:
            lines = self.writer.lines(write.path)
            return looked(write, None, None, lines), lines
        shown = self.writer.look(write.path)
        look = looked(write, write.version, shown, ())
        moved = look.finding is Finding.OTHER and shown is not None and shown.version != write.version
        if moved and shown is not None and shown.version == self.writes.own_version(self.run_id, write.path):
            look = looked(write, shown.version, shown, ())
        return look, []
