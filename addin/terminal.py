"""The same questions on a terminal, for computers that block macros."""

import click


class TerminalDialogs:
    """Asks where the command was typed."""

    def confirm(self, text: str) -> bool:
        return click.confirm(text, default=False)

    def text(self, prompt: str, default: str = "") -> str | None:
        secret = "token" in prompt.casefold()
        typed: str = click.prompt(prompt, default=default, show_default=bool(default), hide_input=secret).strip()
        return typed
