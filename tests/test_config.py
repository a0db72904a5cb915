"""The configuration: what is right loads, what is wrong is named by file, line, key and nearest key."""

from __future__ import annotations

from pathlib import Path

import pytest

from console.config import CiscoXdrConfig, Config, ProwlerConfig, load, parse, save, with_environment
from console.errors import BadConfig

EXAMPLE = Path(__file__).resolve().parents[1] / "config.example.toml"


def test_the_example_loads_and_shows_every_kind() -> None:
    config = load(EXAMPLE)

    assert {target.kind for target in config.targets.values()} == {"prowler", "cisco-xdr", "security-hub"}


def test_the_example_states_every_cap_with_its_default() -> None:
    limits = load(EXAMPLE).limits

    assert limits == Config().limits
    assert limits.model_fields_set == set(type(limits).model_fields)


def test_a_missing_file_is_an_empty_configuration(tmp_path: Path) -> None:
    assert load(tmp_path / "none.toml") == Config()


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (
            '[targets.p]\nkind = "prowler"\nbase_ulr = "x"\n',
            "c.toml, line 3: unknown key 'targets.p.base_ulr'; did you mean 'base_url'?",
        ),
        (
            "[ui]\n\n# slow\nrefresh_secnds = 3\n",
            "c.toml, line 4: unknown key 'ui.refresh_secnds'; did you mean 'refresh_seconds'?",
        ),
        ("[limitz]\n", "c.toml, line 1: unknown key 'limitz'; did you mean 'limits'?"),
        (
            '[targets.p]\nkind = "prowlr"\n',
            "c.toml, line 2: 'targets.p.kind' is 'prowlr', which is none of prowler, cisco-xdr, security-hub;"
            " did you mean 'prowler'?",
        ),
        (
            '[targets.p]\nkind = "splunk"\n',
            "c.toml, line 2: 'targets.p.kind' is 'splunk', which is none of prowler, cisco-xdr, security-hub.",
        ),
        ("[targets.p]\n", "c.toml, line 1: 'targets.p' has no kind: it is one of prowler, cisco-xdr, security-hub."),
        ("[ui]\nrefresh_seconds = 0\n", "c.toml, line 2: 'ui.refresh_seconds': must be 1 or more."),
        ("[ui]\nread_only = 3\n", "c.toml, line 2: 'ui.read_only': must be true or false."),
        (
            '[ui]\nnotify = ["bell", "mail"]\n',
            "c.toml, line 2: 'ui.notify': must be 'toast', 'bell' or 'terminal'.",
        ),
        ("[limits]\nsend_attempts = 1.5\n", "c.toml, line 2: 'limits.send_attempts': must be a whole number."),
        ("[limits]\nsend_seconds = '1 h'\n", "c.toml, line 2: 'limits.send_seconds': must be a number."),
        ("targets = 3\n", "c.toml, line 1: 'targets': must be a table."),
        (
            '[targets.h]\nkind = "security-hub"\nregion = 1\n',
            "c.toml, line 3: 'targets.h.region': must be text in quotes.",
        ),
        (
            '[targets.p]\nkind = "prowler"\nbase_url = "http://example.com"\n',
            "c.toml, line 3: 'targets.p.base_url': a URL must be https",
        ),
        ('[targets.p]\nkind = "prowler"\nbase_url = "https://me:pw@example.com"\n', "must not hold a user name"),
        (
            '[targets.p]\nkind = "prowler"\nbase_url = "https://example.com:99999"\n',
            "c.toml, line 3: 'targets.p.base_url': the port of a URL is a number up to 65535.",
        ),
        (
            '[ targets . "a.b" ]  # a name with a dot\nkind = "prowler"\n"base_ulr" = "x"\n',
            "c.toml, line 3: unknown key 'targets.a.b.base_ulr'; did you mean 'base_url'?",
        ),
        (
            '[targets.x]\nkind = "cisco-xdr"\nbase_url = "https://findings.example"\n',
            "c.toml, line 1: 'targets.x': base_url and token_url go together",
        ),
        (
            '[targets.h]\nkind = "security-hub"\nregion = "eu-west-1"\nregions = ["eu-west-1", "us-east-1"]\n'
            'endpoint_url = "https://hub.example"\n',
            "c.toml, line 1: 'targets.h': endpoint_url is the address of one region: take it or regions away.",
        ),
        (
            '[targets.x]\nkind = "cisco-xdr"\nmodule_instance_id = "a\\nb"\n',
            "c.toml, line 3: 'targets.x.module_instance_id': visible ASCII characters without a space",
        ),
        (
            '[targets.h]\nkind = "security-hub"\naccount_id = "12"\n',
            "c.toml, line 3: 'targets.h.account_id': an AWS account has 12 digits.",
        ),
        ('[targets."a b"]\nkind = "prowler"\n', "c.toml, line 1: 'targets.a b': letters, digits and . _ - only"),
        ('[keys]\n"jobs.refresh" = "a b"\n', "c.toml, line 2: 'keys.jobs.refresh': visible ASCII characters"),
        ("x = [", "c.toml, line 1, column 6: this is not TOML: invalid value at the end of the file."),
        (
            "[targets.p]\nkind = prowler\n",
            "c.toml, line 2, column 8: this is not TOML: invalid value at 'prowler'; text stands in quotes.",
        ),
        (
            "[targets.p\nkind = 1\n",
            "c.toml, line 1, column 11: this is not TOML: expected ']' at the end of a table declaration"
            " at the end of the line.",
        ),
        ("a = pk_12345678.secret", "invalid value at 'pk_12345678.…'; text stands in quotes."),
        ("\x1b[31m", "c.toml, line 1, column 1: this is not TOML: invalid statement at '␛[31m'."),
    ],
)
def test_what_is_wrong_is_named(text: str, said: str) -> None:
    with pytest.raises(BadConfig) as caught:
        parse(text, Path("c.toml"))

    assert said in caught.value.message


def test_one_region_may_be_named_twice_beside_its_endpoint() -> None:
    text = 'kind = "security-hub"\nregion = "eu-west-1"\nregions = ["eu-west-1"]\nendpoint_url = "https://h.example"\n'

    assert parse(f"[targets.h]\n{text}", Path("c.toml")).targets


@pytest.mark.parametrize("line", ["a" * 50_000, "a." * 50_000, "[" + " " * 50_000 + "x", " " * 50_000 + '"'])
@pytest.mark.timeout(5)
def test_long_lines_do_not_delay_the_message(line: str) -> None:
    with pytest.raises(BadConfig, match=r"line 4: unknown key 'ui\.them'"):
        parse(f'[ui]\ntheme = """\n{line}"""\nthem = \'x\'', Path("c.toml"))


def test_all_faults_are_told_at_once() -> None:
    with pytest.raises(BadConfig) as caught:
        parse("[ui]\nthem = 'x'\n[limits]\ndepth = 'a'\n", Path("c.toml"))

    assert "line 2" in caught.value.message
    assert "line 4" in caught.value.message


def test_what_is_saved_loads_again_and_only_its_owner_can_read_it(tmp_path: Path) -> None:
    path = tmp_path / "new" / "config.toml"
    config = Config(targets={"lab": ProwlerConfig(kind="prowler", base_url="http://127.0.0.1:8080")})

    save(config, path)

    assert load(path) == config
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_saving_leaves_the_mode_of_a_folder_that_is_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    tmp_path.chmod(0o775)
    monkeypatch.chdir(tmp_path)

    save(Config(), Path("config.toml"))

    assert tmp_path.stat().st_mode & 0o777 == 0o775
    assert Path("config.toml").stat().st_mode & 0o777 == 0o600


def test_a_pipeline_needs_no_file() -> None:
    config = with_environment(Config(), {})

    assert config.targets["prowler"] == ProwlerConfig(kind="prowler", base_url="https://api.prowler.com")


@pytest.mark.parametrize("variable", ["PROWLER_CLOUD_API_BASE_URL", "PROWLER_CLOUD_API_BASE"])
def test_the_environment_names_the_address_in_both_generations(variable: str) -> None:
    config = with_environment(Config(), {variable: "http://127.0.0.1:9/"})

    assert config.targets["prowler"] == ProwlerConfig(kind="prowler", base_url="http://127.0.0.1:9")


def test_an_address_from_the_environment_must_be_safe_for_a_secret() -> None:
    with pytest.raises(BadConfig, match="PROWLER_CLOUD_API_BASE_URL"):
        with_environment(Config(), {"PROWLER_CLOUD_API_BASE_URL": "http://example.com"})


def test_the_environment_names_the_module_instance_of_every_cisco_target() -> None:
    other = CiscoXdrConfig(kind="cisco-xdr", region="eu", module_instance_id="of-the-file")
    config = with_environment(Config(targets={"eu": other}), {"CISCO_XDR_MODULE_INSTANCE_ID": " instance-7 "})

    assert config.targets["eu"] == other.model_copy(update={"module_instance_id": "instance-7"})
    assert config.targets["cisco-xdr"] == CiscoXdrConfig(kind="cisco-xdr", module_instance_id="instance-7")


@pytest.mark.parametrize("value", ["a b", "a\nb", "\u00e9", "x" * 257])
def test_a_module_instance_that_can_not_be_sent_is_named(value: str) -> None:
    with pytest.raises(BadConfig, match="CISCO_XDR_MODULE_INSTANCE_ID"):
        with_environment(Config(), {"CISCO_XDR_MODULE_INSTANCE_ID": value})
