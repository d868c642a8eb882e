"""TOML tables read strictly: a misspelt key or a value of the wrong type is refused with the file and the key."""

from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from connectors.files.errors import refused

E = TypeVar("E", bound=StrEnum)


class StrictTable:
    """A TOML table: each key is taken once, and a key that nobody takes is refused."""

    def __init__(self, file: str, path: str, data: dict[str, Any]) -> None:
        self.file, self.path, self.data = file, path, dict(data)

    def fail(self, key: str, message: str) -> NoReturn:
        raise refused(f"{self.file}, {self.path}{key}", message)

    def _take(self, key: str, type: type, expected: str, default: Any) -> Any:
        value = self.data.pop(key, default)
        if value is ...:
            self.fail(key, f"this key is missing; {expected} was expected")
        if value is not default and not isinstance(value, type):
            self.fail(key, f"{value!r} was found, {expected} was expected")
        return value

    def text(self, key: str, default: Any = ...) -> Any:
        return self._take(key, str, "a text", default)

    def flag(self, key: str, default: bool) -> bool:
        return bool(self._take(key, bool, "true or false", default))

    def texts(self, key: str, default: Any = ...) -> tuple[str, ...]:
        value = self.data.get(key)
        if isinstance(value, list) and not all(isinstance(item, str) for item in value):
            self.fail(key, f"{value!r} was found, a list of texts was expected")
        return tuple(self._take(key, list, "a list of texts", default))

    def whole_numbers(self, key: str) -> dict[str, int]:
        """A table whose values are whole numbers above zero; its keys in small letters."""
        value = self._take(key, dict, "a table", {})
        for name, number in value.items():
            if not isinstance(number, int) or isinstance(number, bool) or number < 1:
                self.fail(f"{key}.{name}", f"{number!r} was found, a whole number above zero was expected")
        return {name.casefold(): number for name, number in value.items()}

    def one_of(self, key: str, choices: type[E], default: Any = ...) -> E:
        return self.member(key, choices, self._take(key, str, "a text", default))

    def member(self, key: str, choices: type[E], value: object) -> E:
        try:
            return choices(value)  # type: ignore[arg-type]
        except ValueError:
            self.fail(key, f"{value!r} was found, one of {', '.join(choices)} was expected")

    def table(self, key: str) -> "StrictTable | None":
        value = self._take(key, dict, "a table", None)
        return None if value is None else StrictTable(self.file, f"{self.path}{key}.", value)

    def tables(self, key: str) -> list["StrictTable"]:
        value = self._take(key, list, "a list of tables", [])
        if not all(isinstance(item, dict) for item in value):
            self.fail(key, "a list of tables was expected")
        return [StrictTable(self.file, f"{self.path}{key}[{number}].", item) for number, item in enumerate(value, 1)]

    def done(self) -> None:
        for key in self.data:
            self.fail(key, "this key is not known; check its spelling")
