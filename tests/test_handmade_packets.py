"""The packets of the handmade Socket.IO, as the document has them and as the official parser reads them."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from handmade.l08_meet_socketio import Packet, ProtocolError, Type, decode, encode
from wirelab import bench

EXAMPLES = {  # of the document, "Packet encoding"
    "0": Packet(Type.CONNECT),
    '0/admin,{"sid":"oSO0OpakMV_3jnilAAAA"}': Packet(
        Type.CONNECT, {"sid": "oSO0OpakMV_3jnilAAAA"}, namespace="/admin"
    ),
    '2["foo"]': Packet(Type.EVENT, ["foo"]),
    '2/admin,["bar"]': Packet(Type.EVENT, ["bar"], namespace="/admin"),
    '212["foo"]': Packet(Type.EVENT, ["foo"], 12),
    '3/admin,13["bar"]': Packet(Type.ACK, ["bar"], 13, "/admin"),
    "1": Packet(Type.DISCONNECT),
    "1/admin,": Packet(Type.DISCONNECT, namespace="/admin"),
    '51-["baz",{"_placeholder":true,"num":0}]': Packet(
        Type.BINARY_EVENT, ["baz", {"_placeholder": True, "num": 0}], attachments=1
    ),
    '61-15["bar",{"_placeholder":true,"num":0}]': Packet(
        Type.BINARY_ACK, ["bar", {"_placeholder": True, "num": 0}], 15, attachments=1
    ),
    '20["zero is an id"]': Packet(Type.EVENT, ["zero is an id"], 0),
    "30[]": Packet(Type.ACK, [], 0),
    "2[1]": Packet(Type.EVENT, [1]),
    '2["你好 🙂"]': Packet(Type.EVENT, ["你好 🙂"]),
}


@pytest.mark.parametrize("text", EXAMPLES)
def test_a_packet_and_its_text(text: str) -> None:
    assert decode(text) == EXAMPLES[text]
    assert encode(EXAMPLES[text]) == text


def test_a_namespace_needs_no_comma_at_the_end() -> None:
    assert decode("0/admin") == Packet(Type.CONNECT, namespace="/admin")


def test_what_may_not_go_out_is_refused_where_it_is_sent() -> None:
    for data in (b"bytes", object()):
        with pytest.raises(TypeError):
            encode(Packet(Type.EVENT, ["x", data]))
    for data in (float("inf"), float("nan")):
        with pytest.raises(ValueError, match="JSON"):
            encode(Packet(Type.EVENT, ["x", data]))


BAD = [
    *("", "x", "7", "9", "-1", "²", "2", "20", "2[]", "2{}", '2"x"', "2null", "2[null]", "2[true]", "2[{}]"),
    *(
        "2[[]]",
        "0[]",
        "0null",
        '0"x"',
        "0 1",
        '1["x"]',
        "1null",
        "3",
        "3{}",
        '3"x"',
        "4[]",
        '2["x"',
        '2["x"]]',
    ),
    *(f'2["{name}"]' for name in ("connect", "connect_error", "disconnect", "disconnecting", "newListener")),
    *('2["removeListener"]', '5["x"]', '50-["x"]', '511-["x"]', '5-["x"]', '5x-["x"]', '6["x"]', '60-["x"]'),
    *('2²["x"]', '2-1["x"]', '2,["x"]', "2" + "[" * 100_000, '2["x",NaN]', '2["x",-Infinity]'),
]
DIFFERENCES = {
    "": "no type: the official parser takes nothing for CONNECT",
    "0 1": "a space: the official parser takes it for a digit of the id",
    "2": "the document: no event without a payload; the official server takes it for an empty one",
    "20": "the same, with an id",
    "3": "the document: an acknowledgement has a payload; the official server takes it for an empty one",
    '2["x",1e400]': "Infinity in JavaScript, sent back as null; Python would send what is no JSON",
    '2["x","\\ud800"]': "half a character: JavaScript can hold and send it, UTF-8 cannot",
    f'2["x",{"9" * 5000}]': "Infinity in JavaScript; Python refuses to read it",
    f'2{"1" * 30}["x"]': "more digits than JavaScript can count with",
}
GOOD = [
    *EXAMPLES,
    "0/admin",
    '2 ["x"]',
    '2["x" , 1]',
    '2["\\u00e9"]',
    '510-["x"]',
    "0{}",
    '2[1.5,"x"]',
    '2[""]',
]


@pytest.mark.parametrize("text", BAD, ids=lambda text: text[:20])
def test_a_bad_text_is_refused(text: str) -> None:
    with pytest.raises(ProtocolError):
        decode(text)


def test_bytes_that_nothing_announced_are_refused() -> None:
    with pytest.raises(ProtocolError):
        decode(b"2[]")


def accepts(text: str) -> bool:
    try:
        decode(text)
    except ProtocolError:
        return False
    return True


async def test_the_official_parser_judges_alike_but_for_named_differences() -> None:
    texts = [*BAD, *GOOD, *DIFFERENCES]
    verdicts = await bench.javascript(
        """
        import { Decoder } from "socket.io-parser";
        const accepts = (text) => { try { new Decoder().add(text); return true; } catch { return false; } };
        console.log(JSON.stringify(texts.map(accepts)));
        """,
        texts=texts,
    )
    pairs = zip(texts, json.loads(verdicts), strict=True)
    different = {text for text, official in pairs if official != accepts(text)}
    assert different == set(DIFFERENCES)


names = st.one_of(
    st.text(st.characters(exclude_categories=["Cs"])),
    st.integers(),
    st.floats(allow_nan=False, allow_infinity=False),
)
values = st.recursive(
    st.none() | st.booleans() | names,
    lambda inner: st.lists(inner) | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"])), inner),
)
namespaces = st.just("/") | st.text(st.characters(exclude_characters=",", exclude_categories=["Cs"])).map(
    "/{}".format
)


@settings(max_examples=40)
@given(names.filter(lambda name: accepts(encode(Packet(Type.EVENT, [name])))), st.lists(values), namespaces)
def test_whatever_goes_out_comes_in_again(name: object, arguments: list[object], namespace: str) -> None:
    for number in (None, 0, 7, 10**14):
        packet = Packet(Type.EVENT, [name, *arguments], number, namespace)
        assert decode(encode(packet)) == packet


@settings(max_examples=60)
@given(st.text() | st.from_regex(r"[0-6][0-9]{0,2}-?(/\w*,)?[0-9]*[\[{].*", fullmatch=True))
def test_any_text_is_a_packet_or_refused_and_a_packet_can_go_out_again(text: str) -> None:
    if accepts(text):
        assert decode(encode(decode(text))) == decode(text)
