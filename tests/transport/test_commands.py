"""``interop init`` and ``interop doctor`` as a user meets them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner

from interop_harness.cli import doctor, init
from interop_harness.errors import HarnessError
from interop_harness.implementation import AUTH_KINDS, load_target
from interop_harness.rendering.text import visible
from tests.hostile.server import answer, serving

app = typer.Typer()
app.command("init")(init.command)
app.command("doctor")(doctor.command)


def run(*words: str, code: int = 0) -> str:
    """The command's output, or the error's sentence."""
    result = CliRunner().invoke(app, words)
    error = result.exception
    if isinstance(error, HarnessError):
        assert error.exit_code == code
        return str(error)
    assert result.exit_code == code, result.output
    return result.output


@pytest.mark.parametrize("kind", AUTH_KINDS)
def test_init_writes_a_file_that_loads(kind: str, tmp_path: Path) -> None:
    path = tmp_path / "target.yaml"
    said = run(
        *("init", str(path), "--base-url", "https://api.example.org/v1/", "--supplier", 'A "B" \\ Ltd', "--auth", kind),
        *("--authorised-by", "A. Person", "--version", "3.10", "--environment", "test"),
    )
    assert f"interop doctor {path}" in said
    target = load_target(str(path))
    assert (target.supplier, target.version, target.auth.kind) == ('A "B" \\ Ltd', "3.10", kind)
    assert target.base_url == "https://api.example.org/v1"
    assert path.read_text().count("#") > 8, "every key is explained"
    assert [one.name for one in tmp_path.iterdir()] == ["target.yaml"]


def test_init_leaves_a_file_as_it_is(tmp_path: Path) -> None:
    path = tmp_path / "target.yaml"
    path.write_text("mine")
    assert "left as it is" in run("init", str(path), "--base-url", "http://localhost", code=2)
    assert path.read_text() == "mine"
    run("init", str(path), "--base-url", "http://localhost", "--force")
    assert load_target(str(path)).environment == "development"


@pytest.mark.parametrize(
    "words",
    [
        (),
        ("--base-url", "nonsense"),
        ("--base-url", "http://localhost", "--auth", "magic"),
        ("--base-url", "http://localhost", "--environment", "moon"),
        ("--base-url", "http://localhost", "--supplier", "a\u202eb"),
    ],
)
def test_init_writes_nothing_that_does_not_load(words: tuple[str, ...], tmp_path: Path) -> None:
    path = tmp_path / "target.yaml"
    run("init", str(path), *words, code=2)
    assert not path.exists()


def test_init_into_a_folder_that_is_not_there(tmp_path: Path) -> None:
    assert "cannot be written" in run("init", str(tmp_path / "no" / "t.yaml"), "--base-url", "http://localhost", code=2)


def test_doctor_of_an_endpoint_that_is_well() -> None:
    with serving(lambda asked: asked.say(answer())) as server:
        said = run("doctor", server.url)
        found = json.loads(run("doctor", server.url, "--json"))
        assert run("doctor", server.url, "--quiet") == ""
    assert "This endpoint can be tested." in said
    assert found["testable"] is True
    assert {probe["name"] for probe in found["probes"]} == {
        *("proxy", "dns", "connect", "tls", "tls-legacy", "http-plain", "credentials", "http", "clock")
    }


def test_doctor_of_an_endpoint_that_is_not_there() -> None:
    said = run("doctor", "http://127.0.0.1:1", code=4)
    assert "FAIL  connect" in said
    assert "cannot be tested yet: connect" in said


def test_doctor_of_a_target_that_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "t.yaml").write_text("base_url: http://127.0.0.1\nspplier: x\n")
    assert "Did you mean supplier?" in run("doctor", str(tmp_path / "t.yaml"), code=2)


def test_doctor_shows_nothing_that_a_terminal_would_obey() -> None:
    hostile = answer(b"{}", b"Content-Type: text/\x1b[31m\xe2\x80\xae; x", b"Date: \x1b[2J")
    with serving(lambda asked: asked.say(hostile)) as server:
        said = run("doctor", server.url)
    assert said == "\n".join(visible(line) for line in said.split("\n"))


def test_doctor_asks_for_the_first_list_of_a_profile_where_the_root_is_dropped() -> None:
    from interop_harness.execution.run import first_lists
    from interop_harness.profile import load

    assert first_lists(load("open-referral-uk")) == ["/services"]
