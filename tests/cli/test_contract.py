"""The commands and options that users and pipelines rely on are there, under these names, with these values."""

from __future__ import annotations

import json
import os
import pty
import re
import signal
import subprocess
from pathlib import Path

import click
import pytest

from console.cli.root import run as run_command
from console.errors import ExitCode
from tests.cli.conftest import COMMAND, Run
from tests.cli.test_arguments import commands

PROMISED = """\
demo [--headless]
inspect PATH... [--format text|json]
show FILE [--record N] [--count N] [--format json|raw]
validate PATH... [--rules full|official] [--schema-version V] [--for cisco-xdr|cisco-xdr-custom|prowler|security-hub]...
    [--missing-recommended] [--fail-on error|warning|never] [--workers N]
    [--format text|jsonl|json|sarif|junit|github|csv|html] [-o FILE]
compare OLD NEW [--format text|json]
repair FILE [-o FILE] [--format text|json]
convert FILE [--to asff|cisco-bundle|cisco-custom|array|ndjson] [-o FILE] [--account ID] [--region R]
    [--format text|json]
submit PATH... [--target NAME] [--select X] [--dry-run] [--wait] [--timeout N] [--yes] [--format text|json]
jobs list [--target NAME] [--status S] [--search Q] [--inserted D] [--completed D] [--sort F] [--page N]
    [--page-size N] [--format text|json|csv]
jobs show ID [--target NAME] [--format text|json]
jobs errors ID [--target NAME] [--format text|json|csv]
jobs watch [ID] [--target NAME] [--timeout N]
jobs settle SUBMISSION [--target NAME] [--adopt ID] [--resend] [--abandon]
jobs resend ID [--target NAME] [--only failed]
targets list [--format text|json]
targets add NAME
targets edit NAME
targets remove NAME
targets test NAME
login TARGET [--stdin]
logout TARGET
credentials [--format text|json]
schema list
schema add FILE
schema remove VERSION
sandbox [--host H] [--port N] [--data DIR] [--fault SPEC]...
config path
config show
config validate
config schema
config init
info [--format text|json]
completion SHELL
"""


def _promises() -> list[str]:
    return re.sub(r"\n +", " ", PROMISED).splitlines()


@pytest.mark.parametrize("line", _promises())
def test_a_command_is_as_promised(line: str) -> None:
    before, *options = re.split(r" (?=\[-)", line)
    words = before.split()
    known = commands()
    name = tuple(words[:2]) if tuple(words[:2]) in known else tuple(words[:1])
    command = known[name]
    arguments = [one for one in command.params if isinstance(one, click.Argument)]
    assert len(arguments) == len(words) - len(name)
    for argument, word in zip(arguments, words[len(name) :], strict=True):
        assert argument.required is not word.startswith("[")
        assert (argument.nargs == -1) is word.endswith("...")
    for promise in options:
        _assert_option(command, promise)


def _assert_option(command: click.Command, promise: str) -> None:
    """`[--format text|json]`, with `...` behind it where it may be given several times."""
    name, *values = promise.rstrip(".").strip("[]").split()
    (option,) = [one for one in command.params if isinstance(one, click.Option) and name in one.opts]
    assert option.is_flag is (not values)
    assert option.multiple is promise.endswith("...")
    if values and "|" in values[0]:
        assert isinstance(option.type, click.Choice)
        assert set(option.type.choices) == set(values[0].split("|"))


def test_no_exit_code_has_changed() -> None:
    assert {code.name: code.value for code in ExitCode} == {
        "OK": 0, "FINDINGS": 1, "USAGE": 2, "UNAVAILABLE": 3, "DENIED": 4, "UNKNOWN": 5, "TIMEOUT": 6,
        "INTERRUPTED": 130,
    }  # fmt: skip


def test_an_issue_has_these_keys_in_this_order(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "f.json").write_text('[{"class_uid":2004},')

    run_command(["validate", str(tmp_path), "--format", "jsonl"])

    rows = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {tuple(row) for row in rows} == {("file", "record", "offset", "line", "severity", "code", "path", "message")}


def test_options_may_stand_anywhere_and_so_may_the_configuration(run: Run, sound: Path, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("")

    done = run("validate", "--format", "json", sound, "--config", config, "--fail-on", "warning")

    assert done.json()["summary"]["records"] == 20


def test_a_terminal_sees_progress_and_a_pipe_sees_data(sample: Path) -> None:
    """stderr is a terminal here, stdout a pipe; then neither."""
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "wb", buffering=0) as terminal:
        watched = subprocess.run(
            [*COMMAND, "validate", sample], stdout=subprocess.PIPE, stderr=terminal, check=True, timeout=50
        )
    shown = os.read(ours, 65_536)
    os.close(ours)
    alone = subprocess.run([*COMMAND, "validate", sample], capture_output=True, check=True, timeout=50)

    assert b"\x1b[KValidating" in shown
    assert shown.endswith(b"\r\x1b[K")
    assert alone.stderr == b""
    assert watched.stdout == alone.stdout
    assert b"\x1b" not in watched.stdout


def test_an_interrupted_run_leaves_no_report(sound: Path, tmp_path: Path) -> None:
    """It waits for stdin, so that it is in the middle of its work for certain."""
    out = tmp_path / "report.html"
    with subprocess.Popen(
        [*COMMAND, "validate", sound, "-", "--format", "html", "-o", out],
        stdin=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as running:
        assert running.stdin is not None
        # A pipe holds 64 KB: when more than that is gone, somebody reads.
        running.stdin.write(b" " * 200_000)
        running.send_signal(signal.SIGINT)
        _, told = running.communicate(timeout=50)

    assert running.returncode == 130
    assert b"Traceback" not in told
    assert not out.exists()
    assert sorted(path.name for path in tmp_path.iterdir()) == [sound.name]
