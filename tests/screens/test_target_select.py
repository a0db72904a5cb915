"""Which target is offered first."""

from __future__ import annotations

from console.config import CiscoXdrConfig, Config, SecurityHubConfig, with_environment
from screens.widgets.target_select import usable_targets


def test_a_target_of_the_file_is_offered_before_one_that_only_a_variable_speaks_of() -> None:
    """Else what was meant for a sandbox goes to the vendor: its variables are set for both."""
    hub = SecurityHubConfig(kind="security-hub", endpoint_url="http://127.0.0.1:9")
    xdr = CiscoXdrConfig(kind="cisco-xdr", base_url="http://127.0.0.1:9", token_url="http://127.0.0.1:9")
    variables = {"CISCO_XDR_MODULE_INSTANCE_ID": "module-1", "PROWLER_CLOUD_API_BASE_URL": "http://127.0.0.1:9"}
    config = with_environment(Config(targets={"xdr": xdr, "hub": hub}), variables)

    assert usable_targets(config) == ["xdr", "hub", "prowler", "cisco-xdr", "security-hub"]
    assert usable_targets(with_environment(Config(), {}))[0] == "prowler"
