"""The local issuer: signs tokens for the people of a demo, as an identity provider would."""

import json
import os
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

from joserfc import jwt
from joserfc.jwk import ECKey, KeySet

ISSUER = "muniment:local"
AUDIENCE = "muniment"
ALGORITHM = "ES256"
LIFETIME = timedelta(hours=12)

# Who may sign in to the demo: the staff of the set-up story, and who sets up.
PERSONAS = (
    "coordinator-1",
    "deputy-1",
    "investigator-1",
    "hearing-officer-1",
    "decision-maker-1",
    "appeal-officer-1",
    "appeal-officer-2",
    "confidential-1",
    "auditor-1",
    "security-1",
    "admin-1",
    "faculty-1",
    "staff-1",
    "operator",
)


class LocalIssuer:
    """A signing key in a file that only its owner may read; made when it is first needed."""

    def __init__(self, file: Path) -> None:
        if not file.exists():
            _make(file)
        self._key = ECKey.import_key(json.loads(file.read_text()))

    @property
    def key_set(self) -> KeySet:
        """What a checker may know: the public key, by its id."""
        return KeySet([ECKey.import_key(self._key.as_dict(private=False))])

    def token(
        self, subject: str, *, case: UUID | None = None, issued: datetime | None = None
    ) -> str:
        """For a staff member by sign-in name, `operator`, or a party of one case."""
        now = issued or datetime.now(UTC)
        kind = "party" if case else "operator" if subject == "operator" else "staff"
        claims = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": subject,
            "iat": int(now.timestamp()),
            "exp": int((now + LIFETIME).timestamp()),
            "kind": kind,
        }
        if case:
            claims["case"] = str(case)
        header = {"alg": ALGORITHM, "kid": self._key.kid}
        return jwt.encode(header, claims, self._key, algorithms=[ALGORITHM])


def _make(file: Path) -> None:
    file.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    key = ECKey.generate_key("P-256", {"kid": secrets.token_hex(8), "use": "sig", "alg": ALGORITHM})
    unfinished = file.with_suffix(".new")
    unfinished.unlink(missing_ok=True)
    with os.fdopen(os.open(unfinished, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "w") as text:
        json.dump(key.as_dict(private=True), text)
        text.flush()
        os.fsync(text.fileno())
    unfinished.rename(file)
