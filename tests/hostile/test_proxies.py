"""A proxy that answers in the service's place: its answers count as the service's, and whose they may be is said."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from .server import KEEP, Asked, answer, serving

FAR = "http://directory.example"
EXCUSES = (
    b"Via: 1.1 proxy",
    b"Proxy-Status: proxy; error=connection_refused",
    b"X-Squid-Error: ERR 0",
    b"Server: squid",
)


def doctor(folder: Path, *lines: str, more: tuple[str, ...] = ()) -> subprocess.CompletedProcess[str]:
    (folder / "target.yaml").write_text("\n".join([*lines, "authorised_by: me", "environment: test", ""]))
    return subprocess.run(
        [sys.executable, "-m", "interop_harness", "doctor", "target.yaml", *more],
        cwd=folder,
        env={name: value for name, value in os.environ.items() if "proxy" not in name.lower()},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.mark.parametrize(
    ("status", "probe"), [(b"403 Forbidden", "credentials"), (b"502 Bad Gateway", "http"), (b"504 Too Late", "http")]
)
@pytest.mark.parametrize("excuses", [(), EXCUSES], ids=["bare", "with every header of a proxy"])
def test_an_answer_that_may_be_the_proxy_s(
    status: bytes, probe: str, excuses: tuple[bytes, ...], tmp_path: Path
) -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"<p>no</p>", *excuses, status=status))
        return KEEP

    with serving(behave) as proxy:
        done = doctor(tmp_path, f"base_url: {FAR}", f"proxy: {proxy.url}", more=("--json",))
    found = {one["name"]: one for one in json.loads(done.stdout)["probes"]}
    assert f"This came through the proxy {proxy.url}: ask whoever runs it" in found[probe]["hint"]
    assert "Every answer but 407 counts as the service's" in found["proxy"]["hint"]
    assert done.returncode == 0, "it answers: whatever it says is judged"


def test_a_proxy_that_drops_what_it_cannot_forward(tmp_path: Path) -> None:
    with serving(lambda asked: None) as proxy:
        done = doctor(tmp_path, f"base_url: {FAR}", f"proxy: {proxy.url}")
    assert done.returncode == 4
    assert f"This came through the proxy {proxy.url}" in " ".join(done.stdout.split())


def test_nothing_is_said_of_a_proxy_where_there_is_none_or_where_it_cannot_answer(tmp_path: Path) -> None:
    def behave(asked: Asked) -> object:
        asked.say(answer(b"", *EXCUSES, status=b"502 Bad Gateway"))
        return KEEP

    with serving(behave) as server:
        assert "proxy http" not in doctor(tmp_path, f"base_url: {server.url}").stdout
        told = doctor(tmp_path, "base_url: https://directory.example", f"proxy: {server.url}").stdout
    assert "The proxy refused the connection" in told and "in the service's place" not in told
