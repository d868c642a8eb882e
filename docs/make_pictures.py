"""Renders the demo's workbook by LibreOffice into the pictures of the README: make pictures."""

import subprocess
import tempfile
from pathlib import Path

from server.demo.files import NEXT, run_files_demo

DOCS = Path(__file__).parent
PICTURES = {
    "cover": "Sign-off",
    "completeness": "Completeness: Vendor rows",
    "summary": "The largest effects",
    "vendor-sheet": "PSA service",
    "costs": "What vendors charge",
    "clients": "Where to begin",
    "evidence": "behind each count",
}
"""Each picture, and words by which its page is found: the first page that has them after the picture before it."""
RESOLUTION = 110


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder)
        if run_files_demo(place, lambda _: None):
            raise SystemExit("the demo's figures do not agree: no pictures were made")
        pdf = _pdf(place / NEXT)
        page = 0
        for name, words in PICTURES.items():
            page = next(p for p in range(page + 1, 100) if words in _text(pdf, p))
            _render(pdf, page, DOCS / name)
            print(f"written: docs/{name}.png (page {page})")


def _run(*command: str | Path) -> str:
    return subprocess.run([str(c) for c in command], check=True, capture_output=True, text=True).stdout


def _pdf(workbook: Path) -> Path:
    profile = f"-env:UserInstallation=file://{workbook.parent}/profile"
    _run("soffice", "--headless", profile, "--convert-to", "pdf", "--outdir", workbook.parent, workbook)
    return workbook.with_suffix(".pdf")


def _text(pdf: Path, page: int) -> str:
    return _run("pdftotext", "-layout", "-f", str(page), "-l", str(page), pdf, "-")


def _render(pdf: Path, page: int, out: Path) -> None:
    numbers = ("-r", str(RESOLUTION), "-f", str(page), "-l", str(page))
    _run("pdftoppm", *numbers, "-png", "-singlefile", pdf, out)


if __name__ == "__main__":
    main()
