"""xlwings as it talks to Excel on Windows, over files that something else holds: its object model, and its hazards.

Every number is a float, a currency cell a Decimal of four places, an error an integer; a block across filtered-out rows is refused
(Excel would put the values into other rows), and so is a cell of a protected sheet; text that looks like a number becomes one. A
selection of several areas shows its first one only. A path is never told: Excel raises for what lies on OneDrive.

Only what the add-in uses is here; anything else is NotImplementedError, from xlwings' own base classes.
"""

from collections.abc import Iterator, Sequence
from types import SimpleNamespace
from typing import Any

import xlwings
from xlwings import base_classes

from tests.addin.engines.files import COLUMNS, ERRORS, Area, ComError, File, Files, Page, as_com, as_typed

LONGEST_PROMPT = 255


class Engine:
    """What xlwings asks of an engine."""

    type = "desktop"

    def __init__(self, name: str, files: Files) -> None:
        self.name, self.apps = name, Apps(self, files)

    @staticmethod
    def prepare_xl_data_element(value: Any, _options: Any) -> Any:
        return "" if value is None else value

    @staticmethod
    def clean_value_data(data: Any, datetime_builder: Any, empty_as: Any, number_builder: Any, err_to_str: bool) -> Any:
        errors = {number: text for text, number in ERRORS.items()}

        def clean(value: Any) -> Any:
            if type(value) is int:
                return errors[value] if err_to_str else None
            return number_builder(value) if number_builder and isinstance(value, float) else value

        return [[empty_as if value is None or value == "" else clean(value) for value in row] for row in data]


class Apps(base_classes.Apps):  # type: ignore[misc]
    """The one program that runs."""

    def __init__(self, engine: Engine, files: Files) -> None:
        self.app = App(engine, files)

    def keys(self) -> list[int]:
        return [self.app.pid]

    def __iter__(self) -> Iterator[Any]:
        return iter([self.app])

    def __len__(self) -> int:
        return 1

    def __getitem__(self, _pid: int) -> Any:
        return self.app


class App(base_classes.App):  # type: ignore[misc]
    """The program; `answers` are what the person will say to its dialogs, `asked` and `shown` what they held."""

    pid = hwnd = 4711
    engine = None

    def __init__(self, engine: Engine, files: Files) -> None:
        self.engine, self.files, self._books = engine, files, Books(self)
        self.answers: list[Any] = []
        self.asked: list[str] = []
        self.shown: list[str] = []
        self.calls = 0

    books = property(lambda self: self._books)

    @property
    def screen_updating(self) -> bool:
        return bool(self._books.active.file.drawing)

    @screen_updating.setter
    def screen_updating(self, value: bool) -> None:
        self._books.active.file.drawing = value

    @property
    def calculation(self) -> str:
        return "automatic" if self._books.active.file.automatic else "manual"

    @calculation.setter
    def calculation(self, value: str) -> None:
        self._books.active.file.automatic = value == "automatic"

    @property
    def api(self) -> Any:
        return SimpleNamespace(InputBox=self._input_box)

    def _input_box(self, Prompt: str, **_: Any) -> Any:  # noqa: N803 - Excel's own name
        if len(Prompt) > LONGEST_PROMPT:
            raise ComError("Type mismatch")
        return self._answer(Prompt)

    def alert(self, prompt: str, _title: str, buttons: str, _mode: str | None, _callback: Any) -> str:
        if buttons == "ok":
            self.shown.append(prompt)
            return "ok"
        return str(self._answer(prompt))

    def _answer(self, prompt: str) -> Any:
        self.asked.append(prompt)
        return self.answers.pop(0)

    @property
    def selection(self) -> Any:
        book = self._books.active
        found = book.file.selection()
        return Range(Sheet(book, found[0]), found[1]) if found else None


class Books(base_classes.Books):  # type: ignore[misc]
    """The open files; the last one opened is in front."""

    def __init__(self, app: App) -> None:
        self.app, self.all = app, list[Book]()

    active = property(lambda self: self.all[-1])

    def __len__(self) -> int:
        return len(self.all)

    def __iter__(self) -> Iterator[Any]:
        return iter(self.all)

    def __call__(self, name: str) -> Any:
        found = next((book for book in self.all if book.name.lower() == name.lower()), None)
        if found is None:
            raise KeyError(name)
        return found

    def open(self, path: str, *_: Any, **__: Any) -> Any:
        self.all.append(Book(self.app, self.app.files.open(str(path))))
        return self.all[-1]


class Book(base_classes.Book):  # type: ignore[misc]
    def __init__(self, app: App, file: File) -> None:
        self._app, self.file = app, file

    app = property(lambda self: self._app)
    name = property(lambda self: self.file.name)
    sheets = property(lambda self: Sheets(self))

    @property
    def fullname(self) -> str:
        raise xlwings.XlwingsError("Couldn't find the local path of the workbook: it is on OneDrive.")

    def close(self) -> None:
        self.file.close()
        self._app.books.all.remove(self)


class Sheets(base_classes.Sheets):  # type: ignore[misc]
    def __init__(self, book: Book) -> None:
        self.book = book

    def __iter__(self) -> Iterator[Any]:
        return (Sheet(self.book, page) for page in self.book.file.pages())

    def __len__(self) -> int:
        return len(self.book.file.pages())

    def __call__(self, key: Any) -> Any:
        pages = self.book.file.pages()
        found = pages[key - 1] if isinstance(key, int) else next(page for page in pages if page.name.lower() == key.lower())
        return Sheet(self.book, found)

    def add(self, _before: Any, _after: Any, name: str | None) -> Any:
        assert name
        return Sheet(self.book, self.book.file.add(name))


class Sheet(base_classes.Sheet):  # type: ignore[misc]
    def __init__(self, book: Book, page: Page) -> None:
        self._book, self.page = book, page

    api = property(lambda self: self.page)
    book = property(lambda self: self._book)
    name = property(lambda self: self.page.name)
    used_range = property(lambda self: Range(self, [self.page.used()]))

    def range(self, first: Any, last: Any = None) -> Any:
        if isinstance(first, tuple) and len(first) == 4:  # how xlwings slices
            return Range(self, [Area(*first)])
        one, other = self._area(first), self._area(first if last is None else last)
        bottom, right = max(one.row + one.rows, other.row + other.rows), max(one.column + one.columns, other.column + other.columns)
        row, column = min(one.row, other.row), min(one.column, other.column)
        return Range(self, [Area(row, column, bottom - row, right - column)])

    @staticmethod
    def _area(place: Any) -> Area:
        return place.first if isinstance(place, Range) else Area(*place, 1, 1)

    def clear(self) -> None:
        self.page.clear()


class Range(base_classes.Range):  # type: ignore[misc]
    """Some areas of a sheet, of which only the first is seen."""

    max_cells_per_read = max_cells_per_write = None
    options: Any = None

    def __init__(self, sheet: Sheet, areas: Sequence[Area]) -> None:
        self._sheet, self.areas, self.first = sheet, list(areas), areas[0]

    api = property(lambda self: self)
    sheet = property(lambda self: self._sheet)
    row = property(lambda self: self.first.row)
    column = property(lambda self: self.first.column)
    shape = property(lambda self: (self.first.rows, self.first.columns))

    def __call__(self, row: int, column: int) -> Any:
        return Range(self._sheet, [Area(self.row + row - 1, self.column + column - 1, 1, 1)])

    def __len__(self) -> int:
        return self.first.rows * self.first.columns

    @property
    def raw_value(self) -> Any:
        self._sheet.book.app.calls += 1
        read = self._sheet.page.read(self.first)
        if len(self) == 1:
            return as_com(read[0][0])
        return tuple(tuple([None if value is None else as_com(value) for value in row]) for row in read)

    @raw_value.setter
    def raw_value(self, data: Any) -> None:
        self._sheet.book.app.calls += 1
        page, area = self._sheet.page, self.first
        whole = Area(area.row, 1, area.rows, COLUMNS)
        if (
            area.rows > 1
            and len({row for part in page.visible(whole) for row in range(part.row, part.row + part.rows)}) < area.rows
        ):
            raise ComError(f"a block of {area.rows} rows across hidden ones on {page.name}")
        if page.locked(area):
            raise ComError("The cell or chart you're trying to change is on a protected sheet.")
        rows = data if isinstance(data, list | tuple) else [[data] * area.columns] * area.rows
        page.write(area, [[as_typed(value) for value in row] for row in rows])

    @property
    def formula(self) -> str:
        return self._sheet.page.formula(self.row, self.column)

    def get_special_cells(self, cell_type: str, _value_type: Any) -> list[Any]:
        assert cell_type == "visible"
        self._sheet.book.app.calls += 1
        return [Range(self._sheet, [part]) for area in self.areas for part in self._sheet.page.visible(area)]


def activated(engine: Engine) -> Any:
    """The engine as xlwings' active one; its program."""
    made = xlwings.Engine(impl=engine)
    xlwings.engines.add(made)
    made.activate()
    return made.apps.active
