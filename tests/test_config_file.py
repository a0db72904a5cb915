"""The configuration file as the screens change it, and what is wrong with a target before it is in there."""

from __future__ import annotations

from pathlib import Path

from console.config import CiscoXdrConfig, ProwlerConfig, load
from console.config_file import NAME, WHOLE, ConfigFile, faults


def test_what_is_written_has_no_environment_in_it_and_what_is_used_has(tmp_path: Path) -> None:
    file = ConfigFile(tmp_path / "config.toml", {"PROWLER_CLOUD_API_BASE_URL": "https://env.example.com"})

    config = file.add("prowler", {"kind": "prowler", "base_url": "https://x.example.com"})

    assert config.targets["prowler"] == ProwlerConfig(kind="prowler", base_url="https://env.example.com")
    assert load(file.path) == file.alone()
    assert file.alone().targets == {"prowler": ProwlerConfig(kind="prowler", base_url="https://x.example.com")}


def test_a_setting_that_is_not_given_goes_and_what_others_wrote_meanwhile_stays(tmp_path: Path) -> None:
    file = ConfigFile(tmp_path / "config.toml", {})
    file.add("xdr", {"kind": "cisco-xdr", "region": "eu", "workflow_run_id": "7"})
    with file.path.open("a") as text:
        text.write('\n[ui]\ntheme = "nord"  # for the dark\n')

    file.edit("xdr", {"kind": "cisco-xdr", "region": "apjc"})

    assert file.alone().targets == {"xdr": CiscoXdrConfig(kind="cisco-xdr", region="apjc")}
    assert file.path.read_text().endswith('theme = "nord"  # for the dark\n')
    assert set(file.remove("xdr").targets) == {"prowler", "cisco-xdr", "security-hub"}
    assert file.alone().targets == {}


def test_each_fault_is_said_of_its_setting() -> None:
    assert faults("a", {"kind": "prowler"}) == {}
    assert faults("", {"kind": "prowler", "base_url": "ftp://x"}) == {
        NAME: "Letters, digits and . _ - only, a letter or a digit first, at most 64.",
        "base_url": "A URL must be https (http is allowed for this machine only).",
    }
    assert faults("a", {"kind": "security-hub", "account_id": "12"}) == {"account_id": "An AWS account has 12 digits."}
    assert faults("a", {"kind": "cisco-xdr", "base_url": "https://x.example.com"}) == {
        WHOLE: "base_url and token_url go together: set both, or neither and a region."
    }
