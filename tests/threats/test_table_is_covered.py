"""Every row of the threat table has a test named after it."""

from __future__ import annotations

import re
from pathlib import Path


def test_every_row_has_a_test() -> None:
    text = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_rows_*.py"))
    rows = {int(number) for number in re.findall(r"def test_row_(\d\d)_", text)}
    assert rows == set(range(1, 58))
