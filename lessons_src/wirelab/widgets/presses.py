"""Buttons of a widget, by name: what is pressed is done one after the other, and can be called off."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Mapping


class Presses:
    """Does `act(button)` for each press of one of these buttons, in the order in which they came.

    `refusal(button)` says why a button can do nothing now, or is empty.
    """

    def __init__(
        self,
        buttons: Iterable[str],
        refusal: Callable[[str], str],
        act: Callable[[str], Awaitable[None]],
    ) -> None:
        self._buttons = tuple(buttons)
        self._refusal, self._act = refusal, act
        self._busy = asyncio.Lock()
        self._acting: asyncio.Future[None] | None = None

    @property
    def refusals(self) -> Mapping[str, str]:
        """For each button that can do nothing now, why."""
        return {button: why for button in self._buttons if (why := self._refusal(button))}

    async def press(self, button: str) -> None:
        """Do what the button of that name does; ValueError names the buttons there are."""
        if button not in self._buttons:
            raise ValueError(f"There is no button {button!r}. Choose one of: {', '.join(self._buttons)}.")
        async with self._busy:
            self._acting = asyncio.ensure_future(self._act(button))
            await asyncio.wait([self._acting])
            if not self._acting.cancelled():
                self._acting.result()

    def call_off(self) -> None:
        """Stop in the middle of what is being done."""
        if self._acting is not None:
            self._acting.cancel()
