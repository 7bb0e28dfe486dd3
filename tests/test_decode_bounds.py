"""What a stranger or a large blob can make the decoder keep has bounds, and its accounts stay exact."""

from __future__ import annotations

import gzip
import tracemalloc
import zlib
from itertools import chain

from decode_tools import DOWN, UP, decode, masked, record, request, response, switch, upgrade
from test_decode import OPEN, POLL

from wirelab.decode import Decoder, Layer
from wirelab.trace import Event, Leg, Record, Trace

MIB = 1 << 20


def fed(pieces, *steps):
    """A decoder fed record by record, as one that watches for long is; with the units above TCP."""
    decoder, units = Decoder(Trace()), []
    for direction, data in chain(steps, pieces):
        units += [unit for unit in decoder.feed(record(direction, data)) if unit.layer > Layer.TCP]
    return units


def blob(size, piece=64 * 1024):
    """A binary frame of that size from a server, in pieces as TCP brings them."""
    yield DOWN, b"\x82\x7f" + size.to_bytes(8, "big")
    for start in range(0, size, piece):
        yield DOWN, bytes(min(piece, size - start))


def test_a_blob_of_50_mib_is_counted_to_the_byte_and_not_kept():
    tracemalloc.start()
    size = 50 * MIB + 3
    units = fed(blob(size), (UP, upgrade()), (DOWN, switch()))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    frame = units[-1]
    assert frame.summary == f"binary {size:,} bytes"
    assert frame.end - frame.begin == size + 10
    assert frame.error is None
    assert len(frame.raw) < MIB
    assert peak < 8 * MIB


def test_after_a_long_frame_the_next_one_is_read():
    units = fed([*blob(5 * MIB), (DOWN, b"\x81\x02hi")], (UP, upgrade()), (DOWN, switch()))
    assert [unit.summary for unit in units[2:]] == [f"binary {5 * MIB:,} bytes", 'text "hi"']
    assert units[-1].begin == units[-2].end


def test_a_message_of_many_fragments_keeps_its_first_4_mib():
    first = b"\x02\x7f" + MIB.to_bytes(8, "big") + bytes(MIB)
    more = b"\x00" + first[1:]
    units = fed([(DOWN, first)] + [(DOWN, more)] * 9, (UP, upgrade()), (DOWN, switch()))
    assert sum(unit.detail.size for unit in units[2:]) == 10 * MIB
    assert sum(len(unit.raw) for unit in units[2:]) < 5 * MIB


def test_a_long_body_keeps_its_beginning_and_its_length():
    size = 20 * MIB
    head = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n" % size
    body = [(DOWN, bytes(MIB))] * 20
    units = fed(
        [(DOWN, head), *body, (DOWN, b"HTTP/1.1 204 No Content\r\n\r\n")], (UP, request()), (UP, request())
    )
    answer, following = units[-2:]
    assert answer.end - answer.begin == len(head) + size
    assert answer.detail.missing + len(answer.raw) == len(head) + size
    assert len(answer.raw) < 5 * MIB
    assert following.summary == "204 No Content"


def test_a_gzip_bomb_makes_a_thousand_packets_and_says_how_many_more():
    body = gzip.compress(b"2\x1e" * 1_000_000)
    assert len(body) < 4_000
    answer = response(body, "Content-Encoding: gzip")
    units = decode(
        (UP, request(POLL)), (DOWN, response(OPEN)), (UP, request(POLL + "&sid=abc")), (DOWN, answer)
    ).units
    assert len(units) < 1_100
    assert units[-1].error == "999,001 more packets, which are not taken apart"


def test_a_frame_that_inflates_beyond_16_mib_is_an_error_and_keeps_nothing():
    packer = zlib.compressobj(9, wbits=-15)
    data = packer.compress(bytes(40 * MIB)) + packer.flush(zlib.Z_SYNC_FLUSH)
    frame = b"\xc2\x7f" + len(data[:-4]).to_bytes(8, "big") + data[:-4]
    deflate = "Sec-WebSocket-Extensions: permessage-deflate"
    units = fed([(DOWN, frame)], (UP, upgrade("/chat", deflate)), (DOWN, switch(deflate)))
    assert "more than 16 MiB" in units[-1].error
    assert units[-1].detail.data == b""


def test_bytes_that_are_gone_are_no_protocol_error():
    lost = Record(0, Leg.CLIENT, DOWN, Event.DATA, 1.0, lost=500)
    decoder = Decoder(Trace())
    [unit] = decoder.feed(lost)
    assert (unit.layer, unit.upper, unit.error, unit.end) == (Layer.TCP, None, None, 500)
    [unit] = decoder.feed(record(DOWN, b"\x81\x02hi"))
    assert (unit.layer, unit.upper) == (Layer.TCP, None)


def test_units_say_where_they_lie_in_their_stream():
    units = fed([(UP, masked(0x81, b"Hello") * 2)], (UP, upgrade()), (DOWN, switch()))
    first, second = units[-2:]
    assert (first.begin, first.end, second.end) == (len(upgrade()), second.begin, len(upgrade()) + 22)


def test_a_hundred_frames_that_inflate_to_much_keep_what_can_be_shown():
    deflate = "Sec-WebSocket-Extensions: permessage-deflate; server_no_context_takeover"
    frames = []
    for _ in range(10):
        packer = zlib.compressobj(9, wbits=-15)
        data = (packer.compress(bytes(10 * MIB)) + packer.flush(zlib.Z_SYNC_FLUSH))[:-4]
        frames.append((DOWN, b"\xc2\x7e" + len(data).to_bytes(2, "big") + data))
    units = fed(frames, (UP, upgrade("/chat", deflate)), (DOWN, switch(deflate)))[2:]
    assert [unit.summary for unit in units] == [f"binary {10 * MIB:,} bytes"] * 10
    assert sum(len(unit.detail.data) for unit in units) < MIB
