"""What may stand behind the question mark of an address: what its own description names."""

from fastapi import Depends, Request

from api.auth import signed_in
from api.bodies import invalid


def check(request: Request) -> None:
    """Refuse a parameter that the address does not know, or that is given twice: a mistyped `as_of`
    must not be answered with today. Errors: Refused(INPUT_INVALID), which does not repeat it."""
    described = (request.scope["route"].openapi_extra or {}).get("parameters", ())
    names = {one["name"] for one in described if one["in"] == "query"}
    given = [name for name, _ in request.query_params.multi_items()]
    if not names.issuperset(given):
        invalid("query", "holds a parameter that this address does not know")
    if len(set(given)) < len(given):
        invalid("query", "holds a parameter twice")


async def _known(request: Request) -> None:
    check(request)


# Of a router. Who is not signed in learns that first.
CHECKED = [Depends(signed_in), Depends(_known)]
