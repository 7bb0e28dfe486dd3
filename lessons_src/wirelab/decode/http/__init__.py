"""HTTP/1.1 messages off a byte stream (RFC 9112), and the opening handshake of RFC 6455 section 4."""

from wirelab.decode.http.header import Header
from wirelab.decode.http.message import Message, Request, Response
from wirelab.decode.http.parser import MessageParser

__all__ = ["Header", "Message", "MessageParser", "Request", "Response"]
