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
    `fails_in` and `solved_in` are the numbers of lessons, as they stand on the course's map.
    """

    wish: str
    scenario: Callable[[Lab], Awaitable[str]]
    fails_in: str = ""
    solved_in: str = ""


THE_LIST = (
    Row("gets through a firewall or an antivirus that blocks WebSocket", network.firewall, "03", "09"),
    Row("gets through a proxy that drops the Upgrade header", network.proxy, "03", "09"),
    Row("works behind a load balancer with two servers", scale.load_balancer, "04", "09, 19"),
    Row("works in an old browser that has no WebSocket", network.old_browser, "07", "09"),
    Row("notices when the other side is gone without a word", disconnects.gone_without_a_word, "05", "10"),
    Row("comes back by itself when the server comes back", disconnects.server_comes_back, "05", "11"),
    Row("sends images among the messages", messages.images, "06", "12"),
    Row("tells the sender that a message has arrived", messages.acknowledgements, "07", "13"),
    Row("reaches everyone at once, and group chat rooms", people.rooms, "07", "14"),
    Row("has several endpoints over one connection", messages.endpoints, "07", "15"),
    Row("knows who is there: data kept for each client, no strangers", people.who_is_there, "07", "16"),
    Row("does not let one slow client hold up the others", people.slow_client, "17", "17"),
    Row("loses nothing and doubles nothing in a short disconnection", disconnects.nothing_lost, "11", "18"),
    Row("grows past one server", scale.past_one_server, "19", "19"),
)
