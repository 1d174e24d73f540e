"""The whole process on one page: every command, who may give it, at which stages, what decides.

Printed in the docs; makes the routes, the command line, "what can be done next" and the access
tests.
"""

from typing import get_args

from domain.commands import Intention
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
    identities,
    informal,
    intake,
    investigation,
    jurisdiction,
    measures,
    notice,
    office,
    outcome,
    package,
    persons,
    removal,
    report,
    requests,
    roles,
    sanctions,
    staff,
    type_only,
    witnesses,
)
from domain.rules.known import needs_complainant, needs_party, needs_respondent
from domain.rules.rule import Rule
from domain.terms import OfficeRole, Role, Stage, stages

OFFICE = frozenset({Role.COORDINATOR, Role.DEPUTY})
PARTIES = frozenset({Role.COMPLAINANT, Role.RESPONDENT})
INVESTIGATOR = frozenset({Role.INVESTIGATOR})
HEARING_OFFICER = frozenset({Role.HEARING_OFFICER})
DECISION_MAKER = frozenset({Role.DECISION_MAKER})
APPEAL_OFFICER = frozenset({Role.APPEAL_OFFICER})
ASSIGNED = INVESTIGATOR | HEARING_OFFICER | DECISION_MAKER | APPEAL_OFFICER
AUDITOR = frozenset({Role.AUDITOR})
SYSTEM = frozenset({Role.SYSTEM})
IN_OFFICE = frozenset(Role(role) for role in get_args(OfficeRole))
SETTING_UP = frozenset({Role.OPERATOR, Role.ADMIN})
CONFIDENTIAL = frozenset({Role.CONFIDENTIAL_EMPLOYEE})
ANYONE = frozenset(Role) - SETTING_UP - AUDITOR - SYSTEM - CONFIDENTIAL

NEW = frozenset({Stage.NONE})
ONLY_TYPE = frozenset({Stage.TYPE_ONLY})
ALWAYS = frozenset(Stage) - NEW - ONLY_TYPE
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
PERSON = frozenset({Fact.PERSON})
CONCERNED = frozenset({Fact.CONCERNED})

RULES: dict[type[Intention], Rule] = {
    # Setting up
    office.AdoptPolicy: Rule(office.adopt, SETTING_UP, ANY, "pack"),
    office.DesignateConfidentialResource: Rule(office.designate, SETTING_UP | OFFICE, ANY, "pack"),
    office.MarkCalendarDay: Rule(office.mark, SETTING_UP, ANY, "calendar"),
    office.RegisterStaff: Rule(office.register, SETTING_UP, ANY, "staff"),
    office.GrantRole: Rule(office.grant, SETTING_UP, ANY, "staff"),
    staff.RevokeRole: Rule(staff.revoke, SETTING_UP, ANY, "staff"),
    staff.EndStaff: Rule(staff.end, SETTING_UP, ANY, "staff"),
    staff.DeclareRelation: Rule(staff.declare, IN_OFFICE - CONFIDENTIAL, ANY, "staff"),
    office.RecordTraining: Rule(office.train, SETTING_UP | OFFICE, ANY, "staff"),
    office.ListCounselor: Rule(office.list_counselor, SETTING_UP | OFFICE, ANY, "counselors"),
    # People
    persons.RegisterPerson: Rule(persons.register, OFFICE, ANY, "person"),
    persons.UnlinkPerson: Rule(persons.unlink, OFFICE, ANY, "person"),
    persons.MergePersons: Rule(persons.merge, OFFICE, ANY, "person", PERSON),
    # Intake
    intake.ReceiveReport: Rule(intake.receive, ANYONE, NEW),
    type_only.ReportTypeOnly: Rule(type_only.report, CONFIDENTIAL, NEW, misread=No.TYPE_ONLY),
    intake.AddParty: Rule(intake.add_party, OFFICE, ALWAYS, reads=STAFF),
    identities.IdentifyParty: Rule(identities.identify, OFFICE, ALWAYS, reads=PERSON),
    intake.ContactComplainant: Rule(intake.contact, OFFICE, ALWAYS, ready=needs_complainant),
    intake.ProvideRights: Rule(intake.provide_rights, OFFICE, ALWAYS, ready=needs_party),
    intake.ReportDanger: Rule(intake.report_danger, OFFICE, ALWAYS),
    jurisdiction.AssessJurisdiction: Rule(
        jurisdiction.assess, OFFICE, BEFORE_COMPLAINT | IN_PROCESS
    ),
    classification.ClassifyIncident: Rule(classification.classify, OFFICE, ALWAYS | ONLY_TYPE),
    # Support and protection
    measures.OfferMeasure: Rule(measures.offer, OFFICE, ALWAYS, ready=needs_party),
    measures.AcceptMeasure: Rule(
        measures.accept, OFFICE | PARTIES, ALWAYS, ready=measures.may_accept
    ),
    measures.ImplementMeasure: Rule(
        measures.implement, OFFICE, ALWAYS, ready=measures.may_implement
    ),
    measures.EndMeasure: Rule(measures.end, OFFICE, ALWAYS, ready=measures.may_end),
    measures.DocumentResponse: Rule(measures.document_response, OFFICE, ALWAYS),
    counseling.AssignCounselor: Rule(
        counseling.assign, OFFICE, ALWAYS, reads=frozenset({Fact.COUNSELORS})
    ),
    removal.OrderEmergencyRemoval: Rule(removal.order, OFFICE, ALWAYS, ready=needs_respondent),
    removal.ServeRemovalNotice: Rule(removal.serve, OFFICE, ALWAYS, ready=removal.may_serve),
    removal.ChallengeRemoval: Rule(
        removal.challenge, OFFICE | {Role.RESPONDENT}, ALWAYS, ready=removal.may_challenge
    ),
    removal.DecideChallenge: Rule(
        removal.decide_challenge, OFFICE, ALWAYS, ready=removal.may_decide
    ),
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
    roles.UnassignRole: Rule(
        roles.unassign, OFFICE, ALWAYS, reads=ACCESS, ready=roles.may_unassign
    ),
    conflicts.DiscloseConflict: Rule(conflicts.disclose, OFFICE | ASSIGNED, ALWAYS),
    conflicts.AllegeConflict: Rule(
        conflicts.allege, OFFICE | ASSIGNED | PARTIES, ALWAYS, reads=STAFF
    ),
    conflicts.DecideConflict: Rule(
        conflicts.decide, OFFICE, ALWAYS, reads=ACCESS, ready=conflicts.may_decide
    ),
    roles.SelectAdvisor: Rule(roles.select_advisor, OFFICE | PARTIES, STANDING, ready=needs_party),
    roles.ProvideAdvisor: Rule(roles.provide_advisor, OFFICE, STANDING, ready=needs_party),
    roles.RemoveAdvisor: Rule(
        roles.remove_advisor,
        OFFICE | HEARING_OFFICER,
        STANDING,
        ready=roles.may_remove_advisor,
    ),
    witnesses.AddWitness: Rule(
        witnesses.add, OFFICE | INVESTIGATOR | PARTIES, STANDING, reads=PERSON | STAFF
    ),
    witnesses.WithdrawWitness: Rule(
        witnesses.withdraw,
        OFFICE | INVESTIGATOR | PARTIES,
        STANDING,
        ready=witnesses.may_withdraw,
    ),
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
        ready=investigation.inside_the_policy,
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
        report.issue,
        INVESTIGATOR,
        frozenset({Stage.REPORT_DRAFTING}),
        ready=investigation.inside_the_policy,
        otherwise=No.NOT_ASSIGNED,
    ),
    # Hearing
    hearing.ScheduleHearing: Rule(
        hearing.schedule,
        OFFICE | HEARING_OFFICER,
        frozenset({Stage.REPORT_DRAFTING, Stage.REPORT_ISSUED}),
        ready=hearing.may_schedule,
    ),
    hearing.SendHearingNotice: Rule(
        hearing.send_notice,
        OFFICE | HEARING_OFFICER,
        frozenset({Stage.REPORT_DRAFTING, Stage.REPORT_ISSUED}),
        ready=hearing.may_send_notice,
    ),
    hearing.ConveneHearing: Rule(
        hearing.convene,
        HEARING_OFFICER,
        frozenset({Stage.REPORT_ISSUED}),
        ready=hearing.may_convene,
    ),
    hearing.RuleOnQuestion: Rule(
        hearing.rule_on_question,
        DECISION_MAKER,
        frozenset({Stage.HEARING}),
        ready=hearing.may_go_on,
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
    hearing.ConcludeHearing: Rule(
        hearing.conclude, HEARING_OFFICER, frozenset({Stage.HEARING}), ready=hearing.may_go_on
    ),
    # Decision and appeal
    determination.IssueDetermination: Rule(
        determination.issue,
        DECISION_MAKER,
        frozenset({Stage.HEARD}),
        reads=EVIDENCE,
        ready=determination.may_issue,
    ),
    appeal.FileAppeal: Rule(
        appeal.file,
        OFFICE | PARTIES,
        frozenset({Stage.DETERMINED, Stage.APPEAL}),
        ready=appeal.may_file,
    ),
    appeal.NotifyAppeal: Rule(
        appeal.notify,
        OFFICE | APPEAL_OFFICER,
        frozenset({Stage.APPEAL}),
        ready=appeal.may_notify,
    ),
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
    sanctions.ImplementSanction: Rule(
        sanctions.implement, OFFICE, AT_THE_END, ready=sanctions.may_implement
    ),
    sanctions.CompleteSanction: Rule(
        sanctions.complete, OFFICE, AT_THE_END, ready=sanctions.may_complete
    ),
    sanctions.ProvideRemedy: Rule(sanctions.provide_remedy, OFFICE, AFTER_FINDING),
    sanctions.TransferStanding: Rule(sanctions.transfer_standing, OFFICE, AT_THE_END),
    closing.CloseCase: Rule(
        closing.close, OFFICE, ONLY_TYPE | {Stage.FINAL}, ready=closing.may_close
    ),
    # Who may read what
    access.GrantAccess: Rule(access.grant, OFFICE, ALWAYS, "access", STAFF),
    access.RevokeAccess: Rule(access.revoke, OFFICE, ALWAYS, "access", ready=access.may_revoke),
    access.ApproveReveal: Rule(access.approve, OFFICE, ALWAYS, "access", STAFF),
    access.ReplayCase: Rule(access.replay, AUDITOR, ALWAYS, "access", ready=access.may_replay),
    # Who was told, and the own record
    disclosure.RecordDisclosure: Rule(
        disclosure.record, OFFICE, ALWAYS, "access", ready=needs_party
    ),
    disclosure.DiscloseFinalResults: Rule(
        disclosure.final_results, OFFICE, ALWAYS, "access", ready=disclosure.may_tell_results
    ),
    disclosure.RecordWaiver: Rule(
        disclosure.waive, OFFICE | PARTIES, ALWAYS, "access", ready=needs_party
    ),
    requests.ReceiveAccessRequest: Rule(
        requests.receive, OFFICE | PARTIES, ALWAYS, "access", ready=needs_party
    ),
    requests.FulfillAccessRequest: Rule(
        requests.fulfill, OFFICE, ALWAYS, "access", ready=requests.may_fulfill
    ),
}
