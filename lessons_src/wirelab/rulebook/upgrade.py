"""Lesson 09, second half: from long-polling to WebSocket."""

from __future__ import annotations

import asyncio
import time

from wirelab.rulebook.rule import ENGINE_IO, PRACTICE, Chapter
from wirelab.rulebook.wire import Broken, Line, Wire, need, short

CHAPTER = Chapter(9)
rule = CHAPTER.rule
UPGRADE, WEBSOCKET = '"Upgrade"', '"WebSocket"'


async def _probed(wire: Wire, sid: str) -> Line:
    """A WebSocket whose probe is answered. Raises Broken."""
    line = await wire.websocket(sid)
    need(line, "The WebSocket with the session's id was refused.")
    assert line is not None
    await line.send("2probe")
    answer = await line.next()
    need(answer == "3probe", f"`2probe` was answered {short(answer)}.")
    return line


async def _upgraded(wire: Wire) -> tuple[str, Line]:
    """A session that has joined the main namespace, and has been upgraded. Raises Broken."""
    sid = await wire.joined()
    line = await _probed(wire, sid)
    poll = asyncio.create_task(wire.ask(sid=sid))
    await asyncio.wait_for(asyncio.wait([poll]), 2)
    await line.send("5")
    return sid, line


@rule("answers a probe, and frees the poll that waits", ENGINE_IO, UPGRADE)
async def probe(wire: Wire) -> str:
    sid = await wire.session()
    line = await _probed(wire, sid)
    packets = await asyncio.wait_for(wire.poll(sid), 2)
    need("6" in packets, f"The poll brought {short(packets)}.")
    await line.send("5")
    return "`2probe` was answered `3probe`, and the poll `6`."


@rule("goes on over the WebSocket after `5`", ENGINE_IO, UPGRADE)
async def upgrade(wire: Wire) -> str:
    _, line = await _upgraded(wire)
    await line.send('42["message","here"]')
    answer = await line.event("message-back")
    need(answer == '42["message-back","here"]', f"A message after `5` was answered {short(answer)}.")
    return "A message after `5` was answered over the WebSocket."


@rule("loses and doubles nothing on the way to the WebSocket", ENGINE_IO, UPGRADE)
async def in_flight(wire: Wire) -> str:
    sid = await wire.joined()
    line = await _probed(wire, sid)
    await wire.post(sid, '42["message",1]')
    polled = [packet for packet in await wire.poll(sid) if packet.startswith("42")]
    await wire.post(sid, '42["message",2]')
    await line.send("5", '42["message",3]')
    heard = list(polled)
    while len(heard) < 4 and (packet := await line.event("message-back", 0.5)):
        heard.append(packet)
    found = [packet for packet in heard if "message-back" in packet]
    wanted = [f'42["message-back",{count}]' for count in (1, 2, 3)]
    need(found == wanted, f"Of three answers these came: {short(', '.join(found) or 'none')}.")
    return "Three answers, before, during and after the upgrade, each came once and in order."


@rule("answers no polls any more after the upgrade", ENGINE_IO, UPGRADE)
async def polls_after(wire: Wire) -> str:
    sid, line = await _upgraded(wire)
    await line.send('42["message","there?"]')
    await line.event("message-back")
    answer = await wire.ask(sid=sid)
    need(answer.status == 400, f"A poll after the upgrade was answered {answer}.")
    return f"A poll after the upgrade was answered {answer}."


@rule("closes a second WebSocket of a session", ENGINE_IO, WEBSOCKET)
async def second_websocket(wire: Wire) -> str:
    sid, line = await _upgraded(wire)
    second = await wire.websocket(sid)
    need(second is None or await second.is_closed(), "A second WebSocket of the session was kept open.")
    await line.send('42["message","still"]')
    need(await line.event("message-back"), "A second WebSocket was refused, and the first went silent.")
    return "The second was closed, the first went on."


@rule("does not suffer from an upgrade that stops half-way", PRACTICE)
async def half_done(wire: Wire) -> str:
    sid = await wire.joined()
    await _probed(wire, sid)
    polls, end = 0, time.monotonic() + 1
    while time.monotonic() < end:
        await wire.poll(sid)
        polls += 1
    need(
        polls <= 30, "After a probe without an upgrade, polls came back empty as fast as they could be asked."
    )
    await wire.post(sid, '42["message","here"]')
    for _ in range(5):
        if '42["message-back","here"]' in await asyncio.wait_for(wire.poll(sid), 2):
            return "After a probe without an upgrade, polling went on at its pace and brought the answer."
    raise Broken("After a probe without an upgrade, polls brought nothing any more.")


@rule("closes the WebSocket when the client says goodbye", ENGINE_IO, '"Protocol"')
async def goodbye(wire: Wire) -> str:
    line, _ = await wire.line()
    line.answers_pings = False
    await line.send("1")
    need(await line.is_closed(0.25), "`1` over WebSocket was ignored.")
    return "`1` over WebSocket was answered with the end of the connection."


@rule("closes the connection at what is no packet", ENGINE_IO, '"Packet encoding"')
async def invalid_packet(wire: Wire) -> str:
    line, _ = await wire.line()
    await line.send("abc")
    need(await line.is_closed(), "Letters over WebSocket were ignored.")
    return "Letters over WebSocket were answered with the end of the connection."
