"""Lesson 13, built from lessons/13_acknowledgements.py: edit there, not here."""

import asyncio
from collections.abc import Callable, Collection
from dataclasses import dataclass
from functools import partial
from typing import Any

from handmade.l08_meet_socketio import Emitter, Packet


class Answer:
    """What a handler calls to acknowledge its event. Only the first call counts."""

    def __init__(self, send: Callable[[list[Any]], None]) -> None:
        self.send = send
        self.is_given = False

    def __call__(self, *answers: object) -> None:
        """Send the answers. Raises TypeError, ValueError for bad ones."""
        if not self.is_given:
            self.send([*answers])
            self.is_given = True


@dataclass
class Question:
    """Somebody who waits for an answer: what hears it, and what hears the error if none comes in time."""

    answered: Callable[..., object]
    failed: Callable[[Exception], object]
    seconds: float | None = None
    number: int | None = None
    timer: Any = None


class Waiting:
    """Who waits for an answer at one end of a conversation, by number."""

    def __init__(self) -> None:
        self.count = 0
        self.waiting: dict[int, Question] = {}

    def keep(self, question: Question) -> None:
        """A question has gone out under the number `count`: it waits."""
        question.number = self.count
        self.waiting[self.count] = question
        self.count += 1

    def take(self, number: int | None) -> Question | None:
        """The question of that number, which waits no longer; None if there is none."""
        return None if number is None else self.waiting.pop(number, None)

    def answer(self, number: int | None, answers: list[Any]) -> None:
        """An acknowledgement has come. Nobody may wait for it: then it is none of ours, or too late."""
        if question := self.take(number):
            question.answered(*answers)


class Questions(Waiting):
    """Who waits, and not for ever. `call_later(seconds, action)` is the clock; `on_leave(number)` is told."""

    def __init__(
        self, most: int, call_later: Callable[..., Any], on_leave: Any = lambda number: None
    ) -> None:
        super().__init__()
        self.most, self.call_later, self.on_leave = most, call_later, on_leave

    def next_number(self) -> int:
        """The number under which the next question goes out. Raises RuntimeError if too many wait."""
        if len(self.waiting) >= self.most:
            raise RuntimeError(f"{self.most} events wait for an acknowledgement: give them a timeout.")
        return self.count

    def keep(self, question: Question) -> None:
        """A question has gone out: it waits, with a time limit or without."""
        super().keep(question)
        if question.seconds is not None:
            error = TimeoutError(f"No acknowledgement came within {question.seconds:g} seconds.")
            question.timer = self.call_later(question.seconds, lambda: self.fail(question.number, error))

    def take(self, number: int | None) -> Question | None:
        """The question of that number, which waits no longer; None if there is none."""
        question = super().take(number)
        if question:
            self.on_leave(number)
            if question.timer:
                question.timer.cancel()
        return question

    def fail(self, number: int | None, error: Exception) -> None:
        """No answer will come."""
        if question := self.take(number):
            question.failed(error)

    def fail_all(self, reason: str, but: Collection[int | None] = ()) -> None:
        """The connection has ended, and with it all hope of an answer, but for some numbers."""
        for number in tuple(self.waiting):
            if number not in but:
                self.fail(number, ConnectionError(f"No acknowledgement can come any more: {reason}."))


def of_callback(
    callback: Callable[..., object], seconds: float | None, tell: Callable[..., object]
) -> Question:
    """A callback that waits: it has its turn behind the handlers of what came before.

    With a time limit it is called with an error first, which is None if all went well.
    """
    emitter = Emitter()
    emitter.on("answer", callback)
    hear = partial(tell, emitter, "answer")
    if seconds is None:
        return Question(hear, lambda error: None)
    return Question(partial(hear, None), hear, seconds)


def of_future(future: asyncio.Future[Any], seconds: float | None) -> Question:
    """A future that waits for the first of the answers, or for the error. It may have been cancelled."""

    def answered(*answers: object) -> None:
        if not future.done():
            future.set_result(answers[0] if answers else None)

    def failed(error: Exception) -> None:
        if not future.done():
            future.set_exception(error)

    return Question(answered, failed, seconds)


class Asking:
    """What both ends' sockets have in common: they may ask."""

    questions: Questions
    tell: Callable[..., object]  # tell(emitter, event, *arguments) has its handlers called, in order
    ack_timeout: float | None = None

    def emit(self, event: str, *arguments: Any) -> None:
        """Send an event: each end does it in its own way."""
        raise NotImplementedError

    def timeout(self, seconds: float | None) -> "Within":
        """This socket for the next event, which has to be acknowledged in so many seconds."""
        return Within(self, seconds)

    async def emit_with_ack(self, event: str, *arguments: object) -> Any:
        """Send an event, and return the answer. Raises TimeoutError, ConnectionError, RuntimeError."""
        return await self.timeout(self.ack_timeout).emit_with_ack(event, *arguments)

    def asked(self, arguments: tuple[Any, ...], seconds: float | None) -> tuple[Any, ...]:
        """The arguments; a callback that is the last of them becomes a question."""
        if not arguments or not callable(arguments[-1]):
            return arguments
        return (*arguments[:-1], of_callback(arguments[-1], seconds, self.tell))

    def ask(self, packet: Packet, send: Callable[[Packet], None]) -> None:
        """Send a packet. A question that stands behind its arguments gives it a number, and waits."""
        match packet.data:
            case [*data, Question() as question]:
                send(packet._replace(data=data, id=self.questions.next_number()))
                self.questions.keep(question)
            case _:
                send(packet)


@dataclass(frozen=True)
class Within:
    """A socket whose question has so many seconds."""

    socket: Asking
    seconds: float | None

    def emit(self, event: str, *arguments: object) -> None:
        """Send an event; the callback behind its arguments gets an error, or None and the answers."""
        self.socket.emit(event, *self.socket.asked(arguments, self.seconds))

    async def emit_with_ack(self, event: str, *arguments: object) -> Any:
        """Send an event, and return the answer. Raises TimeoutError, ConnectionError, RuntimeError."""
        future = asyncio.get_running_loop().create_future()
        question = of_future(future, self.seconds)
        self.socket.emit(event, *arguments, question)
        try:
            return await future
        finally:
            self.socket.questions.take(question.number)  # who was cancelled waits no longer
