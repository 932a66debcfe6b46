"""Lines for a terminal of a given width: wrapped once, then painted with or without colour.

The coloured form is the plain form plus escape codes, so nothing is ever said by colour alone.
"""

from __future__ import annotations

from collections.abc import Iterator

LABEL = 11
"""The column in which the value of a labelled line begins."""

Span = tuple[str, str]


class Page:
    """Lines as (text, style) spans. Every text given to it must have been made visible before."""

    def __init__(self, width: int) -> None:
        self.width = max(width, 30)
        self._lines: list[list[Span]] = []

    def blank(self) -> None:
        """One empty line, never two."""
        if self._lines and self._lines[-1]:
            self._lines.append([])

    def heading(self, text: str, style: str = "bold") -> None:
        self.blank()
        for piece in wrapped(text, self.width):
            self._lines.append([(piece, style)])
        self.blank()

    def paragraph(self, text: str, style: str = "", *, indent: int = 0, hanging: str = "") -> None:
        """Wrapped text; ``hanging`` stands before its first line and the rest is indented as far."""
        lead = " " * indent + hanging
        for number, piece in enumerate(wrapped(text, self.width - cells(lead))):
            self._lines.append([(lead if number == 0 else " " * cells(lead), ""), (piece, style)])

    def labelled(self, label: str, text: str, *, indent: int = 0, style: str = "") -> None:
        """``Expected  text``, the text in a column of its own."""
        lead = " " * indent
        for number, piece in enumerate(wrapped(text, self.width - indent - LABEL)):
            name = f"{label:<{LABEL}}" if number == 0 else " " * LABEL
            self._lines.append([(lead, ""), (name, "cyan"), (piece, style)])

    def verbatim(self, label: str, lines: list[str], *, indent: int = 0) -> None:
        """Lines that must stay whole to be copied; a terminal wraps what is too wide."""
        for number, piece in enumerate(lines):
            name = f"{label:<{LABEL}}" if number == 0 else " " * LABEL
            self._lines.append([(" " * indent, ""), (name, "cyan"), (piece, "")])

    def row(self, spans: list[Span]) -> None:
        self._lines.append(spans)

    def text(self, *, colour: bool) -> str:
        """The page as text, with escape codes when ``colour``; ends in a line feed."""
        while self._lines and not self._lines[-1]:
            self._lines.pop()
        return _painted(self._lines) if colour else "".join(f"{_plain(line)}\n" for line in self._lines)


def wrapped(text: str, width: int) -> Iterator[str]:
    """``text`` in lines of at most ``width`` cells; an address is never broken, any other long word is."""
    width = max(width, 10)
    current = ""
    for word in text.split(" "):
        for part in _parts(word, width):
            wider = f"{current} {part}" if current else part
            if current and cells(wider) > width:
                yield current
                current = part
            else:
                current = wider
    yield current


def cells(text: str) -> int:
    """How many columns ``text`` takes; wide characters take two."""
    if text.isascii():
        return len(text)
    from rich.cells import cell_len

    return cell_len(text)


def _parts(word: str, width: int) -> Iterator[str]:
    if word.startswith(("https://", "http://")) or cells(word) <= width:
        yield word
        return
    current = ""
    for character in word:
        if cells(current + character) > width:
            yield current
            current = ""
        current += character
    yield current


def _plain(line: list[Span]) -> str:
    return "".join(text for text, _ in line).rstrip(" ")


def _painted(lines: list[list[Span]]) -> str:
    from io import StringIO

    from rich.console import Console
    from rich.text import Text

    stream = StringIO()
    console = Console(
        file=stream,
        force_terminal=True,
        color_system="standard",
        no_color=False,
        width=100_000,
        markup=False,
        highlight=False,
        emoji=False,
        legacy_windows=False,
    )
    for line in lines:
        spans = [(text, style) for text, style in line if text]
        if spans:
            # A space at the end of a line is invisible and differs from the plain form.
            spans[-1] = (spans[-1][0].rstrip(" "), spans[-1][1])
        console.print(Text.assemble(*spans), soft_wrap=True)
    return stream.getvalue()
