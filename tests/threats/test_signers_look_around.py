"""Rows 49 and 55: what a signing command finds where the system shows the process that started it."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.certificate import made

ROOT = Path(__file__).parents[2]
CANARY = "canary-8c31ff"
DROP = """
import ctypes, os
if os.geteuid() == 0:  # root may look into every process: give that power up
    header, none = (ctypes.c_uint32 * 2)(0x20080522, 0), (ctypes.c_uint32 * 6)()
    assert ctypes.CDLL(None).capset(header, none) == 0
"""
SPY = """
import json, os, sys
sys.path.insert(0, {root!r})
{drop}
seen = {{}}
for name in ("environ", "mem", "maps"):
    try:
        with open(f"/proc/{{os.getppid()}}/{{name}}", "rb") as file:
            seen[name] = file.read().decode("utf-8", "replace") if name != "mem" else "opened"
    except OSError as error:
        seen[name] = ""
with open({out!r}, "w") as file:
    json.dump(seen, file)
from tests.certificate import made
sys.stdout.buffer.write(made.SUPPLIER.sign(sys.stdin.buffer.read()))
"""
SIGN = """
import sys
sys.path.insert(0, {root!r})
from interop_harness.cli import main, sign
sign.replay_without_key = lambda directory: None  # the report is made up; what follows is the real command
sys.argv[:] = ["interop", "sign", {directory!r}, *{arguments!r}]
main()
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    if sys.platform != "linux" or not Path("/proc/self/environ").exists():
        pytest.skip("looks into /proc")
    found = tmp_path
    (found / "report.json").write_bytes(made.encoded(made.report()))
    (found / "evidence.jsonl.gz").write_bytes(made.EVIDENCE)
    (found / "issuer.pub.pem").write_text(made.SUPPLIER.public.pem)
    (found / "spy.py").write_text(SPY.format(drop=DROP, root=str(ROOT), out=str(found / "seen.json")))
    return found


def ran(folder: Path, code: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-c", DROP + code],
        cwd=folder,
        env={**os.environ, "HOME": str(folder), **environment},
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        errors="replace",
        timeout=60,
        check=False,
    )


SECRETS = {"INTEROP_SIGNING_PASSPHRASE": CANARY, "INTEROP_SIGNING_KEY": CANARY}


def test_row_55_a_signing_command_cannot_read_what_the_system_shows_of_its_parent(folder: Path) -> None:
    words = [
        "--signer-command",
        f"{sys.executable} {folder / 'spy.py'}",
        "--public-key",
        str(folder / "issuer.pub.pem"),
    ]
    done = ran(folder, SIGN.format(root=str(ROOT), directory=str(folder), arguments=words), **SECRETS)
    assert done.returncode == 0, done.stderr
    seen = json.loads((folder / "seen.json").read_text())
    assert seen == {"environ": "", "mem": "", "maps": ""}


def test_it_can_where_the_parent_takes_no_care(folder: Path) -> None:
    """That the test above sees what there is to see."""
    careless = f"import subprocess, sys; subprocess.run([sys.executable, {str(folder / 'spy.py')!r}], input=b'x')"
    ran(folder, careless, **SECRETS)
    assert CANARY in json.loads((folder / "seen.json").read_text())["environ"]


@pytest.mark.parametrize("name", ["KEY", "PASSPHRASE"])
def test_row_55_reading_a_secret_closes_the_process_too(folder: Path, name: str) -> None:
    code = (
        "import subprocess, sys\n"
        "from interop_harness.cli import signing_inputs\n"
        f"assert signing_inputs._taken('INTEROP_SIGNING_{name}') == {CANARY!r}\n"
        f"subprocess.run([sys.executable, {str(folder / 'spy.py')!r}], input=b'x')"
    )
    done = ran(folder, code, **{f"INTEROP_SIGNING_{name}": CANARY})
    assert done.returncode == 0, done.stderr
    assert CANARY not in (folder / "seen.json").read_text()


def test_without_a_secret_nothing_is_closed(folder: Path) -> None:
    """A process without one stays open to its user's debuggers."""
    code = (
        "import subprocess, sys\n"
        "from interop_harness.signing.signer import environment_without_secrets\n"
        "environment_without_secrets()\n"
        f"subprocess.run([sys.executable, {str(folder / 'spy.py')!r}], input=b'x')"
    )
    assert ran(folder, code, CANARY=CANARY).returncode == 0
    assert CANARY in json.loads((folder / "seen.json").read_text())["environ"]
