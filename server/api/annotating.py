"""A returned copy back with its results filled in. The store keeps no files, so whoever wants it sends the copy again."""

import tempfile
from pathlib import Path
from typing import Any

from apiflask import Schema
from apiflask.fields import File
from flask import Response

from server.annotated import annotate_copy
from server.api.registry import WORKBOOK, Asked, Route
from server.api.uploads import read_uploads
from server.became import Became
from server.copies import known
from server.store import new_id
from server.store.tokens import Scope


class CopyIn(Schema):
    """One returned workbook."""

    copy = File(required=True)  # type: ignore[no-untyped-call]


def copy_annotated(asked: Asked, files: dict[str, Any]) -> Response:
    """Answers the copy with what became of its rows in the column Result, as things stand; nothing else of it changes.

    Nothing is taken or kept. Tieout-Results says `in place`, or `apart` where the answer is a workbook of results alone.
    """
    store, file = asked.house.store, files["copy"]
    (copied,) = known(store, read_uploads(store, [file]), asked.house.key)
    run_id = copied.returned.identity.run_id
    with tempfile.TemporaryDirectory(prefix="tieout-results-") as folder:
        source, out = Path(folder) / "copy.xlsx", Path(folder) / "results.xlsx"
        file.stream.seek(0)
        file.save(source)
        made = annotate_copy(store, copied, Became.of(store, run_id), source, out)
        data = made.path.read_bytes()
    headers = {
        "Content-Disposition": f'attachment; filename="tieout-{run_id}-results-{new_id()}.xlsx"',
        "Tieout-Run": run_id,
        "Tieout-Results": "apart" if made.why_apart else "in place",
    }
    return Response(data, 200, headers, content_type=WORKBOOK)


ROUTES = (Route("POST", "/copies/annotate", copy_annotated, Scope.READ, WORKBOOK, files=CopyIn),)
