"""The whole process on one page: every command, who may give it, at which stages, what decides.

Printed in the docs; makes the routes, the command line, "what can be done next" and the access
tests.
"""

from domain.commands import Command
from domain.context import Fact
from domain.refusals import No
from domain.rules import (
    access,
    appeal,
    classification,
    closing,
    complaint,
    conflicts,
    counseling,
    determination,
    disclosure,
    evidence,
    hearing,
    informal,
    intake,
    investigation,
    jurisdiction,
    measures,
    notice,
    office,
    outcome,
    package,
    removal,
    report,
    requests,
    roles,
    sanctions,
)
from domain.rules.rule import Rule
from domain.terms import Role, Stage, stages

OFFICE = frozenset({Role.COORDINATOR, Role.DEPUTY})
PARTIES = frozenset({Role.COMPLAINANT, Role.RESPONDENT})
INVESTIGATOR = frozenset({Role.INVESTIGATOR})
HEARING_OFFICER = frozenset({Role.HEARING_OFFICER})
DECISION_MAKER = frozenset({Role.DECISION_MAKER})
APPEAL_OFFICER = frozenset({Role.APPEAL_OFFICER})
ASSIGNED = INVESTIGATOR | HEARING_OFFICER | DECISION_MAKER | APPEAL_OFFICER
AUDITOR = frozenset({Role.AUDITOR})
SYSTEM = frozenset({Role.SYSTEM})
SETTING_UP = frozenset({Role.OPERATOR, Role.ADMIN})
ANYONE = frozenset(Role) - {Role.SYSTEM, Role.OPERATOR, Role.ADMIN, Role.AUDITOR}

NEW = frozenset({Stage.NONE})
ALWAYS = frozenset(Stage) - NEW
BEFORE_COMPLAINT = stages(Stage.REPORTED, Stage.SUPPORT_ONLY)
STANDING = stages(Stage.REPORTED, Stage.REMANDED)
IN_PROCESS = stages(Stage.COMPLAINT_FILED, Stage.HEARD)
AFTER_FINDING = stages(Stage.DETERMINED, Stage.APPEAL) | {Stage.FINAL}
AT_THE_END = frozenset({Stage.FINAL, Stage.CLOSED})
ANY = frozenset(Stage)

STAFF = frozenset({Fact.STAFF})
EVIDENCE = frozenset({Fact.EVIDENCE})
OF_CASE = frozenset({Fact.CASE})
ACCESS = frozenset({Fact.ACCESS})
CONCERNED = frozenset({Fact.CONCERNED})

RULES: dict[type[Command], Rule] = {
    # Setting up
    office.AdoptPolicy: Rule(office.adopt, SETTING_UP, ANY, "pack"),
    office.MarkCalendarDay: Rule(office.mark, SETTING_UP, ANY, "calendar"),
    office.RegisterStaff: Rule(office.register, SETTING_UP, ANY, "staff"),
    office.GrantRole: Rule(office.grant, SETTING_UP, ANY, "staff"),
    office.RecordTraining: Rule(office.train, SETTING_UP | OFFICE, ANY, "staff"),
    office.ListCounselor: Rule(office.list_counselor, SETTING_UP | OFFICE, ANY, "counselors"),
    # Intake
    intake.ReceiveReport: Rule(intake.receive, ANYONE, NEW),
    intake.AddParty: Rule(intake.add_party, OFFICE, ALWAYS),
    intake.ContactComplainant: Rule(intake.contact, OFFICE, ALWAYS),
    intake.ProvideRights: Rule(intake.provide_rights, OFFICE, ALWAYS),
    intake.ReportDanger: Rule(intake.report_danger, OFFICE, ALWAYS),
    jurisdiction.AssessJurisdiction: Rule(
        jurisdiction.assess, OFFICE, BEFORE_COMPLAINT | IN_PROCESS
    ),
    classification.ClassifyIncident: Rule(classification.classify, OFFICE, ALWAYS),
    # Support and protection
    measures.OfferMeasure: Rule(measures.offer, OFFICE, ALWAYS),
    measures.AcceptMeasure: Rule(measures.accept, OFFICE | PARTIES, ALWAYS),
    measures.ImplementMeasure: Rule(measures.implement, OFFICE, ALWAYS),
    measures.EndMeasure: Rule(measures.end, OFFICE, ALWAYS),
    measures.DocumentResponse: Rule(measures.document_response, OFFICE, ALWAYS),
    counseling.AssignCounselor: Rule(
        counseling.assign, OFFICE, ALWAYS, reads=frozenset({Fact.COUNSELORS})
    ),
    removal.OrderEmergencyRemoval: Rule(removal.order, OFFICE, ALWAYS),
    removal.ServeRemovalNotice: Rule(removal.serve, OFFICE, ALWAYS),
    removal.ChallengeRemoval: Rule(removal.challenge, OFFICE | {Role.RESPONDENT}, ALWAYS),
    removal.DecideChallenge: Rule(removal.decide_challenge, OFFICE, ALWAYS),
    # Complaint and notice
    complaint.SignFormalComplaint: Rule(
        complaint.sign, OFFICE | {Role.COMPLAINANT}, BEFORE_COMPLAINT, ready=complaint.may_sign
    ),
    notice.IssueNotice: Rule(notice.issue, OFFICE, frozenset({Stage.COMPLAINT_FILED}), reads=STAFF),
    informal.OfferInformal: Rule(
        informal.offer,
        OFFICE,
        stages(Stage.NOTICED, Stage.REPORT_ISSUED),
        reads=STAFF,
        ready=informal.may_offer,
    ),
    # Roles and investigation
    roles.AssignRole: Rule(roles.assign, OFFICE, STANDING, reads=STAFF | ACCESS | CONCERNED),
    roles.UnassignRole: Rule(roles.unassign, OFFICE, ALWAYS, reads=ACCESS),
    conflicts.DiscloseConflict: Rule(conflicts.disclose, OFFICE | ASSIGNED, ALWAYS),
    conflicts.AllegeConflict: Rule(
        conflicts.allege, OFFICE | ASSIGNED | PARTIES, ALWAYS, reads=STAFF
    ),
    conflicts.DecideConflict: Rule(conflicts.decide, OFFICE, ALWAYS, reads=ACCESS),
    roles.SelectAdvisor: Rule(roles.select_advisor, OFFICE | PARTIES, STANDING),
    roles.ProvideAdvisor: Rule(roles.provide_advisor, OFFICE, STANDING),
    investigation.OpenInvestigation: Rule(
        investigation.open_,
        OFFICE | INVESTIGATOR,
        frozenset({Stage.NOTICED}),
        ready=investigation.may_open,
    ),
    investigation.NotifyMeeting: Rule(
        investigation.notify, OFFICE | INVESTIGATOR, stages(Stage.NOTICED, Stage.REPORT_ISSUED)
    ),
    investigation.RecordInterview: Rule(
        investigation.record,
        INVESTIGATOR,
        stages(Stage.INVESTIGATING, Stage.REPORT_DRAFTING),
        ready=investigation.may_interview,
        otherwise=No.NOT_ASSIGNED,
    ),
    evidence.AddEvidence: Rule(
        evidence.add, INVESTIGATOR, ALWAYS, "evidence", OF_CASE, otherwise=No.NOT_ASSIGNED
    ),
    evidence.ClassifyEvidence: Rule(
        evidence.classify, INVESTIGATOR, ALWAYS, "evidence", OF_CASE, otherwise=No.NOT_ASSIGNED
    ),
    package.SendEvidence: Rule(
        package.send,
        INVESTIGATOR,
        frozenset({Stage.INVESTIGATING, Stage.REPORT_DRAFTING}),
        reads=EVIDENCE,
        otherwise=No.NOT_ASSIGNED,
    ),
    package.RecordResponse: Rule(
        package.respond,
        OFFICE | INVESTIGATOR | PARTIES,
        stages(Stage.EVIDENCE_REVIEW, Stage.REPORT_ISSUED),
    ),
    package.CloseReview: Rule(
        package.close,
        INVESTIGATOR,
        frozenset({Stage.EVIDENCE_REVIEW}),
        otherwise=No.NOT_ASSIGNED,
    ),
    report.IssueReport: Rule(
        report.issue, INVESTIGATOR, frozenset({Stage.REPORT_DRAFTING}), otherwise=No.NOT_ASSIGNED
    ),
    # Hearing
    hearing.ScheduleHearing: Rule(
        hearing.schedule,
        OFFICE | HEARING_OFFICER,
        frozenset({Stage.REPORT_DRAFTING, Stage.REPORT_ISSUED}),
    ),
    hearing.SendHearingNotice: Rule(
        hearing.send_notice,
        OFFICE | HEARING_OFFICER,
        frozenset({Stage.REPORT_DRAFTING, Stage.REPORT_ISSUED}),
    ),
    hearing.ConveneHearing: Rule(
        hearing.convene,
        HEARING_OFFICER,
        frozenset({Stage.REPORT_ISSUED}),
        ready=hearing.may_convene,
    ),
    hearing.RuleOnQuestion: Rule(
        hearing.rule_on_question, DECISION_MAKER, frozenset({Stage.HEARING})
    ),
    hearing.RecordAbsence: Rule(
        hearing.record_absence, HEARING_OFFICER, frozenset({Stage.HEARING})
    ),
    hearing.StoreRecording: Rule(
        hearing.store_recording,
        HEARING_OFFICER,
        frozenset({Stage.HEARING, Stage.HEARD}),
        reads=EVIDENCE,
    ),
    hearing.ConcludeHearing: Rule(hearing.conclude, HEARING_OFFICER, frozenset({Stage.HEARING})),
    # Decision and appeal
    determination.IssueDetermination: Rule(
        determination.issue,
        DECISION_MAKER,
        frozenset({Stage.HEARD}),
        reads=EVIDENCE,
        ready=determination.may_issue,
    ),
    appeal.FileAppeal: Rule(
        appeal.file, OFFICE | PARTIES, frozenset({Stage.DETERMINED, Stage.APPEAL})
    ),
    appeal.NotifyAppeal: Rule(appeal.notify, OFFICE | APPEAL_OFFICER, frozenset({Stage.APPEAL})),
    appeal.DecideAppeal: Rule(
        appeal.decide,
        APPEAL_OFFICER,
        frozenset({Stage.APPEAL}),
        reads=STAFF,
        ready=appeal.may_decide,
        otherwise=No.NOT_ASSIGNED,
    ),
    outcome.CloseAppealWindow: Rule(
        outcome.close_window, SYSTEM, frozenset({Stage.DETERMINED, Stage.APPEAL})
    ),
    outcome.FinalizeOutcome: Rule(
        outcome.finalize, SYSTEM, frozenset({Stage.DETERMINED, Stage.APPEAL}), reads=ACCESS
    ),
    outcome.SealRespondent: Rule(outcome.seal, SYSTEM, AT_THE_END, reads=ACCESS),
    # After
    sanctions.ImplementSanction: Rule(sanctions.implement, OFFICE, AT_THE_END),
    sanctions.CompleteSanction: Rule(sanctions.complete, OFFICE, AT_THE_END),
    sanctions.ProvideRemedy: Rule(sanctions.provide_remedy, OFFICE, AFTER_FINDING),
    sanctions.TransferStanding: Rule(sanctions.transfer_standing, OFFICE, AT_THE_END),
    closing.CloseCase: Rule(
        closing.close, OFFICE, frozenset({Stage.FINAL}), ready=closing.may_close
    ),
    # Who may read what
    access.GrantAccess: Rule(access.grant, OFFICE, ALWAYS, "access", STAFF),
    access.RevokeAccess: Rule(access.revoke, OFFICE, ALWAYS, "access"),
    access.ApproveReveal: Rule(access.approve, OFFICE, ALWAYS, "access", STAFF),
    access.ReplayCase: Rule(access.replay, AUDITOR, ALWAYS, "access"),
    # Who was told, and the own record
    disclosure.RecordDisclosure: Rule(disclosure.record, OFFICE, ALWAYS, "access"),
    disclosure.DiscloseFinalResults: Rule(disclosure.final_results, OFFICE, ALWAYS, "access"),
    disclosure.RecordWaiver: Rule(disclosure.waive, OFFICE | PARTIES, ALWAYS, "access"),
    requests.ReceiveAccessRequest: Rule(requests.receive, OFFICE | PARTIES, ALWAYS, "access"),
    requests.FulfillAccessRequest: Rule(requests.fulfill, OFFICE, ALWAYS, "access"),
}
