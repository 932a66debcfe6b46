"""YAML without its surprises: mappings, lists and scalars as they are written, and nothing else."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from interop_harness.errors import TargetError
from interop_harness.implementation.words import shown
from interop_harness.regular import read_regular, refuse_irregular, short

MAX_FILE = 256 * 1024

MAX_DEPTH = 16

_INTEGER = re.compile(r"[-+]?[0-9]{1,18}\Z")

_FLOAT = re.compile(r"[-+]?([0-9]+\.[0-9]*|\.[0-9]+|[0-9]+)([eE][-+]?[0-9]{1,3})?\Z")


@dataclass(frozen=True, slots=True)
class Scalar:
    """A YAML scalar as written: ``version: 3.10`` stays ``3.10``."""

    text: str
    plain: bool

    def json(self) -> Any:
        if not self.plain:
            return self.text
        if self.text in ("", "~", "null"):
            return None
        if self.text in ("true", "false"):
            return self.text == "true"
        if _INTEGER.match(self.text):
            return int(self.text)
        if _FLOAT.match(self.text):
            number = float(self.text)
            if math.isfinite(number):
                return number
        return self.text


def read_text(path: Path) -> str:
    try:
        data = read_regular(path, MAX_FILE)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) and error.strerror else str(error)
        raise TargetError(
            "target-file",
            f"The target file {short(path)} cannot be read: {reason}.",
            "Give a URL, or a file written by: interop init",
        ) from error
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise TargetError("target-file", f"{path} is not UTF-8 text.") from error


def read_yaml(text: str, name: str) -> Any:
    """One YAML document of mappings, lists and scalars; no tag, anchor, alias or duplicate key."""
    import yaml

    try:
        return _Builder(name).build(yaml.parse(text, Loader=yaml.SafeLoader))
    except yaml.MarkedYAMLError as error:
        line = error.problem_mark.line + 1 if error.problem_mark else 0
        raise TargetError("target-yaml", f"{name}, line {line}: {error.problem}.") from error
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise TargetError("target-yaml", f"{name} is not YAML: {str(error).splitlines()[0]}.") from error


class _Builder:
    """Builds plain values from YAML events, refusing everything that a target file does not need."""

    def __init__(self, name: str) -> None:
        self._name = name

    def build(self, events: Iterable[Any]) -> Any:
        import yaml

        root: list[Any] = []
        stack: list[tuple[Any, list[Any]]] = [(root, [])]
        documents = 0
        for event in events:
            line = event.start_mark.line + 1
            if isinstance(event, yaml.AliasEvent) or getattr(event, "anchor", None):
                raise self._refuse(line, "anchors (&) and aliases (*) are not allowed")
            if getattr(event, "tag", None):
                raise self._refuse(line, "tags (!) are not allowed")
            if isinstance(event, yaml.DocumentStartEvent):
                documents += 1
                if documents > 1:
                    raise self._refuse(line, "there is a second document (---)")
            elif isinstance(event, yaml.ScalarEvent):
                self._put(stack, Scalar(event.value, event.style is None), line)
            elif isinstance(event, yaml.MappingStartEvent | yaml.SequenceStartEvent):
                value: Any = {} if isinstance(event, yaml.MappingStartEvent) else []
                self._put(stack, value, line)
                stack.append((value, []))
                if len(stack) > MAX_DEPTH:
                    raise self._refuse(line, "it is nested too deeply")
            elif isinstance(event, yaml.MappingEndEvent | yaml.SequenceEndEvent):
                stack.pop()
        return root[0] if root else None

    def _put(self, stack: list[tuple[Any, list[Any]]], value: Any, line: int) -> None:
        holder, pending = stack[-1]
        if isinstance(holder, list):
            holder.append(value)
        elif pending:
            holder[pending.pop()] = value
        elif not isinstance(value, Scalar):
            raise self._refuse(line, "a key must be a single value")
        elif value.text in holder:
            raise self._refuse(line, f"the key {shown(value.text)} stands there twice")
        else:
            # Reserve the place, so that a repetition is seen whatever stands between.
            holder[value.text] = None
            pending.append(value.text)

    def _refuse(self, line: int, why: str) -> TargetError:
        return TargetError("target-yaml", f"{self._name}, line {line}: {why}.")


def given(tree: Any) -> bool:
    return tree is not None and not (isinstance(tree, Scalar) and tree.json() is None)


def scalar(tree: Any, where: str) -> Scalar:
    if not isinstance(tree, Scalar):
        raise TargetError("target-type", f"{where} must be a single value.")
    return tree


def file_at(tree: Any, where: str, folder: Path) -> Path:
    text = scalar(tree, where).text
    if not text or "\0" in text:
        raise TargetError("target-type", f"{where} must be the path of a file.")
    path = folder / Path(text).expanduser()
    # What is not there, or not readable, is told when it is read, with what it was wanted for.
    try:
        refuse_irregular(path)
    except (FileNotFoundError, NotADirectoryError, IsADirectoryError, PermissionError):
        pass
    except OSError as error:
        raise TargetError("target-type", f"{where} names {short(path)}: {error.strerror}.") from error
    return path
