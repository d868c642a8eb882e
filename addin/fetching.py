"""Get workbook: fetches the workbook of a run, saves it where the person says and opens it."""

import re
from pathlib import Path

from addin.decisions import Body
from addin.dialogs import chosen
from addin.errors import NotReady
from addin.excel import Press
from addin.service import service_of

MOST_RUNS = 9


def get_workbook(press: Press) -> str | None:
    """The newest revision of the chosen run, with the decisions that stand typed in. A file that is there is not overwritten."""
    with service_of(press) as service:
        runs = service.get("/runs", limit=MOST_RUNS)["runs"]
        if not runs:
            raise NotReady("There is no run on the service yet.")
        names = {_named(run): run for run in runs}
        picked = chosen(press.dialogs(), "Which run? Type the number.", list(names))
        if picked is None:
            return None
        path = _path(press, names[picked])
        if path is None:
            return None
        content = service.download(f"/runs/{names[picked]['id']}/workbooks", {})
    _save(path, content)
    press.app().books.open(str(path))
    return None


def _named(run: Body) -> str:
    return f"{run['period']}, run {run['id']}, by {run['created_by']} on {run['created_at'][:10]}"


def _path(press: Press, run: Body) -> Path | None:
    name = re.sub(r"[^A-Za-z0-9._-]", "-", f"tieout-{run['period']}-{run['id']}.xlsx")
    folder = Path.home() / "Documents"
    typed = press.dialogs().text("Save the workbook as:", str((folder if folder.is_dir() else Path.home()) / name))
    if not typed:
        return None
    path = Path(typed).expanduser()
    return path if path.suffix.lower() == ".xlsx" else path.with_name(f"{path.name}.xlsx")


def _save(path: Path, content: bytes) -> None:
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError:
        raise NotReady(f"{path} is there already, and was left alone: press Get workbook again and choose another name.") from None
    except OSError as error:
        raise NotReady(f"{path} could not be written ({error.strerror}): choose another place.") from error
