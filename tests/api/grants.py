"""A case of one's own with people on it, for tests of who may read what."""

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4
from zoneinfo import ZoneInfo

from domain.ids import access_stream, staff_stream
from tests.api.conftest import Site

TOPICS = ("title_ix", "trauma_informed", "hearing", "appeal")
ROLES = {
    "investigator": "investigator-1",
    "hearing_officer": "hearing-officer-1",
    "decision_maker": "decision-maker-1",
    "appeal_officer": "appeal-officer-1",
}


class CaseAtHand:
    """A case with two parties, and somebody in each role."""

    def __init__(self, site: Site, roles: Mapping[str, str] = ROLES) -> None:
        self.site, self.id = site, uuid4()
        self.complainant, self.respondent = uuid4(), uuid4()
        self.give(
            "receive-report",
            report_id=uuid4(),
            channel="in_person",
            reporter_capacity="third_party",
            reporter_id=uuid4(),
            reporter_name="Reporting Person",
            in_us="yes",
            geography="on_campus",
            narrative="What was seen",
        )
        for role in ("complainant", "respondent"):
            self.give(
                "add-party",
                party_id=getattr(self, role),
                role=role,
                identified=True,
                affiliation_class="student",
                name=f"Name of the {role}",
            )
        for role, name in roles.items():
            for topic in TOPICS:
                self.train(name, topic)
            self.give("assign-role", role=role, staff_id=self.staff(name))

    @property
    def today(self) -> date:
        now = self.site.record.read([]).now
        return now.astimezone(ZoneInfo(self.site.record.zone)).date()

    def after(self, days: int) -> str:
        return (self.today + timedelta(days=days)).isoformat()

    def staff(self, name: str) -> UUID:
        record = self.site.record
        return staff_stream(record.id, record.mac("sign-in", name))

    def train(self, name: str, topic: str) -> None:
        path = f"/office/staff/{self.staff(name)}/commands/record-training"
        body = {"topic": topic, "on": self.after(0), "valid_until": self.after(365)}
        answer = self.site.post(path, body, version=None)
        assert answer.status_code == 201, answer.text

    def ask(self, command: str, who: str = "coordinator-1", **fields: Any) -> Any:
        """The answer to a command on this case."""
        version = self.site.record.version(self.id)
        body = {key: str(one) if isinstance(one, UUID) else one for key, one in fields.items()}
        party_of = self.id if who in (str(self.complainant), str(self.respondent)) else None
        path = f"/cases/{self.id}/commands/{command}"
        return self.site.post(path, body, who, version=version, party_of=party_of)

    def give(self, command: str, who: str = "coordinator-1", **fields: Any) -> Any:
        answer = self.ask(command, who, **fields)
        assert answer.status_code == 201, answer.text
        return answer.json()

    def get(self, path: str, who: str = "coordinator-1") -> Any:
        party_of = self.id if who in (str(self.complainant), str(self.respondent)) else None
        return self.site.get(f"/cases/{self.id}{path}", who, party_of=party_of)

    def reveal(
        self, who: str, purpose: str, *, event: str = "PartyAdded", path: str = "name"
    ) -> Any:
        """Ask for words of the first event of that name."""
        rows = self.site.record.ledger.history(self.id)
        version = next(row.version for row in rows if row.topic == f"{event}/1")
        wish = {
            "purpose": purpose,
            "reason": "to do what is to be done",
            "fields": [{"version": version, "path": path}],
        }
        party_of = self.id if who in (str(self.complainant), str(self.respondent)) else None
        at = f"/cases/{self.id}/reveal"
        return self.site.post(at, wish, who, version=None, party_of=party_of)

    def access(self) -> list[Any]:
        """The events beside the case, but for keys."""
        rows = self.site.record.ledger.history(access_stream(self.site.record.id, self.id))
        return [row for row in rows if row.topic != "KeyCreated/1"]

    def grant_of(self, name: str) -> UUID:
        """The first grant of this person."""
        user = self.staff(name)
        granted = [row.event for row in self.access() if row.topic == "AccessGranted/1"]
        return next(one.grant_id for one in granted if one.user == user)

    def add_evidence(self) -> UUID:
        """An item of this case, from the investigator."""
        item = uuid4()
        body = {
            "evidence_id": str(item),
            "case_id": str(self.id),
            "submitted_by": str(self.complainant),
            "obtained_on": self.after(0),
            "kind": "message",
            "description": "What the message says",
        }
        path = f"/evidence/{item}/commands/add-evidence"
        answer = self.site.post(path, body, "investigator-1")
        assert answer.status_code == 201, answer.text
        return item

    def grant_audit(self) -> None:
        """The auditor may read names: general counsel agreed, and somebody of the office."""
        counsel = uuid4().hex
        path = "/office/commands/register-staff"
        body = {"sign_in": counsel, "name": "A counsel", "office": "general_counsel"}
        assert self.site.post(path, body, "operator", version=None).status_code == 201
        self.give(
            "grant-access",
            grant_id=uuid4(),
            user=self.staff("auditor-1"),
            purpose="audit",
            field_scope=["parties", "narratives"],
            expires_on=self.after(7),
            approved_by=self.staff(counsel),
            approval_ref=uuid4(),
        )
        self.give(
            "approve-reveal",
            approval_id=uuid4(),
            user=self.staff("auditor-1"),
            purpose="audit",
            field_scope=["parties"],
        )

    def wall(self, name: str) -> None:
        """The person discloses a conflict."""
        self.give("disclose-conflict", name, conflict_id=uuid4(), about_role="coordinator")
