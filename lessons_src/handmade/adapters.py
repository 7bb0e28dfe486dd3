"""What connects a namespace to those of its name at other servers, and what a server is with it.

Lesson 19's adapter, which here asks the servers themselves, too: the official library's serverSideEmitWithAck
(socket.io 4.8, dist/namespace.js; @socket.io/redis-adapter 8.3, dist/index.js).
"""

import logging
from typing import Any

from handmade import l18_nothing_lost as l18
from handmade.l13_core import Answer
from handmade.l14_core import Incomplete
from handmade.l18_core import History
from handmade.l19_core import AskingAdapter, RequestType, describe, enter, pack, unpack
from handmade.latest import Aim, stage
from handmade.sockets import RecoverableSocket

log = logging.getLogger("handmade")


def can_be_told(known: dict[str, Any]) -> bool:
    """Whether what is known of a socket can be packed: Python 3.12 reads JSON that is nested too deeply."""
    try:
        pack(known)
    except ValueError:
        log.warning("Other servers do not learn of %s: what is known of it cannot be packed.", known["id"])
        return False
    return True


class Adapter(AskingAdapter):
    """What the library's server and its aims leave to their adapter, whichever it is."""

    client_type: type[l18.Client]
    """What a connection is at a server that makes up for a disconnection."""
    socket_type: type[RecoverableSocket]
    """What a socket is there."""

    @staticmethod
    def new_history(server: Any, name: str) -> History:
        """What such a server remembers in the namespace of that name, nothing at first."""
        raise NotImplementedError

    def say(self, data: list[Any], aim: Any) -> None:
        """Tell an event to those who are meant, at all servers. Raises TypeError, ValueError."""
        raise NotImplementedError

    async def ask_servers(self, data: list[Any], seconds: float) -> list[Any]:
        """Have their handlers called, and return what each server answers.

        Raises Incomplete if one has not answered within so many seconds, ConnectionError.
        """
        aim = self.audience.aim().timeout(seconds)
        survey = await self.ask(RequestType.SERVER_SIDE_EMIT, aim, data=data)
        survey.count(0)  # this server does not ask itself
        await survey.is_over.wait()
        if survey.missing:
            raise Incomplete(survey.answers, len(survey.answers) + survey.missing)
        return list(survey.answers)

    def describe_sockets(self, request: dict[str, Any]) -> None:
        """Who is there? One who says of himself what cannot be passed on must not hide the others."""
        told = [describe(socket) for socket in self.aim_at(request["opts"]).sockets()]
        self.respond(request, sockets=[each for each in told if can_be_told(each)])

    def hear_server(self, request: dict[str, Any]) -> None:
        """Another server says something to this one, or asks. Of the handlers' answers the first counts."""
        event, *arguments = request["data"]
        if "requestId" in request:
            kind = RequestType.SERVER_SIDE_EMIT
            arguments.append(Answer(lambda said: self.respond(request, type=kind, data=[*said, None][0])))
        if event != "connection":  # which only a client can bring about
            self.tell(self.audience, event, *arguments)


class PubSubAdapter(Adapter):
    """The way over pub/sub. Each server remembers for itself; so does one without any adapter."""

    client_type = l18.Client
    socket_type = RecoverableSocket

    @staticmethod
    def new_history(server: Any, name: str) -> History:
        """What was said in a namespace, in this server's memory."""
        return stage.Server.new_history(server)

    def say(self, data: list[Any], aim: Any) -> None:
        """Tell an event to our own clients at once, and have the other servers tell theirs."""
        Aim.emit(aim, *data)

    def hear(self, message: bytes) -> None:
        """A server has answered somebody, perhaps us."""
        response = unpack(message)
        survey = self.surveys.get(response.get("requestId"))
        if survey and response.get("type") == RequestType.SERVER_SIDE_EMIT:
            survey.add(response.get("data"))
        elif survey:
            enter(survey, response)
