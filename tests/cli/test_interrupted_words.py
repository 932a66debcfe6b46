"""What a command that was interrupted advises can be done."""

from __future__ import annotations

from pathlib import Path

import pytest

from interop_harness.cli import running
from interop_harness.errors import UsageError
from interop_harness.execution.directory import refuse_taken
from interop_harness.execution.journal import JOURNAL
from interop_harness.execution.resume import read_journal


@pytest.mark.parametrize("written", [b"", b'{"type": "header", "format": "interop-jour'])
def test_a_journal_without_a_whole_line_is_nothing_to_go_on_with(
    written: bytes, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Ctrl-C between making the file and the end of its first line."""
    (tmp_path / JOURNAL).write_bytes(written)
    running.interrupted(tmp_path)
    told = capsys.readouterr().err
    assert "--resume" not in told
    assert f"Nothing was asked yet. Remove {tmp_path}, and start again." in told
    with pytest.raises(UsageError):
        read_journal(tmp_path)
    with pytest.raises(UsageError) as caught:
        refuse_taken(tmp_path)
    assert "--resume" not in caught.value.hint and "Remove it" in caught.value.hint


def test_one_that_began_is(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / JOURNAL).write_bytes(b'{"type": "header"}\n{"type": "exch')
    running.interrupted(tmp_path, recorded=True)
    assert f"Go on with: interop run --resume {tmp_path}" in capsys.readouterr().err
