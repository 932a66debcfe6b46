"""Options and arguments that were given and say nothing: an unset variable of a script, say.

A command cannot tell them from what was left out: the path of nothing is the folder it was called in, and a challenge
of nothing is none. So each command refuses them while its words are read.
"""

from __future__ import annotations

from typing import Any

import typer
from typer.core import TyperCommand

from interop_harness.errors import UsageError

TOLD = {
    "verify": frozenset(
        {
            *("supplier", "product", "product_version", "target", "profile", "min_version", "conformance_class"),
            *("environment", "challenge", "assurance"),
        }
    )
}
"""What commands refuse in words of their own: `interop verify` says that it was told to expect nothing."""


class Careful(TyperCommand):
    """A command that takes no empty value for anything. Raises UsageError."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:
        given = list(args)
        left = super().parse_args(ctx, args)
        said, _, _ = self.make_parser(ctx).parse_args(args=given)
        for param in self.params:
            name = str(param.name)
            if is_blank(said.get(name)) and name not in TOLD.get(str(self.name), ()):
                raise _refusal(name, _spelt(param), needed=param.required)
        return left


def refuse_blank(app: typer.Typer) -> None:
    """Have every command of an application refuse what is empty."""
    for info in app.registered_commands:
        info.cls = Careful


def is_blank(value: object) -> bool:
    """Whether this, or one of these where an option may be given again and again, says nothing."""
    if isinstance(value, list | tuple):
        return any(is_blank(one) for one in value)
    return isinstance(value, str) and not value.strip()


def _spelt(param: Any) -> str:
    """How whoever gave it calls it."""
    if param.param_type_name == "argument":
        return str(param.metavar or param.name).upper()
    return str(max(param.opts, key=len))


def _refusal(name: str, spelt: str, *, needed: bool) -> UsageError:
    if name == "target":
        hint = "Give it the address of the service, http://…, or the path of a target file."
        return UsageError("target-missing", f"{spelt} names nothing.", hint)
    todo = "Give it a value" if needed else f"Give it a value, or leave {spelt} out"
    hint = f"What was given is empty: a script's variable that is not set, say. {todo}."
    return UsageError("option-empty", f"{spelt} names nothing.", hint)
