"""Keeping and forgetting the secrets of a target, and what that came to in words. Touches no widget."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from textual.content import Content

from console.credentials import Found, Source
from console.submissions.desk import Desk
from console.targets.registry import Access
from screens.login import Keep, Login
from screens.widgets.target_table import KnownTarget
from screens.widgets.text import styled


async def log_in(desk: Desk, name: str, wanted: Access, login: Login, logout: str) -> Content:
    """Keep what was typed in, and let the target be opened anew with what is found now. Raises `ConsoleError`.

    *logout* is the key for the opposite.
    """

    def keep() -> list[Found]:
        credentials = desk.credentials
        for slot, secret in login.secrets.items():
            if login.keep is Keep.KEYRING:
                credentials.store(name, wanted.origin, slot, secret)
            else:
                credentials.remember(name, wanted.origin, slot, secret)
        return [credentials.find(name, wanted.origin, slot) for slot in wanted.slots]

    try:
        # The keyring may wait.
        found = await asyncio.to_thread(keep)
    finally:
        await desk.forget_target(name)
    return _logged_in(name, login.keep, found, logout)


async def log_out(desk: Desk, known: KnownTarget) -> Content:
    """Remove the secrets of a target, and let it be opened anew without them. Raises `ConsoleError`."""

    def forget() -> set[Source]:
        wanted = known.access
        return {place for slot in wanted.slots for place in desk.credentials.forget(known.name, wanted.origin, slot)}

    try:
        places = await asyncio.to_thread(forget)
    finally:
        # A keyring that fails does not keep this session from forgetting.
        await desk.forget_target(known.name)
    return _forgotten(known, places)


def _logged_in(name: str, keep: Keep, found: Sequence[Found], logout: str) -> Content:
    """What logging in came to: what is looked for first wins, and that need not be what was typed in."""
    winner = next((one for one in found if one.source is not Source(keep)), None)
    if winner is None:
        return styled("Logged in to $target, $keep.", target=name, keep=keep.words)
    match winner.source:
        case Source.ENVIRONMENT:
            why = f"{winner.detail} in the environment comes first. Unset it and start again."
        case Source.KEYRING:
            why = f"what the {winner.detail} holds comes first. Press {logout} to forget both, then log in again."
        case _:
            why = f"{winner.detail} That comes first: mend it and start again."
    return styled(
        "[$text-warning]! $target: what you typed in is $keep and not in use: $why[/]",
        target=name,
        keep=keep.words,
        why=why,
    )


def _forgotten(known: KnownTarget, places: set[Source]) -> Content:
    """What logging out came to: what the environment holds is not ours to remove."""
    variable = next((found.detail for _, found in known.found if found.source is Source.ENVIRONMENT), None)
    if variable is not None:
        return styled("$target: the environment still gives the secret ($name).", target=known.name, name=variable)
    if not places:
        return styled("$target: there was nothing to forget.", target=known.name)
    return styled("$target: forgotten ($places).", target=known.name, places=", ".join(sorted(places)))
