"""How an input is to be judged: what all ways of checking share in their requests.

The parameters are read here and not by the framework, which takes half a millisecond to find out what each is.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import Annotated, Any, TypeAlias

from fastapi import Depends, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.routing import APIRoute
from pydantic import BaseModel, Field, ValidationError

from logidsl.server.service import Ask
from logidsl.web.problems import ProblemError

KEY = "idempotency-key"
KEY_LENGTH = 200


class Parameters(BaseModel):
    """The parameters of a query; unknown ones are left aside."""

    variant: str = Field("", description="a variant of the product")
    revision: str | None = Field(None, description="another revision than the active one")
    param: list[str] = Field([], description="`name=value`; may be repeated")
    tag: list[str] = Field([], description="`name=value`, kept with the decision")
    repairs: bool = Field(False, description="whether findings say what would mend them")
    scores: bool = Field(False, description="whether images have scores")


_LISTS = ("param", "tag")
#: The same for the schema of the API, with the header.
PARAMETERS: list[dict[str, Any]] = [
    {"name": name, "in": "query", "required": False, "schema": schema, "description": schema.pop("description")}
    for name, schema in Parameters.model_json_schema()["properties"].items()
] + [
    {
        "name": "Idempotency-Key", "in": "header", "required": False,
        "schema": {"type": "string", "maxLength": KEY_LENGTH}, "description": "the same key gives the same decision",
    }
]  # fmt: skip


async def wanted(product: str, request: Request) -> Ask:
    """What a request asks for, by the parameters that all ways of checking share."""
    key = request.headers.get(KEY)
    if key and (key.startswith("job:") or len(key) > KEY_LENGTH):
        raise ProblemError(
            422, f"expected an Idempotency-Key of at most {KEY_LENGTH} characters that does not begin with `job:`"
        )
    query = request.query_params
    given = {name: query.getlist(name) if name in _LISTS else query[name] for name in query}
    try:
        found = Parameters.model_validate(given)
    except ValidationError as error:
        raise RequestValidationError([{**e, "loc": ("query", *e["loc"])} for e in error.errors()]) from None
    return Ask(
        product, found.variant, found.revision, _pairs(found.param, "param"), key, found.repairs, found.scores,
        tags=_pairs(found.tag, "tag"),
    )  # fmt: skip


#: A parameter of a route.
Wanted: TypeAlias = Annotated[Ask, Depends(wanted)]


class Direct(APIRoute):
    """A route whose dependencies and endpoint are called with the request as it is.

    Its dependencies only refuse, and its endpoint asks for `wanted` itself: the framework would find out anew for each
    request what they need.
    """

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        """What answers a request."""

        async def handle(request: Request) -> Response:
            for refusing in self.dependencies:
                assert refusing.dependency is not None
                await refusing.dependency(request)
            response: Response = await self.endpoint(request, **request.path_params)
            return response

        return handle


def _pairs(words: Sequence[str], what: str) -> dict[str, str]:
    found = {}
    for word in words:
        name, equals, value = (part.strip() for part in word.partition("="))
        if not (name and equals and value):
            raise ProblemError(422, f"expected {what}=NAME=VALUE, found `{word}`")
        found[name] = value
    return found
