"""Changing targets in a configuration that somebody wrote by hand: nothing else of it changes."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from console.config import SecurityHubConfig, load
from console.config_edit import add_target, edit_target, remove_target
from console.errors import BadConfig, BadInput, StateError

WRITTEN = """\
# Our console.   Ask Ann before you change it.
[ui]
theme = "nord"   # everybody's

[targets.xdr]    # the tenant in Frankfurt
kind = "cisco-xdr"
region = 'eu'    # not us!
module_instance_id = "7d9a4c1e"

# The old one.
[targets."old.tenant"]
kind = "prowler"

[limits]
depth = 100
"""


@pytest.fixture
def path(tmp_path: Path) -> Path:
    path = tmp_path / "folder" / "config.toml"
    path.parent.mkdir()
    path.write_text(WRITTEN)
    path.chmod(0o640)
    return path


def test_a_key_is_changed_where_it_stands(path: Path) -> None:
    edit_target(path, "xdr", {"region": "apjc", "module_instance_id": None, "workflow_run_id": "w-1"})

    assert path.read_text() == WRITTEN.replace("'eu'", '"apjc"').replace(
        'module_instance_id = "7d9a4c1e"', 'workflow_run_id = "w-1"'
    )
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_new_target_is_added_to_the_others(path: Path) -> None:
    keys = {"region": "eu-west-1", "aws_profile": None}

    after = add_target(path, "hub 2".replace(" ", "-"), "security-hub", keys)

    assert after.targets["hub-2"] == SecurityHubConfig(kind="security-hub", region="eu-west-1")
    assert load(path) == after
    text = path.read_text()
    assert [line for line in WRITTEN.splitlines() if line not in text.splitlines()] == []


def test_a_target_whose_name_has_a_dot_is_removed_alone(path: Path) -> None:
    after = remove_target(path, "old.tenant")

    assert list(after.targets) == ["xdr"]
    text = path.read_text()
    assert text.startswith(WRITTEN[: WRITTEN.index("# The old one")])
    assert text.endswith("[limits]\ndepth = 100\n")


def test_what_is_added_can_be_removed_again(path: Path) -> None:
    add_target(path, "new", "prowler", {})
    remove_target(path, "new")

    assert load(path).targets.keys() == {"xdr", "old.tenant"}
    assert "# not us!" in path.read_text()


@pytest.mark.parametrize("text", ['targets = {a = {kind = "prowler"}}\n', 'targets.a.kind = "prowler"\n', ""])
def test_every_way_to_write_a_target_can_be_added_to(tmp_path: Path, text: str) -> None:
    path = tmp_path / "config.toml"
    path.write_text(text)

    after = add_target(path, "b", "prowler", {"base_url": "https://b.example"})

    assert after.targets.keys() == load(path).targets.keys() == ({"a", "b"} if text else {"b"})


def test_the_first_target_makes_a_file_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"

    add_target(path, "prowler", "prowler", {})

    assert path.read_text() == '[targets.prowler]\nkind = "prowler"\n'
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


def test_a_link_is_followed_and_stays_one(path: Path, tmp_path: Path) -> None:
    link = tmp_path / "link.toml"
    link.symlink_to(path)

    remove_target(link, "xdr")

    assert link.is_symlink()
    assert "xdr" not in path.read_text()


@pytest.mark.parametrize(
    ("name", "kind", "keys", "words"),
    [
        ("xdr", "prowler", {}, "already"),
        ("hub", "security-hub", {"account_id": "12"}, "targets.hub.account_id"),
        ("hub", "security-hub", {"token_url": "https://x.example"}, "unknown key 'targets.hub.token_url'"),
        ("p", "prowler", {"base_url": "http://example.com"}, "targets.p.base_url"),
        ("x", "cisco-xdr", {"base_url": "https://x.example"}, "go together"),
        ("a b", "prowler", {}, "targets.a b"),
        ("k", "martian", {}, "is none of"),
    ],
)
def test_what_would_be_wrong_is_not_written(path: Path, name: str, kind: str, keys: dict[str, str], words: str) -> None:
    with pytest.raises((BadConfig, BadInput), match=words):
        add_target(path, name, kind, keys)

    assert path.read_text() == WRITTEN


def test_a_file_that_is_wrong_already_is_left_to_its_owner(path: Path) -> None:
    path.write_text(WRITTEN + "bogus = 1\n")

    with pytest.raises(BadConfig, match="line 16: unknown key"):
        remove_target(path, "xdr")

    assert "xdr" in path.read_text()


def test_a_target_that_is_not_there_can_be_neither_changed_nor_removed(path: Path) -> None:
    with pytest.raises(BadInput, match="no target named 'hub'") as refused:
        edit_target(path, "hub", {"region": "x"})
    assert "xdr, old.tenant" in refused.value.hint
    with pytest.raises(BadInput, match="no target named 'hub'"):
        remove_target(path, "hub")


def test_a_folder_that_can_not_be_made_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")

    with pytest.raises((StateError, BadConfig)):
        add_target(tmp_path / "file" / "config.toml", "p", "prowler", {})
