"""How the command is spoken to: what is wrong is told at once; the tab key; targets; what a bug report says."""

from __future__ import annotations

import io
import json
import os
import shlex
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import click
import pytest

from console.cli.root import _COMMANDS, root
from console.cli.root import run as run_command
from console.config import CiscoXdrConfig, ProwlerConfig, SecurityHubConfig
from tests.cli.conftest import Run

SECRET = "pk_12345678.very-secret"


def commands(command: click.Command = root, words: tuple[str, ...] = ()) -> dict[tuple[str, ...], click.Command]:
    """Every command there is, by the words that lead to it."""
    found = {words: command}
    if isinstance(command, click.Group):
        ctx = click.Context(command)
        for name in command.list_commands(ctx):
            one = command.get_command(ctx, name)
            assert one is not None
            if not one.hidden:
                found |= commands(one, (*words, name))
    return found


@pytest.mark.parametrize("words", [" ".join(words) for words in commands()])
def test_help_has_examples_that_name_the_command(words: str, capsys: pytest.CaptureFixture[str]) -> None:
    for option in ("-h", "--help"):
        assert run_command([*words.split(), option]) == 0
        told = capsys.readouterr().out
        assert "Example" in told
        examples = told[told.index("Example") :].splitlines()
        assert any(f"ocsf-console {words}".rstrip() in line for line in examples)


@pytest.mark.parametrize("group", ["config", "jobs", "schema", "targets"])
def test_a_group_alone_tells_all_that_it_can_do_once(group: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command([group]) == 2
    alone = capsys.readouterr()
    assert run_command([group, "--help"]) == 0

    assert alone.out == ""
    assert alone.err == capsys.readouterr().out


def test_all_that_is_wrong_is_told_at_once(run: Run) -> None:
    done = run("validate", "--fromat", "xml", "--ruls=none", "--workers", "0", "--zz")

    assert done.code == 2
    assert done.stdout == ""
    assert done.stderr.splitlines() == [
        "Usage: ocsf-console validate [OPTIONS] PATH...",
        "Error: No such option '--fromat'. Did you mean '--format'?",
        "Error: No such option '--ruls'. Did you mean '--rules'?",
        "Error: No such option '--zz'.",
        "Error: Invalid value for '--format': 'xml' is not one of 'text', 'jsonl', 'json', 'sarif', 'junit', 'github',"
        " 'csv', 'html'.",
        "Error: Invalid value for '--rules': 'none' is not one of 'full', 'official'.",
        "Error: Invalid value for '--workers': 0 is not in the range 1<=x<=256.",
        "Error: Missing argument 'PATH...'.",
    ]


@pytest.mark.parametrize(
    ("words", "nearest"),
    [
        ("validate scan.json --for prowlr", "prowler"),
        ("validate scan.json --fail-on erors", "error"),
        ("convert scan.json -o new.json --to asf", "asff"),
        ("convert scan.json -o new.json --to asff --severity-for-unknown medim", "medium"),
        ("targets add here --kind prowlr", "prowler"),
        ("targets edit prowler --unset base-ul", "base-url"),
        ("completion bsh", "bash"),
        ("inspect scan.json --format jsn", "json"),
        ("inspect scan.json --format yaml", None),
    ],
)
def test_the_nearest_of_a_few_words_is_told(
    words: str, nearest: str | None, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(words.split()) == 2

    told = capsys.readouterr().err
    assert ("Did you mean" in told, f"Did you mean '{nearest}'?" in told) == (nearest is not None,) * 2, told


@pytest.mark.usefixtures("own_environment")
@pytest.mark.parametrize(
    ("arguments", "errors"),
    [
        (
            ["validate", "no.json", "-", "./no2.json", "--schema", "9.9.9", "--unknwon", "3"],
            [
                "No such option '--schema'. Did you mean '--schema-version'?",
                "No such option '--unknwon'.",
                "Invalid value for '--schema-version': OCSF version 9.9.9 is not known. The nearest is 1.8.0. Known",
                "no.json does not exist.",
                "./no2.json does not exist.",
            ],
        ),
        (
            ["validate", "no.json", "--schema-version", "1.5"],
            [
                "Invalid value for '--schema-version': OCSF version 1.5 is not known. The nearest is 1.5.0. Known are",
                "no.json does not exist.",
            ],
        ),
        (["convert", "no.json", "--to", "asff"], ["Missing option '-o' / '--output'.", "no.json does not exist."]),
        (["compare", "no.json"], ["Missing argument 'NEW'.", "no.json does not exist."]),
        (
            ["validate", "no.json", "--for", "prowlr", "--for", "ciscoxdr", "--for", "prowler"],
            [
                "Invalid value for '--for': 'prowlr' is not one of 'cisco-xdr', 'cisco-xdr-custom', 'prowler',",
                "Invalid value for '--for': 'ciscoxdr' is not one of 'cisco-xdr', 'cisco-xdr-custom', 'prowler',",
                "no.json does not exist.",
            ],
        ),
        (
            ["sandbox", "--fault", "nonsense", "--fault", "stauts=1", "--fault", "latency=1", "--port", "99999"],
            [
                "Invalid value for '--fault': There is no fault 'nonsense'.",
                "Invalid value for '--fault': There is no fault 'stauts'; the nearest is 'status'.",
                "Invalid value for '--port': 99999 is not in the range",
            ],
        ),
        (
            ["submit", "no.json", "--target", "prowlr", "--wiat"],
            [
                "No such option '--wiat'. Did you mean '--wait'?",
                "no.json does not exist.",
                "There is no target named 'prowlr'. Did you mean 'prowler'?",
            ],
        ),
        (
            ["jobs", "list", "--target", "prowlr", "--status", "faild"],
            [
                "Invalid value for '--status': 'faild' is not one of",
                "There is no target named 'prowlr'. Did you mean 'prowler'?",
            ],
        ),
        (
            ["submit", "no.json", "--target", "prowlr"],
            ["There is no target named 'prowlr'. Did you mean 'prowler'?", "no.json does not exist."],
        ),
        (
            ["submit", "no.json", "--select", "vald"],
            [
                "Invalid value for '--select': Which records are meant by vald? It is neither all nor valid. Did you",
                "Missing option '--target'.",
                "no.json does not exist.",
            ],
        ),
    ],
    ids=lambda words: words[0],
)
def test_files_that_are_not_there_are_told_with_all_else(
    arguments: list[str], errors: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments) == 2

    told = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error: ")]
    assert [line.removeprefix("Error: ")[: len(words)] for line, words in zip(told, errors, strict=True)] == errors


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["validate", "f.json", "--fromat", "json"], ["No such option '--fromat'. Did you mean '--format'?"]),
        (["submit", "f.json", "--taget", "prowler"], ["No such option '--taget'. Did you mean '--target'?"]),
        (["inspect", "f.json", "-x"], ["No such option '-x'."]),
        (["inspect", "f.json", "--format"], ["Option '--format' requires an argument."]),
        (["jobs", "lst"], ["No such command 'lst'. Did you mean 'list'?"]),
        (["valdate", "f.json"], ["No such file or command 'valdate'. Did you mean 'validate'?"]),
        (["compare", "a", "b", "c"], ["Got unexpected extra argument (c)"]),
        (
            ["jobs", "list", "--sort", "x", "--page", "0", "--inserted", "never"],
            ["Invalid value for '--sort'", "Invalid value for '--page'", "Invalid value for '--inserted'"],
        ),
        (["submit", "--timeout", "-1"], ["Invalid value for '--timeout'", "Missing argument", "Missing option"]),
        (
            ["jobs", "list", "--status", "failed, complted", "--sort", "-complete_at", "--inserted", "2026-31-01"],
            [
                "'complted' is not one of pending, processing, completed, failed, unknown, waiting."
                " Did you mean 'completed'?",
                "with or without '-' in front. Did you mean 'completed_at'?",
                "'2026-31-01' is no day like 2026-11-21.",
            ],
        ),
        (["submit", "f.json", "--target", "prowler", "--timeout", "nan"], ["nan is no number of seconds."]),
        (["inspect", "--a\nError: forged", "f.json"], ["No such option '--a\\nError: forged'."]),
    ],
)
def test_each_wrong_thing_is_told_once(
    arguments: list[str], told: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    assert run_command(arguments) == 2

    errors = capsys.readouterr().err.split("Usage:")[1].split("\nError: ", 1)[1]
    for words in told:
        assert words in errors
    assert errors.count("Error: Invalid") + errors.count("Error: No such") <= len(told) - 1


@pytest.mark.parametrize(
    "arguments", [["submit", "--target", "prowler"], ["compare"], ["validate"], ["inspect"]], ids=lambda words: words[0]
)
def test_every_file_that_can_not_be_read_is_told(
    arguments: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = [str(tmp_path / name) for name in ("a.json", "b.json")]

    assert run_command([*arguments, *paths]) == 2

    errors = [line for line in capsys.readouterr().err.splitlines() if line.startswith("Error:")]
    assert errors == [f"Error: {path} does not exist." for path in paths]


def test_the_help_of_all_says_what_each_command_is_for_in_a_line(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["--help"]) == 0

    lines = capsys.readouterr().out.splitlines()
    for words in commands():
        if len(words) == 1:
            assert f"  {words[0]:11}  {_COMMANDS[words[0]].summary}" in lines


def test_help_is_given_although_something_is_missing(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["submit", "--help"]) == 0
    assert "--target NAME" in capsys.readouterr().out


@pytest.fixture
def shims(tmp_path: Path) -> Path:
    """A folder with `ocsf-console` in it, as an installation would have it."""
    path = tmp_path / "bin" / "ocsf-console"
    path.parent.mkdir()
    path.write_text(f'#!/bin/sh\nexec {shlex.quote(sys.executable)} -m console "$@"\n')
    path.chmod(0o755)
    return path.parent


def test_bash_completes_what_it_was_told(run: Run, shims: Path, tmp_path: Path) -> None:
    """A real bash, with what `completion bash` writes: commands, options, values, names of targets."""
    script = run("completion", "bash").stdout
    config = tmp_path / "config.toml"
    config.write_text('[targets.hub-of-ann]\nkind = "security-hub"\n')

    def completed(*words: str) -> list[str]:
        asked = " ".join(map(shlex.quote, ("ocsf-console", *words)))
        lines = [
            script,
            f"COMP_WORDS=({asked}); COMP_CWORD={len(words)}",
            "compopt() { :; }; _ocsf_console_completion ocsf-console",
            'printf "%s\\n" "${COMPREPLY[@]}"',
        ]
        done = subprocess.run(
            ["bash", "--norc", "-c", "\n".join(lines)],
            capture_output=True,
            text=True,
            env={**os.environ, "PATH": f"{shims}:{os.environ['PATH']}", "OCSF_CONSOLE_CONFIG": str(config)},
            timeout=50,
            check=True,
        )
        assert done.stderr == ""
        return done.stdout.split()

    assert completed("val") == ["validate"]
    assert completed("jobs", "re") == ["resend", "resume"]
    assert completed("validate", "--form") == ["--format"]
    assert completed("validate", "--format", "j") == ["jsonl", "json", "junit"]
    assert completed("submit", "f.json", "--target", "h") == ["hub-of-ann"]
    assert completed("login", "pro") == ["prowler"]
    assert completed("validate", "--format", "=", "j") == ["jsonl", "json", "junit"]
    assert completed("submit", "--target", "=") == ["cisco-xdr", "hub-of-ann", "prowler", "security-hub"]


@pytest.fixture
def place(tmp_path: Path, shims: Path) -> dict[str, str]:
    """The environment of somebody in a folder with a finding file and a configuration."""
    (tmp_path / "here").mkdir()
    (tmp_path / "here" / "my scan.json").write_text("[]")
    config = tmp_path / "config.toml"
    config.write_text('[targets.hub-of-ann]\nkind = "security-hub"\n')
    path = f"{shims}:{os.environ['PATH']}"
    return {**os.environ, "PATH": path, "OCSF_CONSOLE_CONFIG": str(config), "HOME": str(tmp_path)}


@pytest.mark.skipif(shutil.which("fish") is None, reason="There is no fish here")
@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("val", ["validate\tCheck finding files against OCSF, offline."]),
        (
            "jobs re",
            ["resend\tSend the records that a job rejected once...", "resume\tGo on with a submission that was..."],
        ),
        ("validate --format j", ["json", "jsonl", "junit"]),
        ("validate --format=j", ["--format=json", "--format=jsonl", "--format=junit"]),
        ("submit --target=h", ["--target=hub-of-ann\tsecurity-hub"]),
        ("validate m", ["my scan.json"]),
        ("validate --output=m", ["--output=my scan.json"]),
    ],
)
def test_fish_completes_what_it_was_told(
    run: Run, place: dict[str, str], tmp_path: Path, line: str, expected: list[str]
) -> None:
    script = run("completion", "fish").stdout + f"\ncomplete -C {shlex.quote(f'ocsf-console {line}')}\n"

    done = subprocess.run(
        ["fish", "--no-config"],
        input=script,
        capture_output=True,
        text=True,
        env=place,
        cwd=tmp_path / "here",
        check=True,
    )

    assert done.stderr == ""
    assert done.stdout.splitlines() == expected


ZSH_STUBS = """
compdef() { :; }
compset() { print -r -- "compset $@"; }
_describe() { print -rl -- "${(P@)3}"; }
compadd() { print -rl -- "${(P@)4}"; }
_path_files() { print -r -- "files"; }
"""
"""What zsh has only while somebody presses the tab key."""


@pytest.mark.skipif(shutil.which("zsh") is None, reason="There is no zsh here")
@pytest.mark.parametrize(
    ("words", "expected"),
    [
        (["val"], ["validate:Check finding files against OCSF, offline."]),
        (["validate", "--format=j"], ["jsonl", "json", "junit"]),
        (["submit", "--target=h"], ["hub-of-ann:security-hub"]),
        (["validate", "m"], ["files"]),
    ],
)
def test_zsh_offers_what_it_was_told(run: Run, place: dict[str, str], words: list[str], expected: list[str]) -> None:
    asked = f"words=(ocsf-console {shlex.join(words)}); CURRENT={len(words) + 1}"
    script = f"{ZSH_STUBS}\n{run('completion', 'zsh').stdout}\n{asked}\n_ocsf_console_completion"

    done = subprocess.run(["zsh", "-f", "-c", script], capture_output=True, text=True, env=place, check=False)

    assert done.stderr == ""
    assert done.stdout.splitlines() == ["compset -P --*=", *expected]


@pytest.mark.parametrize("shell", ["zsh", "fish"])
def test_the_other_shells_get_paths_from_themselves(run: Run, shell: str) -> None:
    script = run("completion", shell).stdout
    asked = run(_OCSF_CONSOLE_COMPLETE=f"{shell}_complete", COMP_WORDS="ocsf-console validate x", COMP_CWORD="2")

    assert f"_OCSF_CONSOLE_COMPLETE={shell}_complete" in script
    assert asked.code == 0
    assert "file" in asked.stdout


def test_completing_loads_no_command_for_its_name() -> None:
    asked = {"_OCSF_CONSOLE_COMPLETE": "zsh_complete", "COMP_WORDS": "ocsf-console ", "COMP_CWORD": "1"}
    script = (
        "import sys, atexit\n"
        "atexit.register(lambda: sys.stderr.write(' '.join(m for m in sys.modules if m.startswith('console.cli.'))))\n"
        "from console.cli.root import run; run([])"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, env={**os.environ, **asked}, check=True
    )

    assert "validate" in done.stdout
    assert set(done.stderr.split()).isdisjoint(entry.place.partition(":")[0] for entry in _COMMANDS.values())


def test_targets_are_added_changed_tested_and_removed(run: Run, own_environment: Path) -> None:
    added = run("targets", "add", "hub", "--kind", "security-hub", "--region", "eu-west-1")
    changed = run("targets", "edit", "hub", "--region", "eu-north-1", "--account-id", "123456789012")
    shown = run("targets", "list", "--format", "json").json()["targets"]
    unset = run("targets", "edit", "hub", "--unset", "account-id")
    config = Path(run("config", "path").stdout.strip())
    written = config.read_text()
    unasked = run("targets", "remove", "hub")
    removed = run("targets", "remove", "hub", "--yes")

    assert [done.code for done in (added, changed, unset, unasked, removed)] == [0, 0, 0, 2, 0]
    assert "--yes" in unasked.stderr
    assert "aws configure" in added.stderr
    origin = "https://securityhub.eu-north-1.amazonaws.com"
    assert {"name": "hub", "kind": "security-hub", "origin": origin} in shown
    assert written == '[targets.hub]\nkind = "security-hub"\nregion = "eu-north-1"\n'
    assert config.read_text().strip() == ""
    assert all(not done.stdout for done in (added, changed, unset, removed))


@pytest.mark.usefixtures("own_environment")
def test_who_says_no_keeps_the_target_and_has_done_nothing_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    run_command(["targets", "add", "hub", "--kind", "prowler"])
    monkeypatch.setattr("console.cli.setup.is_attended", lambda: True)
    monkeypatch.setattr("sys.stdin", io.StringIO("n\n"))

    assert run_command(["targets", "remove", "hub"]) == 0

    assert "Nothing was removed." in capsys.readouterr().err
    assert run_command(["targets", "remove", "hub", "--yes"]) == 0


def test_every_key_of_every_kind_of_target_is_an_option() -> None:
    keys = {key for kind in (ProwlerConfig, CiscoXdrConfig, SecurityHubConfig) for key in kind.model_fields} - {"kind"}

    for name in ("add", "edit"):
        options = {one.name for one in commands()["targets", name].params if isinstance(one, click.Option)}
        assert keys == options - {"kind", "unset", "help"}


def test_several_regions_are_written_as_a_list(capsys: pytest.CaptureFixture[str]) -> None:
    assert run_command(["targets", "add", "hub", "--kind", "security-hub", "--regions", "eu-west-1, us-east-1"]) == 0
    capsys.readouterr()
    run_command(["config", "show"])

    shown = tomllib.loads(capsys.readouterr().out)
    assert shown["targets"]["hub"]["regions"] == ["eu-west-1", "us-east-1"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["edit", "hub"], "Nothing to change"),
        (["edit", "hub", "--region", "x", "--unset", "region"], "--region can't be set and unset at once"),
        (["edit", "hub", "--region", "x"], "There is no target named 'hub'"),
        (["remove", "hub"], "There is no target named 'hub'"),
        (["add", "hub", "--kind", "security-hub", "--account-id", "1"], "targets.hub.account_id"),
        (["add", "p", "--kind", "prowler", "--base-url", "https://u:p@example.com"], "targets.p.base_url"),
        (["add", "p"], "Missing option '--kind'"),
    ],
)
def test_a_target_that_would_be_wrong_is_refused(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str], own_environment: Path
) -> None:
    assert run_command(["targets", *arguments]) == 2

    assert told in capsys.readouterr().err
    assert not list(own_environment.rglob("config.toml"))


def test_info_says_what_a_bug_report_needs_and_no_secret(run: Run, own_environment: Path) -> None:
    run("targets", "add", "ours", "--kind", "prowler", "--base-url", "https://tenant.example")
    environment = {"PROWLER_CLOUD_API_KEY": SECRET, "HTTPS_PROXY": "http://user:word@proxy.example", "TERM": "\x1b]0;x"}

    asked, told = (run("info", *more, **environment) for more in (("--format", "json"), ()))

    facts = asked.json()
    assert facts["packages"]["textual"] == "8.2.8"
    assert facts["config"] == {
        "path": "~/xdg_config_home/ocsf-console/config.toml", "exists": True, "valid": True, "targets": ["prowler"],
    }  # fmt: skip
    assert facts["state"]["path"] == "~/state"
    assert isinstance(facts["keyring"]["usable"], bool)
    assert "1.8.0" in facts["ocsf"]
    assert {"HTTPS_PROXY", "PROWLER_CLOUD_API_KEY"} <= set(facts["environment"])
    for text in (json.dumps(facts), told.stdout):
        for private in (SECRET, "user:word", "tenant.example", str(own_environment), "\x1b"):
            assert private not in text
    assert [line.split()[0] for line in told.stdout.splitlines()][:2] == ["version", "python"]
    assert not (own_environment / "state").exists()


def test_info_works_with_a_broken_configuration(run: Run, tmp_path: Path) -> None:
    config = tmp_path / "config.toml"
    config.write_text("[")

    done = run("info", "--format", "json", OCSF_CONSOLE_CONFIG=str(config))

    assert done.code == 0
    assert done.json()["config"]["valid"] is False
