"""The arguments of one command, read straight from its signature.

Typer brings in a validation library to read arguments, and that takes longer than verifying a certificate. What is
read here is the plain spelling: ``--name value``, ``--name=value``, flags, one file. For everything else, help and
mistakes included, the answer is None: then Typer reads the words, and says what is wrong with them.
"""

from __future__ import annotations

import inspect
import os
import re
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Union, get_args, get_origin, get_type_hints

from typer.models import ArgumentInfo, OptionInfo

READERS: dict[Any, Callable[[str], Any]] = {Path: Path, str: str, int: int}
WHOLE = re.compile(r"-?[0-9]{1,9}\Z")


def arguments(command: Callable[..., Any], words: Sequence[str]) -> dict[str, Any] | None:
    """What to call ``command`` with, or None when somebody else has to read the words."""
    if os.name != "posix":  # elsewhere a file may be a pattern that Typer expands
        return None
    hints = get_type_hints(command, include_extras=True)
    given = {name: parameter.default for name, parameter in inspect.signature(command).parameters.items()}
    options: dict[str, str] = {}
    places: list[str] = []
    for name in given:
        info = hints[name].__metadata__[0]
        if isinstance(info, OptionInfo) and not info.envvar:
            # Inside Annotated the first spelling stands where a default would.
            spelt_as = [one for one in (info.default, *(info.param_decls or ())) if isinstance(one, str)]
            options |= dict.fromkeys(spelt_as or [f"--{name.replace('_', '-')}"], name)
        elif isinstance(info, ArgumentInfo):
            places.append(name)
        else:
            return None
    left = list(words)
    seen: set[str] = set()
    while left:
        word = left.pop(0)
        if not word.startswith("-"):
            if not word or not places:
                return None
            name = places.pop(0)
            given[name] = READERS[_kind(hints[name])[0]](word)
            continue
        spelt, equals, value = word.partition("=")
        name = options.get(spelt, "")
        kind, many = _kind(hints[name]) if name else (None, False)
        if kind is bool:
            if equals:
                return None
            given[name] = True
            continue
        if kind is None or (equals and not spelt.startswith("--")) or (name in seen and not many):
            return None
        if not equals:
            value = left.pop(0) if left else ""
        if not value or value.startswith("-") or (kind is int and not WHOLE.match(value)):
            return None
        given[name] = [*(given[name] or ()), READERS[kind](value)] if many else READERS[kind](value)
        seen.add(name)
    return None if places else given


def _kind(hint: Any) -> tuple[Any, bool]:
    """The type of a parameter without ``Annotated`` and ``None``, and whether it may be given again and again."""
    kind = get_args(hint)[0]
    if get_origin(kind) in {Union, types.UnionType}:
        kind = next(part for part in get_args(kind) if part is not type(None))
    many = get_origin(kind) is list
    kind = get_args(kind)[0] if many else kind
    return (kind if kind is bool or kind in READERS else None), many
