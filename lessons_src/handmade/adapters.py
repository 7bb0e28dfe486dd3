"""What connects a namespace to those of its name at other servers: lesson 19's, which asks the servers, too.

The official library's serverSideEmitWithAck (socket.io 4.8, dist/namespace.js; @socket.io/redis-adapter 8.3).
"""

from typing import Any

from handmade.l13_core import Answer
from handmade.l14_core import Incomplete
from handmade.l19_core import AskingAdapter, RequestType, enter, unpack


class Inquiring(AskingAdapter):
    """Asks the other servers themselves, beside their clients."""

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

    def hear_server(self, request: dict[str, Any]) -> None:
        """Another server says something to this one, or asks. Of the handlers' answers the first counts."""
        event, *arguments = request["data"]
        if "requestId" in request:
            kind = RequestType.SERVER_SIDE_EMIT
            arguments.append(Answer(lambda said: self.respond(request, type=kind, data=[*said, None][0])))
        if event != "connection":  # which only a client can bring about
            self.tell(self.audience, event, *arguments)


class PubSubAdapter(Inquiring):
    """The way from one namespace of this server to the same one of all others, and back, over pub/sub."""

    def hear(self, message: bytes) -> None:
        """A server has answered somebody, perhaps us."""
        response = unpack(message)
        survey = self.surveys.get(response.get("requestId"))
        if survey and response.get("type") == RequestType.SERVER_SIDE_EMIT:
            survey.add(response.get("data"))
        elif survey:
            enter(survey, response)
