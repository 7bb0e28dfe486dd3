import asyncio

import pytest

pytestmark = pytest.mark.anyio


async def test_all_in_the_room_hear_it(arrive):
    (ann, _), (bob, heard) = arrive("Ann"), arrive("Bob")
    await bob.timeout(5).emit_with_ack("enter", "gold")
    assert await ann.timeout(5).emit_with_ack("say", "1", "Hello")
    assert await asyncio.wait_for(heard.get(), 5) == "Hello"


async def test_who_comes_late_hears_it_too(arrive):
    ann, _ = arrive("Ann")
    assert await ann.timeout(5).emit_with_ack("say", "1", b"an image")
    _, heard = arrive("Bob")
    assert await asyncio.wait_for(heard.get(), 5) == b"an image"


async def test_a_stranger_is_refused(arrive):
    _, heard = arrive("")
    error = await asyncio.wait_for(heard.get(), 5)
    assert "Say who you are" in str(error)


@pytest.mark.parametrize("content", ["", "x" * 2001, 7, ["Hello"], None])
async def test_what_is_no_message_is_not_taken(arrive, content):
    ann, _ = arrive("Ann")
    assert await ann.timeout(5).emit_with_ack("say", "1", content) is False
