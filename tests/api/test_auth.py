"""Signing in: a token of the one issuer, for this service, not yet over; nothing else."""

import hashlib
import hmac
import json
import stat
from base64 import urlsafe_b64encode
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

import pytest
from joserfc import jwt
from joserfc.jwk import ECKey

from api.auth import TokenSignIn
from api.issuer import ALGORITHM, AUDIENCE, ISSUER, LIFETIME, LocalIssuer
from domain.context import OPERATOR, Who
from domain.errors import Refused
from domain.ids import staff_stream
from domain.refusals import No

LEDGER = UUID("6d756e69-6d65-4e74-8000-000000000000")
NOW = datetime(2026, 1, 5, 12, tzinfo=UTC)


def mac(purpose: str, text: str) -> str:
    return f"{purpose}:{text}"


@pytest.fixture
def issuer(tmp_path: Path) -> LocalIssuer:
    return LocalIssuer(tmp_path / "secrets" / "issuer.json")


@pytest.fixture
def sign_in(issuer: LocalIssuer) -> TokenSignIn:
    return TokenSignIn(
        keys=issuer.key_set,
        issuer=ISSUER,
        audience=AUDIENCE,
        algorithms=[ALGORITHM],
        ledger=LEDGER,
        mac=mac,
        now=lambda: NOW,
    )


def test_staff_are_known_by_the_keyed_digest_of_their_name(
    issuer: LocalIssuer, sign_in: TokenSignIn
) -> None:
    who = sign_in.who(issuer.token("coordinator-1", issued=NOW))
    assert who == Who("staff", str(staff_stream(LEDGER, "sign-in:coordinator-1")))


def test_a_party_is_known_for_one_case(issuer: LocalIssuer, sign_in: TokenSignIn) -> None:
    party, case = uuid4(), uuid4()
    assert sign_in.who(issuer.token(str(party), case=case, issued=NOW)) == Who(
        "party", str(party), case
    )
    assert sign_in.who(issuer.token("operator", issued=NOW)) == OPERATOR


def test_a_token_ends(issuer: LocalIssuer, sign_in: TokenSignIn) -> None:
    assert sign_in.who(issuer.token("operator", issued=NOW - LIFETIME + timedelta(minutes=1)))
    refused(sign_in, issuer.token("operator", issued=NOW - LIFETIME - timedelta(minutes=1)))


@pytest.mark.parametrize(
    "claims",
    [
        {"iss": "somebody"},
        {"aud": "something"},
        {"sub": None},
        {"exp": None},
        {"iss": None},
        {"aud": None},
        {"sub": 7},
        {"sub": "admin-1", "kind": "operator"},
        {"kind": "system"},
        {"kind": "party", "case": str(LEDGER)},
        {"kind": "party", "sub": str(LEDGER)},
        {"kind": "party", "sub": str(LEDGER), "case": 7},
    ],
)
def test_a_claim_that_is_wrong_or_missing_signs_nobody_in(
    issuer: LocalIssuer, sign_in: TokenSignIn, claims: dict[str, Any]
) -> None:
    good = {
        "iss": ISSUER,
        "aud": AUDIENCE,
        "sub": "coordinator-1",
        "exp": int((NOW + LIFETIME).timestamp()),
    }
    key = issuer._key
    header = {"alg": ALGORITHM, "kid": key.kid}
    assert sign_in.who(jwt.encode(header, good, key))
    wrong = {name: value for name, value in {**good, **claims}.items() if value is not None}
    refused(sign_in, jwt.encode(header, wrong, key))


def test_another_key_or_algorithm_signs_nobody_in(
    issuer: LocalIssuer, sign_in: TokenSignIn
) -> None:
    claims = {"iss": ISSUER, "aud": AUDIENCE, "sub": "operator", "exp": 2**40, "kind": "operator"}
    kid = issuer._key.kid
    other = ECKey.generate_key("P-256", {"kid": kid})
    refused(sign_in, jwt.encode({"alg": ALGORITHM, "kid": kid}, claims, other))
    # The public key as if it were a shared secret.
    signed = f"{_part({'alg': 'HS256', 'kid': kid})}.{_part(claims)}"
    public = issuer.key_set.keys[0].as_pem()
    mac_ = hmac.new(public, signed.encode(), hashlib.sha256).digest()
    refused(sign_in, f"{signed}.{urlsafe_b64encode(mac_).decode().rstrip('=')}")
    good = issuer.token("operator", issued=NOW)
    unsigned = good.rpartition(".")[0] + "."
    for token in ("", "x", unsigned, good[:-4] + "AAAA", good + "x"):
        refused(sign_in, token)


def test_the_key_is_kept_and_only_its_owner_may_read_it(tmp_path: Path) -> None:
    file = tmp_path / "secrets" / "issuer.json"
    first = LocalIssuer(file)
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert LocalIssuer(file).key_set.as_dict() == first.key_set.as_dict()
    assert "d" not in first.key_set.as_dict()["keys"][0]


def _part(of: dict[str, Any]) -> str:
    return urlsafe_b64encode(json.dumps(of).encode()).decode().rstrip("=")


def refused(sign_in: TokenSignIn, token: str) -> None:
    with pytest.raises(Refused) as caught:
        sign_in.who(token)
    assert caught.value.refusal is No.NOT_SIGNED_IN
