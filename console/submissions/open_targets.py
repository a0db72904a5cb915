"""The targets that are open: each is opened when it is first asked for, and closed when nobody can use it any more."""

from __future__ import annotations

import asyncio

from console.config import Config
from console.credentials import Credentials
from console.targets.base import Target
from console.targets.registry import open_target


class OpenTargets:
    """The targets of a desk, by name. Close them when done."""

    def __init__(self, credentials: Credentials) -> None:
        self._credentials = credentials
        self._targets: dict[str, Target] = {}
        self._retired: list[Target] = []
        """No longer given out, perhaps still in use: closed at the end."""
        self._opening = asyncio.Lock()

    async def get(self, name: str, config: Config) -> Target:
        """The target of that name of *config*, ready to use. Raises `BadConfig` when there is none."""
        async with self._opening:
            if name in self._targets:
                return self._targets[name]
            wanted = config.target(name)
            target = await asyncio.to_thread(open_target, name, wanted, self._credentials, config.limits)
            if target.credential:
                self._targets[name] = target
            else:
                # Its secret may come at any time: somebody unlocks the keyring.
                self._retired.append(target)
            return target

    async def retire(self, *names: str) -> None:
        """Open these anew when they are asked for. Who uses one now goes on with it."""
        async with self._opening:
            self._retired += [self._targets.pop(name) for name in names if name in self._targets]

    async def close(self) -> None:
        """Let go of all connections."""
        for target in [*self._targets.values(), *self._retired]:
            await target.close()
