"""Testing the way to Security Hub: address, TLS, credentials, permission, and the products that are enabled."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from typing import Final

from console.display import safe_text
from console.errors import TargetDenied, TargetError
from console.targets.base import ProbeStep, StepState
from console.targets.failures import RequestFailed
from console.targets.http import Response
from console.targets.security_hub.answers import read_object, read_refusal
from console.targets.security_hub.aws import Place
from console.targets.security_hub.hub import Hub
from console.targets.security_hub.refusals import NO_ACCESS, PERMISSION, explained, speaks_of_the_key, unreadable
from console.targets.steps import CREDENTIALS, PERMITTED, failed_step, steps_of_failure, steps_to

HUB: Final = "/accounts"
SUBSCRIPTIONS: Final = "/productSubscriptions"
DESCRIBE: Final = "securityhub:DescribeHub"
LIST: Final = "securityhub:ListEnabledProductsForImport"
PRODUCTS: Final = "products"
_SHOWN: Final = 5


async def probe_steps(hub: Hub) -> AsyncIterator[ProbeStep]:
    """Ask about the account's hub, then about its products: nothing that changes anything."""
    place, chain = hub.place, hub.chain
    missing: TargetError | None = None
    try:
        key = (await asyncio.to_thread(chain.frozen)).access_key
    except TargetError as none:
        missing, key = none, ""
    try:
        answer = await hub.ask(HUB, unsigned=missing is not None)
    except RequestFailed as failure:
        for step in steps_of_failure(failure, place.endpoint):
            yield step
        return
    for step in steps_to(answer, place.endpoint):
        yield step
    error = missing or _refusal(answer, place, hub.off_by, DESCRIBE)
    if error is not None and (missing is not None or not _is_known(answer, error)):
        yield failed_step(CREDENTIALS, error)
        yield ProbeStep(PERMITTED, StepState.SKIPPED, "")
        return
    yield ProbeStep(CREDENTIALS, StepState.OK, f"{chain.source}, access key …{safe_text(key[-4:])}")
    if error is not None:
        yield _not_permitted(answer, error)
        return
    yield ProbeStep(PERMITTED, StepState.OK, f"Security Hub is enabled in {place.region}; findings were not tried")
    yield await _products(hub)


def _is_known(answer: Response, error: TargetError) -> bool:
    """Whether who we are is not in question, only what we may do."""
    return isinstance(error, TargetDenied) and not speaks_of_the_key(read_refusal(answer))


def _refusal(answer: Response, place: Place, clock_offset: float | None, permission: str) -> TargetError | None:
    if answer.status != 200:
        return explained(read_refusal(answer), answer, place, clock_offset, permission)
    return unreadable(answer, place) if read_object(answer) is None else None


def _not_permitted(answer: Response, error: TargetError) -> ProbeStep:
    """The hub can't be seen. Where only that is not allowed, importing may still be."""
    if read_refusal(answer).name in NO_ACCESS:
        advice = f"Importing may work all the same: it needs {PERMISSION}, and this test {DESCRIBE} and {LIST}."
        return ProbeStep(PERMITTED, StepState.FAILED, error.message, advice, error)
    return failed_step(PERMITTED, error)


async def _products(hub: Hub) -> ProbeStep:
    """Under which products of others findings may be imported; the account's own always is."""
    place = hub.place
    try:
        answer = await hub.ask(SUBSCRIPTIONS)
    except TargetError as failure:
        return ProbeStep(PRODUCTS, StepState.SKIPPED, f"They can't be listed. {failure.message}", failure.hint)
    error = _refusal(answer, place, hub.off_by, LIST)
    if error is not None:
        return ProbeStep(PRODUCTS, StepState.SKIPPED, f"They can't be listed. {error.message}", error.hint)
    found = (read_object(answer) or {}).get("ProductSubscriptions")
    arns = [arn for arn in found if isinstance(arn, str)] if isinstance(found, list) else []
    wanted = _subscription(place.product_arn)
    names = [arn.rpartition("product-subscription/")[2] for arn in arns]
    if wanted is not None and wanted not in names:
        return failed_step(
            PRODUCTS,
            TargetDenied(
                f"The product {safe_text(wanted, width=80)} is not enabled in {place.region}.",
                hint=f"Enable it: aws securityhub enable-import-findings-for-product --product-arn {place.product_arn}",
            ),
        )
    shown = ", ".join(safe_text(name, width=80) for name in names[:_SHOWN])
    more = f" and {len(names) - _SHOWN:,} more" if len(names) > _SHOWN else ""
    return ProbeStep(PRODUCTS, StepState.OK, f"the account's own{', ' if shown else ''}{shown}{more}")


def _subscription(product_arn: str | None) -> str | None:
    """What a partner's product is called among subscriptions; None for the account's own, which needs none."""
    name = (product_arn or "").rpartition(":product/")[2]
    return None if not name or name.endswith("/default") else name
