"""The frame inspector without a browser: what is built, and what the parser says after each flip."""

from __future__ import annotations

import base64
import re
from itertools import combinations
from xml.etree import ElementTree

import pytest
from websockets.frames import Frame, Opcode

from wirelab.widgets.frame_inspector import FrameInspector
from wirelab.widgets.frame_inspector.drawing import draw
from wirelab.widgets.frame_inspector.model import Inspector, Mark, Sender, Settings

MASK = bytes.fromhex("37fa213d")
FIN, RSV1, RSV2, OPCODE, MASKED, LENGTH, KEY, PAYLOAD = 0, 1, 2, 4, 8, 9, 16, 48


def inspector(message="Hello", **settings) -> Inspector:
    model = Inspector(message, MASK)
    model.build(Settings(message, **settings))
    return model


def names(model: Inspector) -> list[str]:
    return [field.name for field in model.fields()]


def test_builds_the_masked_hello_of_the_rfc():
    model = inspector()
    assert model.built == bytes.fromhex("818537fa213d7f9f4d5158")
    assert model.said == "A new frame: 11 bytes, 6 of header and 5 of payload."
    assert model.captions(model.read())[4:8] == ["21", "3d", "7f → 48 H", "9f → 65 e"]


@pytest.mark.parametrize("length", [0, 1, 125, 126, 65_535, 65_536])
@pytest.mark.parametrize("opcode", [Opcode.TEXT, Opcode.BINARY])
def test_builds_what_the_library_builds(length, opcode):
    message = "x" * length
    ours = inspector(message, opcode=int(opcode), sender=Sender.SERVER)
    assert ours.built == Frame(opcode, message.encode()).serialize(mask=False)
    for model in (ours, inspector(message, opcode=int(opcode))):
        reading = model.read()
        assert (reading.mark, reading.after) == (Mark.GOOD, "")
        assert model.hidden == max(0, length - 8)
        assert model.fields()[-1].stop == len(model.bits) == 8 * model.shown


@pytest.mark.parametrize(
    ("bits", "said", "mark", "verdict", "after"),
    [
        ([FIN], "first byte: FIN is now 0, more frames", "✓", 'part 1 of a text message: "Hello"', ""),
        ([RSV1], "bit 1 of the first byte: RSV1 is now 1.", "✗", "RSV1 is only for the first frame", ""),
        ([RSV2], "bit 2 of the first byte: RSV2 is now 1.", "✗", "RSV2 must be 0: no extension uses it.", ""),
        ([OPCODE], "bit 4 of the first byte: the opcode is now 0x9, a ping", "✓", "the server a ping.", ""),
        ([6], "the opcode is now 0x3, which is reserved.", "✗", "Opcode 0x3 is reserved.", ""),
        ([7], "the opcode is now 0x0, a continuation.", "✗", "There is no message to continue.", ""),
        ([FIN, OPCODE], "a ping.", "✗", "A control frame must not be fragmented.", ""),
        ([MASKED], "MASK is now 0, no", "✗", "A client must mask its frames;", "4 bytes left over"),
        ([14], "bit 6 of the second byte: the payload length is now 7.", "…", "waits for 2 more bytes.", ""),
        ([15], "the payload length is now 4.", "✓", '"Hell" (4 bytes, masked).', "waits for 1 more byte."),
        ([14, 15], "the payload length is now 6.", "…", "waits for 1 more byte.", ""),
        ([13, 15], "the payload length is now 0.", "✓", '"" (0 bytes, masked).', "5 bytes left over"),
        ([9, 10, 11, 12, 14, 15], "is now 126, so the next 2 bytes hold the length.", "…", "more bytes.", ""),
        ([9, 10, 11, 12, 14], "is now 127, so the next 8 bytes hold the length.", "…", "more bytes.", ""),
        ([KEY], "the first byte of the masking key is now 0xb7.", "✗", "The text is not valid UTF-8.", ""),
        ([50], "first byte of the payload is now 0x5f, unmasked 0x68.", "✓", 'a text message: "hello"', ""),
        ([82], "the fifth byte of the payload is now 0x78, unmasked 0x4f.", "✓", 'text message: "HellO"', ""),
        ([15, 80], "bit 0 of the eleventh byte: it lies beyond the end", "✓", '"Hell"', "1 byte left"),
    ],
)  # fmt: skip
def test_each_flip_is_told_and_read(bits, said, mark, verdict, after):
    model = inspector()
    for bit in bits:
        model.flip(bit)
    reading = model.read()
    assert model.said.startswith("You flipped bit ") and said in model.said
    assert reading.mark == mark and verdict in reading.verdict and after in reading.after
    assert bool(after) == bool(reading.after)
    assert model.flipped == bits
    model.undo()
    assert (model.frame, model.flipped) == (model.built, [])
    assert model.read().mark is Mark.GOOD


@pytest.mark.parametrize(
    ("settings", "bits", "verdict"),
    [
        ({"sender": Sender.SERVER}, [], 'The server sends the client a text message: "Hello" (5 bytes).'),
        ({"sender": Sender.SERVER}, [MASKED], "The parser waits for 4 more bytes."),
        ({"opcode": 0x8, "code": 1000}, [], 'The client closes with code 1000 "Hello".'),
        ({"opcode": 0x8, "code": 1005}, [], "Close code 1005 must not be sent."),
        ({"opcode": 0x8, "code": 4001}, [], 'The client closes with code 4001 "Hello".'),
        ({"opcode": 0x9, "fin": False}, [], "A control frame must not be fragmented."),
        ({"opcode": 0xA}, [OPCODE], "The client sends the server a binary message (5 bytes, masked)."),
        ({"message": "x" * 126, "opcode": 0x9}, [], "A control frame carries at most 125 bytes."),
        ({"message": "x" * 200}, [31], "The parser waits for 1 more byte."),
        ({"message": "x" * 200}, [23], "The parser waits for 256 more bytes."),
        ({"message": "x" * 70_000}, [16], "The length's top bit is set: its end is unknown."),
        ({"message": "", "sender": Sender.SERVER}, [9], "The parser waits for 64 more bytes."),
    ],
)
def test_each_choice_is_read(settings, bits, verdict):
    model = inspector(**settings)
    for bit in bits:
        model.flip(bit)
    assert model.read().verdict == verdict


def test_the_figure_follows_the_bits():
    model = inspector()
    assert names(model)[4:] == ["Opcode", "MASK", "Payload length", "Masking key", "Payload"]
    model.flip(MASKED)
    assert names(model)[5:] == ["MASK", "Payload length", "Payload", "Next frame"]
    model.undo()
    assert names(inspector("x" * 200))[6:] == [
        "Payload length", "Extended payload length", "Masking key", "Payload",
    ]  # fmt: skip
    long = inspector("x" * 70_000)
    assert (long.fields()[7].stop - long.fields()[7].start, long.shown) == (64, 22)
    long.flip(MASKED)
    assert (long.shown, long.hidden) == (22, 69_992)


@pytest.mark.parametrize("sender", Sender)
@pytest.mark.parametrize("message", ["", "H", "Hello", "x" * 126, "x" * 65_536])
def test_no_pair_of_flips_confuses_it(message, sender):
    """Every bit, and every two of the first 16: always a verdict, always a whole figure."""
    model = inspector(message, sender=sender)
    pairs = combinations(range(min(16, len(model.bits))), 2) if len(message) < 1000 else ()
    for bits in [*((bit,) for bit in range(len(model.bits))), *pairs]:
        for bit in bits:
            model.flip(bit)
        reading = model.read()
        assert reading.verdict.endswith(".")
        assert "waits for -" not in reading.verdict + reading.after
        assert " 0 more" not in reading.verdict + reading.after
        assert len(model.captions(reading)) == model.shown
        fields = model.fields()
        assert [field.start for field in fields[1:]] == [field.stop for field in fields[:-1]]
        assert fields[-1].stop == len(model.bits)
        for bit in bits:
            model.flip(bit)
        assert model.flipped == []


def test_a_new_message_forgets_the_flips_and_reset_begins_again():
    model = inspector()
    model.flip(3)
    model.build(Settings("Hej", sender=Sender.SERVER))
    assert (model.flipped, len(model.frame)) == ([], 5)
    model.reset()
    assert (model.settings, model.frame) == (Settings("Hello"), inspector().frame)


def test_refuses_what_it_cannot_draw():
    with pytest.raises(ValueError, match="has 4 bytes"):
        FrameInspector("Hello", mask=b"abc")
    with pytest.raises(IndexError, match="from 0 to 87"):
        inspector().flip(88)


def test_the_picture_is_the_same_in_every_run_and_says_the_same_in_words():
    model = inspector("<b>&\ud800")
    model.flip(RSV2)
    first, second = draw(model), draw(model)
    assert first == second
    shown = "".join(ElementTree.fromstring(first.svg).itertext())
    assert "✗ RSV2" in shown and "RSV2 must be 0" in shown
    assert "RSV2                    1\n" in first.text and "▲ marks 1 flipped." in first.text


def test_shows_itself_without_a_kernel():
    data, _ = FrameInspector("Hello")._repr_mimebundle_()
    assert data["text/plain"] == draw(Inspector("Hello", MASK)).text
    assert data["text/plain"].splitlines()[-1].startswith("✓ The client sends the server a text message")
    assert "application/vnd.jupyter.widget-view+json" in data
    picture = re.search(r'src="data:image/svg\+xml;base64,([^"]+)"', data["text/html"])
    assert picture and b"Masking key" in base64.b64decode(picture[1])
