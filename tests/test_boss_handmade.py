"""The boss's list against each stage of the handmade server: what a stage lacks is called missing."""

import re
from contextlib import AsyncExitStack

import pytest

from wirelab import boss
from wirelab.boss import Review, Subject
from wirelab.boss.lab import Lab, answered
from wirelab.waiting import eventually

REVIEWS = {
    8: "✗✗✓✗✗✗✗✗✗✗✗✓✗✗",
    9: "✓✓✓✓✗✗✗✗✗✗✗✓✗✗",
    10: "✓✓✓✓✓✗✗✗✗✗✗✓✗✗",
    11: "✓✓✓✓✓✓✗✗✗✗✗✓✗✗",
    12: "✓✓✓✓✓✓✓✗✗✗✗✓✗✗",
    13: "✓✓✓✓✓✓✓✓✗✗✗✓✗✗",
    14: "✓✓✓✓✓✓✓✓✓✗✗✓✗✗",
    15: "✓✓✓✓✓✓✓✓✓✓✗✓✗✗",
    16: "✓✓✓✓✓✓✓✓✓✓✓✓✗✗",
    17: "✓✓✓✓✓✓✓✓✓✓✓✓✗✗",
    18: "✓✓✓✓✓✓✓✓✓✓✓✓✓✗",
    19: "✓✓✓✓✓✓✓✓✓✓✓✓✓✓",
    20: "✓✓✓✓✓✓✓✓✓✓✓✓✓✓",
}
LACKS = {
    "comes back by itself when the server comes back": "Ours is not written yet",
    "sends images among the messages": "There is no ready way to send an image",
    "tells the sender that a message has arrived": "nobody told the sender",
    "reaches everyone at once, and group chat rooms": "There is no way to join a room",
    "has several endpoints over one connection": "There is no way to open a second endpoint",
    "knows who is there: data kept for each client, no strangers": "A stranger with a wrong password got in",
    "grows past one server": "There is no way to send to everyone",
}
BUILT = {
    "comes back by itself when the server comes back": 11,
    "sends images among the messages": 12,
    "tells the sender that a message has arrived": 13,
    "reaches everyone at once, and group chat rooms": 14,
    "grows past one server": 14,
    "has several endpoints over one connection": 15,
    "knows who is there: data kept for each client, no strangers": 16,
}
ABOUT_SOMETHING_ELSE = re.compile("did not come to its end|did not get in, or was not answered|time-out")


@pytest.mark.parametrize("lesson", REVIEWS)
async def test_the_list_after_a_lesson(lesson: int) -> None:
    review: Review = await boss.review(boss.handmade(lesson))
    assert "".join(finding.mark[0] for finding in review.findings) == REVIEWS[lesson]
    observed = {finding.wish: finding.observed for finding in review.findings}
    lacks = {wish: words for wish, words in LACKS.items() if lesson < BUILT.get(wish, 99)}
    assert [wish for wish, words in lacks.items() if words not in observed[wish]] == []
    red = [finding.observed for finding in review.findings if not finding.passed]
    assert [sentence for sentence in red if ABOUT_SOMETHING_ELSE.search(sentence)] == []
    assert f"{lesson:02}" in review.headline


def test_a_lesson_that_leaves_no_server_behind_is_told_so() -> None:
    with pytest.raises(LookupError, match=r"Lesson 7 leaves no Socket\.IO server behind; these do: 08, 09"):
        boss.handmade(7)


@pytest.mark.parametrize(
    "subject", [boss.handmade(19), boss.node_cluster(), boss.python_cluster()], ids=["ours", "node", "python"]
)
async def test_what_is_said_in_one_cluster_is_not_heard_in_another(subject: Subject) -> None:
    """The rows of a review run side by side: two pairs of servers that met would answer for each other."""
    async with AsyncExitStack() as stack:
        for equipment in subject.equipment:
            await stack.enter_async_context(equipment)
        labs = [await stack.enter_async_context(Lab(subject)) for _ in range(2)]
        (one, _), (other, _) = [await lab.two_servers() for lab in labs]
        ann, eve = await labs[0].client(one), await labs[1].client(other)
        await ann.tell(None, "for our own")
        assert await eventually(lambda: "for our own" in ann.inbox)
        assert await answered(eve, "first") and eve.inbox == ["first"]
