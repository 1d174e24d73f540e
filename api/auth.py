"""Who is asking: a signed token in, an actor out. What the actor may do is `domain/rules`."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from fastapi import Request
from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import KeySet

from domain.context import OPERATOR, Who
from domain.errors import Refused
from domain.ids import staff_stream
from domain.refusals import No

_TOLERANCE_SECONDS = 30  # Two machines' clocks.


class SignIn(Protocol):
    """Where tokens come from: the local issuer now, an institution's OpenID provider later."""

    def who(self, token: str) -> Who:
        """Errors: Refused(NOT_SIGNED_IN), for whatever reason."""


class TokenSignIn:
    """Checks tokens of one issuer against its key set, without asking it.

    Staff are known by sign-in name alone: the keyed HMAC of it leads to their stream. `kind` and
    `case` are claims of the local issuer; a provider that leaves them out signs in staff.
    """

    def __init__(
        self,
        *,
        keys: KeySet,
        issuer: str,
        audience: str,
        algorithms: list[str],
        ledger: UUID,
        mac: Callable[[str, str], str],
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        self._keys, self._issuer, self._audience = keys, issuer, audience
        self._algorithms, self._ledger, self._mac, self._now = algorithms, ledger, mac, now

    def who(self, token: str) -> Who:
        claims_of = jwt.JWTClaimsRegistry(
            now=int(self._now().timestamp()),
            leeway=_TOLERANCE_SECONDS,
            iss={"essential": True, "value": self._issuer},
            aud={"essential": True, "value": self._audience},
            sub={"essential": True},
            exp={"essential": True},
        )
        try:
            claims = jwt.decode(token, self._keys, algorithms=self._algorithms).claims
            claims_of.validate(claims)
            match claims.get("kind", "staff"), claims["sub"]:
                case "staff", str(name):
                    mac = self._mac("sign-in", name)
                    return Who("staff", str(staff_stream(self._ledger, mac)))
                case "party", str(party):
                    return Who("party", str(UUID(party)), UUID(str(claims["case"])))
                case "operator", "operator":
                    return OPERATOR
        except (JoseError, ValueError, KeyError, TypeError) as error:
            raise Refused(No.NOT_SIGNED_IN) from error
        raise Refused(No.NOT_SIGNED_IN)


def signed_in(request: Request) -> Who:
    """The actor of this request. Errors: Refused(NOT_SIGNED_IN)."""
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    sign_in: SignIn | None = request.app.state.parts.sign_in
    if scheme.lower() != "bearer" or not token or sign_in is None:
        raise Refused(No.NOT_SIGNED_IN)
    who = sign_in.who(token.strip())
    request.state.actor = who.id
    return who
