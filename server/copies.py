"""Returned copies as files: read, recognised, each one once and in an order that does not depend on how they were named."""

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from core.records import Problem
from server.errors import Refused, refuse
from server.signing import VARIABLE
from server.store import Store, Workbook
from server.store.errors import UnknownWorkbook
from workbooks.gate import RowsIssued
from workbooks.identity import Identity, verify
from workbooks.reader import Returned, WorkbookRefused, read_workbook


@dataclass(frozen=True, slots=True)
class Copied:
    """One returned file."""

    path: Path
    sha256: str
    returned: Returned


def file_hash(path: Path) -> str:
    """What tells two files apart: the SHA-256 of their bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def read_copies(paths: Sequence[Path], rows_issued: RowsIssued | None = None) -> list[Copied]:
    """Every copy once, ordered by name and content; or one refusal that names all that cannot be read.

    rows_issued: of the store that issued them, which limits how large they may come back.
    """
    found: dict[str, Copied] = {}
    problems = []
    for path in paths:
        try:
            sha256 = file_hash(path)
            if sha256 not in found:
                found[sha256] = Copied(path, sha256, read_workbook(path, rows_issued))
        except WorkbookRefused as refusal:
            problems.append(Problem(path.name, str(refusal).removeprefix(f"{path.name} ")))
        except FileNotFoundError:
            problems.append(Problem(str(path), "there is no such file: check the path"))
        except IsADirectoryError:
            problems.append(Problem(str(path), "this is a folder: name the workbooks in it"))
        except OSError as error:
            problems.append(Problem(str(path), f"cannot be read: {error.strerror or error}"))
    if problems:
        raise Refused(problems)
    return sorted(found.values(), key=lambda copy: (copy.path.name, copy.sha256))


def known(store: Store, copies: Sequence[Copied], key: bytes) -> Sequence[Copied]:
    """The same copies, if this store issued them all and their identities are as they were signed."""
    problems = [problem for copy in copies if (problem := _stranger(store, copy.returned, key))]
    if problems:
        raise Refused(problems)
    return copies


def _stranger(store: Store, returned: Returned, key: bytes) -> Problem | None:
    """Why the copy is not one of ours."""
    identity = returned.identity
    try:
        issued = store.workbook(identity.workbook_id)
    except UnknownWorkbook:
        said = "this store did not issue it: use the store that did, or read it with --unverified, which vouches for nothing"
        return Problem(returned.file, said)
    if verify(identity, key):
        return None
    if _as_kept(identity, issued):
        said = f"it was signed with another key: put signing.key back beside the store, or set {VARIABLE} as it was at the time"
        return Problem(returned.file, said)
    return Problem(returned.file, "its identity was changed: return the workbook as it was issued")


def _as_kept(identity: Identity, issued: Workbook) -> bool:
    named = (identity.run_id, identity.revision, identity.scope, identity.recipient, identity.issued_by)
    return named == (issued.run_id, issued.revision, issued.scope, issued.recipient, issued.issued_by)


def one_run(returned: Iterable[Returned]) -> str:
    """The run that all copies are of."""
    runs = {r.identity.run_id: r.file for r in returned}
    if len(runs) > 1:
        each = ", ".join(f"{file} of {run}" for run, file in runs.items())
        raise refuse(next(iter(runs.values())), f"the copies are of different runs ({each}): take them run by run")
    return next(iter(runs))
