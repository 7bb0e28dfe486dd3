"""The boss's list: each row a wish, and the scenario that finds out whether it comes true."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from wirelab.boss.lab import Lab
from wirelab.boss.scenarios import disconnects, messages, network, people, scale


@dataclass(frozen=True)
class Row:
    """A wish that goes on from "The boss wants that it …".

    The scenario returns the sentence of what was observed if the wish comes true, else raises Fault with it.
    """

    wish: str
    scenario: Callable[[Lab], Awaitable[str]]


THE_LIST = (
    Row("gets through a firewall or an antivirus that blocks WebSocket", network.firewall),
    Row("gets through a proxy that drops the Upgrade header", network.proxy),
    Row("works behind a load balancer with two servers", scale.load_balancer),
    Row("works in an old browser that has no WebSocket", network.old_browser),
    Row("notices when the other side is gone without a word", disconnects.gone_without_a_word),
    Row("comes back by itself when the server comes back", disconnects.server_comes_back),
    Row("sends images among the messages", messages.images),
    Row("tells the sender that a message has arrived", messages.acknowledgements),
    Row("reaches everyone at once, and group chat rooms", people.rooms),
    Row("has several endpoints over one connection", messages.endpoints),
    Row("knows who is there: data kept for each client, no strangers", people.who_is_there),
    Row("does not let one slow client hold up the others", people.slow_client),
    Row("loses nothing and doubles nothing in a short disconnection", disconnects.nothing_lost),
    Row("grows past one server", scale.past_one_server),
)
