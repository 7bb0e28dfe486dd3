"""Lesson 09, first half: the handshake and long-polling of Engine.IO."""

from __future__ import annotations

import asyncio
import contextlib

import aiohttp

from wirelab.rulebook.rule import ENGINE_IO, PRACTICE, Chapter
from wirelab.rulebook.wire import SEPARATOR, Wire, need, short

CHAPTER = Chapter(9)
rule = CHAPTER.rule
HANDSHAKE, POLLING, PARAMETERS = '"Handshake"', '"HTTP long-polling"', '"Query parameters"'
TIME_TO_HEAR = 0.3
"""Seconds that a server has to hear of a poll and of its end: if this machine is later, that is noticed."""
KEYS = {"sid", "upgrades", "pingInterval", "pingTimeout", "maxPayload"}


@rule("opens a polling session with five facts, and offers WebSocket", ENGINE_IO, HANDSHAKE)
async def handshake(wire: Wire) -> str:
    told = await wire.opening()
    need(set(told) == KEYS, f"The open packet had {', '.join(sorted(told))}.")
    need(told["upgrades"] == ["websocket"], f"The upgrades were {told['upgrades']}.")
    return "The open packet had sid, upgrades, pingInterval, pingTimeout and maxPayload."


@rule("opens a WebSocket session with the same, and no further upgrades", ENGINE_IO, HANDSHAKE)
async def websocket_handshake(wire: Wire) -> str:
    _, told = await wire.line()
    need(set(told) == KEYS, f"The open packet had {', '.join(sorted(told))}.")
    need(told["upgrades"] == [], f"The upgrades were {told['upgrades']}.")
    return "The open packet came as the first message, with the upgrades []."


async def _refuses(wire: Wire, name: str, *values: str) -> str:
    for value in values:
        answer = await wire.ask(**{name: value})
        need(answer.status == 400, f"{name}={value} was answered {answer}.")
        line = await wire.websocket(**{name: value})
        need(line is None or await line.is_closed(), f"A WebSocket with {name}={value} was kept open.")
    return f"Without {name}, and with a wrong one: 400, and no WebSocket."


@rule("refuses other versions of the protocol", ENGINE_IO, PARAMETERS)
async def version(wire: Wire) -> str:
    return await _refuses(wire, "EIO", "", "abc", "3")


@rule("refuses transports that it does not know", ENGINE_IO, PARAMETERS)
async def transport(wire: Wire) -> str:
    return await _refuses(wire, "transport", "", "abc")


@rule("refuses a session id that it does not know", ENGINE_IO, PARAMETERS)
async def unknown_sid(wire: Wire) -> str:
    answers = [await wire.ask(sid="unknown"), await wire.post("unknown", "40")]
    need(all(answer.status == 400 for answer in answers), f"It was answered {answers[0]}, {answers[1]}.")
    return f"GET and POST were answered {answers[0]}."


@rule("opens no session for other methods than GET", ENGINE_IO, HANDSHAKE)
async def method(wire: Wire) -> str:
    for name in ("POST", "PUT", "DELETE"):
        answer = await wire.ask(name, "")
        need(400 <= answer.status < 500, f"{name} without a session was answered {answer}.")
    return "POST, PUT and DELETE without a session were refused."


@rule("answers a POST ok, and a poll with what there is", ENGINE_IO, POLLING)
async def post_and_poll(wire: Wire) -> str:
    sid = await wire.session()
    answer = await wire.post(sid, "40")
    need((answer.status, answer.text) == (200, "ok"), f"The POST was answered {answer}.")
    packets = await wire.poll(sid)
    need(packets[0].startswith("40{"), f"The poll brought {short(packets)}.")
    return "The POST was answered 200 ok, the poll brought the answer to its packet."


@rule("takes a POST that does not say what it is for text", ENGINE_IO, '"Headers"')
async def no_content_type(wire: Wire) -> str:
    sid = await wire.session()
    answer = await wire.ask("POST", "40", {"Content-Type": ""}, sid=sid)
    need(answer.status == 200, f"A POST without a Content-Type was answered {answer}.")
    need((await wire.poll(sid))[0].startswith("40{"), "A POST without a Content-Type was not read.")
    return "A POST without a Content-Type was read as text."


async def _echoed(wire: Wire, sid: str, wanted: int) -> list[str]:
    """The answers to `message` that polls bring, until there are so many or no more come."""
    found: list[str] = []
    with contextlib.suppress(TimeoutError):
        async with asyncio.timeout(3):
            while len(found) < wanted:
                packets = await wire.poll(sid)
                found += [packet for packet in packets if packet.startswith('42["message-back"')]
    return found


@rule("takes any number of packets in one POST", ENGINE_IO, '"Packet encoding"')
async def many_packets(wire: Wire) -> str:
    sid = await wire.joined()
    answer = await wire.post(sid, SEPARATOR.join(f'42["message",{count}]' for count in range(40)))
    found = await _echoed(wire, sid, 40)
    lost = f"Of forty packets in one POST {len(found)} were answered; the POST itself: {answer}."
    need(found == [f'42["message-back",{count}]' for count in range(40)], lost)
    return "Forty packets in one POST were answered, each in its turn."


@rule("takes a POST as large as it says it does", ENGINE_IO, HANDSHAKE)
async def large_body(wire: Wire) -> str:
    sid = await wire.joined()
    answer = await wire.post(sid, f'42["message","{"x" * 500_000}"]')
    (found, *_) = [*await _echoed(wire, sid, 1), ""]
    need(len(found) > 500_000, f"Half a megabyte did not arrive; the POST itself: {answer}.")
    return "Half a megabyte in one POST arrived whole."


@rule("refuses a larger POST with 413, and the session goes on", PRACTICE)
async def too_large(wire: Wire) -> str:
    limit = int((await wire.opening())["maxPayload"])
    sid = await wire.joined()
    answer = await wire.post(sid, "4" + "x" * limit)
    need(answer.status == 413, f"One byte too many was answered {answer}.")
    await wire.post(sid, '42["message","after"]')
    need(await _echoed(wire, sid, 1), "One byte too many was answered 413, and the session was dead.")
    return "One byte too many was answered 413; the session went on."


@rule("closes the session at what is no packet, and does not call it ok", ENGINE_IO, '"Packet encoding"')
async def invalid_packet(wire: Wire) -> str:
    for body in ("abc", "", "b?", b"4\xff"):
        sid = await wire.session()
        answer = await wire.post(sid, body)
        need(answer.status != 200, f"A POST of {body!r} was answered {answer}.")
        need(await wire.is_gone(sid), f"After a POST of {body!r} the session went on.")
    return (
        "Letters, nothing, bad base64 and bad UTF-8 were answered 400 or not at all, and ended the session."
    )


@rule("ends the session when two polls are open at once", ENGINE_IO, '"Receiving data"')
async def two_polls(wire: Wire) -> str:
    sid = await wire.session()
    first = asyncio.create_task(wire.ask(sid=sid))
    await asyncio.sleep(0.05)
    second = await asyncio.wait_for(wire.ask(sid=sid), 2)
    waiting = await asyncio.wait_for(first, 2)
    need(second.status >= 400, f"The second poll was answered {second}.")
    need(await wire.is_gone(sid), "Two polls at once were allowed, and the session went on.")
    return f"The second poll was answered {second}, the first {waiting}, and the session was over."


@rule("ends the session when two POSTs are open at once", ENGINE_IO, '"Sending data"')
async def two_posts(wire: Wire) -> str:
    sid = await wire.session()
    _, writer = await asyncio.open_connection("127.0.0.1", wire.port)
    target = f"POST {wire.path}?EIO=4&transport=polling&sid={sid} HTTP/1.1\r\nHost: 127.0.0.1:{wire.port}"
    writer.write(f"{target}\r\nContent-Type: text/plain\r\nContent-Length: 2\r\n\r\n4".encode())
    await asyncio.sleep(0.05)
    try:
        second = await wire.post(sid, "40")
        need(second.status in (0, 400, 500), f"A POST in the middle of another was answered {second}.")
        need(await wire.is_gone(sid), "Two POSTs at once were allowed, and the session went on.")
    finally:
        writer.close()
    return "The second POST was refused, and the session was over."


@rule("ends the session when a poll is given up", PRACTICE)
async def aborted_poll(wire: Wire) -> str:
    sid = await wire.session()
    poll = asyncio.create_task(wire.ask(sid=sid))
    await asyncio.sleep(TIME_TO_HEAR)
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)
    await asyncio.sleep(TIME_TO_HEAR)
    is_over = (await wire.post(sid, "40")).status == 400
    need(is_over, "A poll was given up, and the session went on: the next packet is lost.")
    return "A poll was given up, and the session was over."


@rule("answers a poll that waits when the client says goodbye", ENGINE_IO, '"Protocol"')
async def goodbye(wire: Wire) -> str:
    sid = await wire.session()
    waiting = asyncio.create_task(wire.ask(sid=sid))
    await asyncio.sleep(0.05)
    await wire.post(sid, "1")
    answer = await asyncio.wait_for(waiting, 2)
    need((answer.status, answer.text) == (200, "6"), f"The poll that waited was answered {answer}.")
    need(await wire.is_gone(sid), "After the goodbye the session went on.")
    return "The poll that waited was answered `6`, and the session was over."


@rule("lets only pages of its own origin read its answers, unless told otherwise", PRACTICE)
async def cors(wire: Wire) -> str:
    try:
        answer = await wire.ask(headers={"Origin": "http://foreign.example"})
    except aiohttp.ClientError:
        return "A foreign page got no answer."
    allowed = answer.headers.get("Access-Control-Allow-Origin")
    need(allowed is None, f"A foreign page was answered Access-Control-Allow-Origin: {allowed}.")
    return f"A foreign page was answered {answer.status}, and not allowed to read it."


@rule("lets no foreign page open a WebSocket", PRACTICE)
async def origin(wire: Wire) -> str:
    line = await wire.websocket(origin="http://foreign.example")
    opened = line is not None and await line.next(0.5) is not None
    need(not opened, "A page of http://foreign.example opened a WebSocket, and could read and write.")
    return "A page of http://foreign.example was refused."
