"""The catalog of refusals: each code with its sentence, rule, citation and remedy."""

from domain.errors import Because, Refusal


class No(Refusal):
    """Every code that a command can be answered with. Order as in the requirements."""

    # Any request
    INPUT_INVALID = Because(
        "This request cannot be taken: {fields} {fault}.",
        rule="",
        cite="RFC 9110 15.5.21 [K]",
        remedy="Mend what is named and send the request again.",
    )
    NOT_SIGNED_IN = Because(
        "Sign in first.",
        rule="",
        cite="34 CFR 106.71(a) [P]; RFC 9110 15.5.2 [K]",
        remedy="Sign in and send the command again.",
    )
    COMMAND_ID_REUSED = Because(
        "This command id was used for something else.",
        rule="",
        cite="one command id, one act [D]",
        remedy="Give a new command its own id; repeat a command with the same words.",
    )
    # Complaint and report
    FORMAL_COMPLAINT_REQUIRED = Because(
        "No formal complaint is on file. Supportive measures can go on; this step cannot.",
        rule="A-45, A-85, A-98, A-112, F-17",
        cite="34 CFR 106.45(b)(1)(i) [P]; 02.2.20 IV.C.2 [P]",
        remedy=(
            "A formal complaint, filed by the complainant or signed by the coordinator, opens "
            "this step."
        ),
    )
    COMPLAINT_UNSIGNED = Because(
        "A formal complaint must show who files it (signature, digital signature, or other "
        "indication).",
        rule="A-17",
        cite="34 CFR 106.30 [P]; 02.2.20 III(h) [P]",
        remedy="Record the signature, or what else shows who files the complaint.",
    )
    COMPLAINT_CANNOT_BE_ANONYMOUS = Because(
        "The person who files a formal complaint must be identified.",
        rule="A-46",
        cite="02.2.20 IV.C.2 [P]; 34 CFR 106.30 [P]",
        remedy=(
            "Add the complainant as an identified party; until then supportive measures are "
            "available."
        ),
    )
    RESPONDENT_REQUIRED = Because(
        "Name the respondent, or mark unknown.",
        rule="A-17",
        cite="34 CFR 106.30 [P]; 02.2.20 III(h) [P]",
        remedy=(
            "Add a respondent to the case, identified or not, and name it as respondent_id in each "
            "of the allegations, of which there is at least one."
        ),
    )
    REQUEST_TO_INVESTIGATE_REQUIRED = Because(
        "State the request to investigate.",
        rule="A-17",
        cite="34 CFR 106.30 [P]; 02.2.20 III(h) [P]",
        remedy=(
            "Ask whether an investigation is requested, and record the request with the complaint."
        ),
    )
    DUPLICATE_COMPLAINT = Because(
        "Already filed as {case}.",
        rule="A-03",
        cite="02.2.20 I [P]",
        remedy="Go on in {case}; another matter begins with its own report.",
    )
    PARTICIPATION_TEST_REQUIRED = Because(
        "Say whether the complainant was taking part, or trying to, in the program when filing.",
        rule="A-04",
        cite="34 CFR 106.30 [P]; 02.2.20 II [P]",
        remedy="Answer whether the complainant took part, or tried to, in the program at filing.",
    )
    AFFILIATION_REQUIRED = Because(
        "Give the person's affiliation.",
        rule="A-01",
        cite="02.2.20, Applies to [P]",
        remedy="Say what this person is to the institution; a patient or guest is a third party.",
    )
    IDENTITY_WARNING_REQUIRED = Because(
        "Tell the complainant first that their identity may be disclosed.",
        rule="A-49",
        cite="02.2.20 IV.C.2 [P]; 34 CFR 106.45(b)(2)(i)(B) [S]",
        remedy=(
            "Record a contact in which the complainant was told that the notice will name the "
            "parties."
        ),
    )
    CHANNEL_UNKNOWN = Because(
        "Choose a listed channel.",
        rule="A-72",
        cite="02.2.20 IV.[D].2, IV.[D].3 [P]",
        remedy="Choose one of the channels that the policy lists.",
    )
    ANONYMOUS_HAS_IDENTITY = Because(
        "An anonymous report holds an identity field; nothing was saved.",
        rule="A-40, B-10",
        cite="02.2.20 IV.C.1, IV.[D].3 [P]; 7.16, Online [P]",
        remedy=(
            "Leave out name, contact and relation, or file the report as one that is not anonymous."
        ),
    )
    TYPE_ONLY = Because(
        "This form takes the type of incident and nothing else; nothing was saved.",
        rule="A-62, T-11a",
        cite="TEC 51.252(c), 51.290(c) [P]; 19 TAC 3.5(c) [P]; 02.2.20 IV.[D].1.c [P]",
        remedy=(
            "Leave out everything but the type, the time of receipt and the resource; whoever "
            "wants to say more can make a report."
        ),
    )
    NOT_A_CONFIDENTIAL_RESOURCE = Because(
        "Not a designated confidential resource for this person.",
        rule="A-42, A-99",
        cite="02.2.20 IV.C.1.a-c, V.C [P]",
        remedy="Name a resource that is designated under the policy, or have the office do it.",
    )
    OMBUDS_IS_NOT_NOTICE = Because(
        "An Ombuds contact is not a report.",
        rule="A-43, B-14",
        cite="02.2.20 IV.C.1.d [P]; 7.16, Ombuds [P]",
        remedy="Tell the person how a report is made; whoever wants action makes one.",
    )
    LEARNED_ON_REQUIRED = Because(
        "Say when the employee learned of it, or that it is unknown.",
        rule="A-60",
        cite="TEC 51.252(a) [P]; 02.2.20 IV.[D].1.a [P]",
        remedy=(
            "Give the day, month or year in which the employee learned of it, or the word unknown."
        ),
    )
    DUTY_REPORT_INCOMPLETE = Because(
        "Give what is known, or 'none known', and whether confidentiality was asked for.",
        rule="A-61",
        cite="TEC 51.252 [P]; 02.2.20 IV.[D].1.b [P]",
        remedy=(
            "Give the narrative (none known is an answer) and the wish for confidentiality "
            "(not stated is an answer)."
        ),
    )
    DATE_IN_FUTURE = Because(
        "The date is in the future.",
        rule="B-28",
        cite="7.16, Procedures [P]; a record is of what has been [D]",
        remedy="Record it on the day it happens, or correct the date.",
    )
    # Scope, category, policy
    NOT_TITLE_IX_CATEGORY = Because(
        "This category is not in the policy.",
        rule="A-18",
        cite="02.2.20 III(i) [P]",
        remedy=(
            "Choose a category of the policy, or leave the policy category empty and keep the "
            "others."
        ),
    )
    DEFINITION_ELEMENTS_MISSING = Because(
        "Answer each element of {category}.",
        rule="A-13, A-15, A-24, B-06",
        cite="02.2.20 III(d)-(f), (n) [P]; 34 CFR 106.30 [K]; 7.16, Abusive and Intimidating [P]",
        remedy="Answer every element that the policy's definition of {category} names.",
    )
    QUID_PRO_QUO_NEEDS_EMPLOYEE = Because(
        "The respondent must be an employee.",
        rule="A-24",
        cite="34 CFR 106.30 [K]; 02.2.20 III(n) [P]",
        remedy="Choose another prong, or correct the respondent's affiliation.",
    )
    STALKING_TWO_ACTS = Because(
        "List at least two acts.",
        rule="A-25",
        cite="02.2.20 III(o) [P]",
        remedy="Record the course of conduct with each act known.",
    )
    SA_SUBTYPE_REQUIRED = Because(
        "Choose rape, fondling, incest or statutory rape.",
        rule="A-23",
        cite="02.2.20 III(m) [P]",
        remedy="Say which of the four offenses it is.",
    )
    PROGRAM_TEST_INCONSISTENT = Because(
        "Control over respondent and context, or a recognized organization's building, is needed.",
        rule="A-16",
        cite="02.2.20 III(g) [P]; 34 CFR 106.44(a) [K]",
        remedy=(
            "Correct the answers on control and building, or answer that it was not in the program."
        ),
    )
    POLICY_PARAMETER_UNSET = Because(
        "Set '{parameter}' in the policy first.",
        rule="A-110",
        cite="02.2.20 VI.A [P]; 02.2.22, not available [D]",
        remedy="Have the institution decide it, and adopt a version of the policy that says it.",
    )
    NO_POLICY_FOR_DATE = Because(
        "No policy covers {date}.",
        rule="A-02, B-03",
        cite="02.2.20, date of adoption [P]; 7.16, Policies [P]",
        remedy=(
            "Correct or narrow the dates, or adopt the policy of that time; support can go on "
            "meanwhile."
        ),
    )
    SPLIT_BY_POLICY_DATE = Because(
        "The dates fall under two policies; split the allegation.",
        rule="B-03",
        cite="7.16, Policies [P]",
        remedy="Assess what happened under each policy in a case of its own.",
    )
    MUST_DISMISS_JURISDICTION = Because(
        "The assessment says this complaint is outside the policy ({ground}). It must be "
        "dismissed and a referral decided.",
        rule="A-05, F-04",
        cite="34 CFR 106.45(b)(3)(i) [S]; 02.2.20 II [P]",
        remedy="Dismiss the complaint, or assess jurisdiction again if the facts have changed.",
    )
    # Who may
    NOT_COORDINATOR = Because(
        "Only the coordinator, or a deputy acting as one, may do this.",
        rule="A-47",
        cite="34 CFR 106.30 [P]; 02.2.20 IV.C.2 [P]",
        remedy="Ask the coordinator, or a deputy acting as one, to do it.",
    )
    ROLE_NOT_ALLOWED = Because(
        "Your role on this case does not allow this.",
        rule="A-90, A-93, A-104, B-12",
        cite="02.2.20 IV.G, IV.I, V.E [P]; 7.16, Online [P]",
        remedy="Ask somebody whose role on this case allows it.",
    )
    NOT_ASSIGNED = Because(
        "You are not assigned to this.",
        rule="A-98, B-28",
        cite="02.2.20 V.B [P]; 7.16, Procedures [P]",
        remedy="Have the coordinator assign you to the case, or leave it to those who are.",
    )
    ROLE_CONFLICT = Because(
        "This person acts or acted on the case as {role}; the two roles may not be joined.",
        rule="A-96, A-106, A-107, F-16, F-18",
        cite=(
            "34 CFR 106.45(b)(1)(iii) [P], (b)(7)(i), (b)(8)(iii)(B) [S]; 02.2.20 V.A, V.F, V.G [P]"
        ),
        remedy="Choose another person for this role.",
    )
    TRAINING_NOT_CURRENT = Because(
        "Required training ({topic}) is missing or out of date.",
        rule="A-97, F-18",
        cite=(
            "34 CFR 106.45(b)(1)(iii) [P]; 20 U.S.C. 1092(f)(8)(B)(iv)(I)(bb) [P]; 02.2.20 V.A [P]"
        ),
        remedy="Record the training once it is completed, or choose somebody who has it.",
    )
    NO_INSTITUTIONAL_INTEREST = Because(
        "No current grant for this.",
        rule="A-50, A-81",
        cite="02.2.20 IV.C.3.a [P]; 34 CFR 106.71(a) [P]; TEC 51.256 [P]",
        remedy="Ask another person of the office for a grant; say what the words are needed for.",
    )
    RESPONDENT_SEALED = Because(
        "Sealed after the finding.",
        rule="A-53",
        cite="02.2.20 IV.C.3.b [P]; 19 TAC 3.17(a)(5) [P]",
        remedy="Do without the name, or ask for it in the process itself.",
    )
    SECOND_APPROVER_REQUIRED = Because(
        "A second approver is needed.",
        rule="A-50",
        cite="02.2.20 IV.C.3.a [P]; two persons [D]",
        remedy="Another person of the office gives or approves it; of an audit, general counsel.",
    )
    SEARCH_LIMIT = Because(
        "You have searched as often as is allowed in one hour.",
        rule="A-50",
        cite="02.2.20 IV.C.3.a [P]; a search says whether a person is in any case [D]",
        remedy="Search again in an hour, or ask another person of the office.",
    )
    DISCLOSURE_BASIS_REQUIRED = Because(
        "Choose a lawful basis and state why no less will do.",
        rule="A-51, B-30, P-01, P-09",
        cite="20 U.S.C. 1232g(b) [P]; TEC 51.256, 51.291 [P]; 19 TAC 3.17 [P]",
        remedy=(
            "Choose a listed ground that allows this recipient, give the waiver where it rests on "
            "one, and say why no less will do."
        ),
    )
    FINAL_RESULTS_ONLY = Because(
        "Only name, violation and sanction may go out.",
        rule="P-03",
        cite="20 U.S.C. 1232g(b)(6) [P]; 34 CFR 99.39 [K]",
        remedy="Leave out everything but the name, the violation and the sanction.",
    )
    ADVANCE_NOTICE_REQUIRED = Because(
        "Notify the student first.",
        rule="P-04",
        cite="20 U.S.C. 1232g(b)(2)(B) [P]",
        remedy="Notify the student and record the day, or record that the order is sealed.",
    )
    THREAT_STATEMENT_REQUIRED = Because(
        "State the threat.",
        rule="P-05",
        cite="20 U.S.C. 1232g(b)(1)(I) [P]; 34 CFR 99.32(a)(5) [K]",
        remedy="Say what threat to health or safety makes this necessary.",
    )
    # Notice, meetings, advisors
    COORDINATOR_CONTACT_MISSING = Because(
        "No coordinator contact is in force.",
        rule="A-73",
        cite="02.2.20 IV.[D].2 [P]",
        remedy="Name as contact a coordinator or deputy whose role is in force today.",
    )
    NOTICE_FIRST = Because(
        "The notice of allegations must come first.",
        rule="A-48, F-03",
        cite="34 CFR 106.45(b)(2) [S]; 02.2.20 IV.C.2 [P]",
        remedy="Issue the notice of allegations to every known party.",
    )
    NOTICE_INCOMPLETE = Because(
        "The notice lacks: {parts}.",
        rule="F-02",
        cite="34 CFR 106.45(b)(2)(i) [S]",
        remedy="Add what is missing and issue it again.",
    )
    NOTICE_ALL_PARTIES = Because(
        "Must go to every known party.",
        rule="A-48",
        cite="34 CFR 106.45(b)(2)(i) [S]; 02.2.20 IV.C.2 [P]",
        remedy="Add a delivery for each known party.",
    )
    NOT_SIMULTANEOUS = Because(
        "Send to all parties in one dispatch.",
        rule="F-06, F-14",
        cite="34 CFR 106.45(b)(3)(iii), (b)(7)(iii), (b)(8)(iii)(F) [S]",
        remedy=(
            "Send to everybody in one dispatch, within the time that the policy allows between "
            "sends."
        ),
    )
    INTERVIEW_TOO_SOON = Because(
        "Interview allowed from {date}.",
        rule="F-02",
        cite="34 CFR 106.45(b)(2)(i)(B) [S]",
        remedy="Hold the interview on {date} or later: the party needs time to prepare.",
    )
    MEETING_NOTICE_REQUIRED = Because(
        "Send the meeting notice first.",
        rule="F-09",
        cite="34 CFR 106.45(b)(5)(v) [S]",
        remedy=(
            "Send written notice of date, time, place, participants and purpose, then hold the "
            "meeting."
        ),
    )
    ADVISOR_REQUIRED = Because(
        "A party has no advisor; provide one, free of charge.",
        rule="A-10, A-103",
        cite="34 CFR 106.45(b)(6)(i) [S]; 02.2.20 III(a), V.D [P]",
        remedy="Record the advisor that the party chose, or provide one free of charge.",
    )
    # Measures, removal, leave
    MEASURE_IS_PUNITIVE = Because(
        "A supportive measure may not be a sanction.",
        rule="A-78",
        cite="34 CFR 106.30, 106.44(a) [S]; 02.2.20 IV.E [P]",
        remedy="Choose a supportive measure; a sanction needs a determination.",
    )
    BURDEN_ASSESSMENT_REQUIRED = Because(
        "Assess the burden on the other party.",
        rule="A-79",
        cite="34 CFR 106.30 [S]; 02.2.20 IV.E [P]",
        remedy=(
            "Write down how the measure burdens the other party, and why that is not unreasonable."
        ),
    )
    MEASURES_NOT_CONDITIONAL = Because(
        "A measure may not depend on a complaint.",
        rule="A-44",
        cite="34 CFR 106.44(a) [S]; 02.2.20 IV.C.2 [P]",
        remedy="Offer the measure with or without a complaint.",
    )
    COUNSELOR_SHARED = Because(
        "This counselor already sees someone in the incident; choose another or record why "
        "impracticable.",
        rule="A-83",
        cite="02.2.20 IV.E [P]; TEC 51.293 [K]",
        remedy=(
            "Choose a counselor who sees nobody else of the incident, or say why none can be had."
        ),
    )
    REMOVAL_ANALYSIS_REQUIRED = Because(
        "The analysis must show: {limb}.",
        rule="A-86",
        cite="34 CFR 106.44(c) [S]; 02.2.20 IV.F.2 [P]",
        remedy=(
            "Complete the individualized analysis; where a limb does not hold, use supportive "
            "measures."
        ),
    )
    CHALLENGE_ROUTE_REQUIRED = Because(
        "Tell the respondent how to challenge now.",
        rule="A-87",
        cite="34 CFR 106.44(c) [S]; 02.2.20 IV.F.2 [P]",
        remedy="Name the office that takes the challenge and say how to bring it.",
    )
    REMOVAL_REVIEWER_CONFLICT = Because(
        "Another person must decide.",
        rule="A-87",
        cite="34 CFR 106.44(c) [S]; our choice of reviewer [D]",
        remedy="Have the challenge decided by somebody who did not order the removal.",
    )
    CEO_IMMEDIATE_REPORT = Because(
        "Report to the CEO or say why not.",
        rule="T-03",
        cite="TEC 51.253(b) [P]",
        remedy="Name the report to the chief executive, or the reason why none is owed.",
    )
    REMOVAL_NOT_EVIDENCE = Because(
        "A removal order is not evidence.",
        rule="A-87",
        cite="34 CFR 106.44(c) [S]; presumption, 34 CFR 106.45(b)(1)(iv) [K]",
        remedy="Leave the removal out of the evidence relied on.",
    )
    # Evidence, report, hearing
    EVIDENCE_REVIEW_OPEN = Because(
        "Parties have until the end of {date}.",
        rule="F-10",
        cite="34 CFR 106.45(b)(5)(vi) [S]",
        remedy="Close the review after {date}; the report can follow then.",
    )
    EVIDENCE_NOT_SENT_TO_ALL = Because(
        "Evidence not sent to: {count}.",
        rule="F-10",
        cite="34 CFR 106.45(b)(5)(vi) [S]",
        remedy="Add each party and each party's advisor to the dispatch.",
    )
    RESPONSES_NOT_CONSIDERED = Because(
        "Record how responses were considered.",
        rule="F-10",
        cite="34 CFR 106.45(b)(5)(vi) [S]",
        remedy="Name every party whose response was received as considered.",
    )
    REPORT_TEN_DAYS = Because(
        "The report went out on {sent_on}; the hearing may be held from {date}.",
        rule="F-11",
        cite="34 CFR 106.45(b)(5)(vii) [S]",
        remedy="Convene the hearing on {date} or later.",
    )
    ONLY_HO_OR_ADVISOR_ASKS = Because(
        "Only the hearing officer and advisors may ask.",
        rule="A-100",
        cite="34 CFR 106.45(b)(6)(i) [S]; 02.2.20 V.D [P]",
        remedy="Have the hearing officer or the party's advisor ask the question.",
    )
    EXCLUSION_EXPLANATION = Because(
        "Explain the exclusion.",
        rule="A-105",
        cite="34 CFR 106.45(b)(6)(i) [S]; 02.2.20 V.F [P]",
        remedy="Say why the question is not relevant.",
    )
    RECORDING_REQUIRED = Because(
        "Attach the recording or transcript.",
        rule="F-12",
        cite="34 CFR 106.45(b)(6)(i) [S]",
        remedy="Store the recording or transcript of the hearing, then go on.",
    )
    HEARING_FIRST = Because(
        "Hold the hearing first.",
        rule="A-106",
        cite="34 CFR 106.45(b)(6)(i), (b)(7) [S]; 02.2.20 V.F [P]",
        remedy="Conclude the live hearing, then issue the determination.",
    )
    SEPARATE_ROOMS_REQUESTED = Because(
        "A party asked for separate rooms.",
        rule="F-12",
        cite="34 CFR 106.45(b)(6)(i) [S]",
        remedy="Schedule separate rooms, or a hearing by video.",
    )
    # Determination, sanctions, appeal
    DETERMINATION_INCOMPLETE = Because(
        "Missing: {parts}.",
        rule="A-106, F-13",
        cite="34 CFR 106.45(b)(7)(ii) [S]; 02.2.20 V.F [P]",
        remedy="Add the missing parts for each allegation.",
    )
    STANDARD_IS_PREPONDERANCE = Because(
        "The standard here is preponderance.",
        rule="A-106",
        cite="02.2.20 V.F [P]; 34 CFR 106.45(b)(1)(vii) [S]",
        remedy="Decide by the preponderance of the evidence, the same for every complaint.",
    )
    NO_INFERENCE_FROM_ABSENCE = Because(
        "Absence alone supports no inference.",
        rule="F-12",
        cite="34 CFR 106.45(b)(6)(i) [S]",
        remedy="Rest the decision on the evidence, not on who stayed away or would not answer.",
    )
    SA_REMOVAL_MANDATORY = Because(
        "A sexual-assault finding requires removal: termination (employee), dismissal "
        "(student or trainee), bar (others).",
        rule="A-111",
        cite="02.2.20 VI.B.1 [P]",
        remedy="Impose the removal that the policy names for this person's affiliation.",
    )
    SANCTION_CLASS_MISMATCH = Because(
        "Sanction not available for this person.",
        rule="A-112",
        cite="02.2.20 VI.B.2 [P]",
        remedy="Choose a sanction that the policy lists for this person's affiliation.",
    )
    NOT_FINAL = Because(
        "Takes effect when the outcome is final.",
        rule="A-112, F-14",
        cite="34 CFR 106.45(b)(7)(iii) [S]; 02.2.20 VI.B.2 [P]",
        remedy="Wait until every appeal window has closed or every appeal is decided.",
    )
    APPEAL_BASIS_REQUIRED = Because(
        "Choose a basis and say how it affected the outcome.",
        rule="F-15",
        cite="34 CFR 106.45(b)(8)(i) [S]",
        remedy="Name a basis that the policy offers, and how it affected the outcome.",
    )
    APPEAL_LATE = Because(
        "Your window closed {date}.",
        rule="F-15",
        cite="34 CFR 106.45(b)(8)(i) [S]; window of 02.2.22, not available [D]",
        remedy=(
            "The outcome stands for this party; nothing that this command says can reopen the "
            "window."
        ),
    )
    APPEAL_STATEMENTS_OPEN = Because(
        "Statements, or another party's window, open until {date}.",
        rule="F-16",
        cite="34 CFR 106.45(b)(8)(iii)(D) [S]",
        remedy="Decide after {date}, when each party has had its time.",
    )
    APPEAL_ROUTE_MISMATCH = Because(
        "This appeal goes to {office}.",
        rule="A-108",
        cite="02.2.20 V.G [P]",
        remedy="Route the appeal to {office}, or attach a written designation.",
    )
    APPEAL_ROUTE_UNDEFINED = Because(
        "The policy names no officer for this case; attach a written designation.",
        rule="A-109",
        cite="02.2.20 V.G, silent on this class [D]",
        remedy="Attach the written designation of an appeal officer.",
    )
    INFORMAL_NOT_EMPLOYEE_ON_STUDENT = Because(
        "Not available where an employee is alleged to have harassed a student.",
        rule="F-17",
        cite="34 CFR 106.45(b)(9) [S]",
        remedy="Go on with the investigation and the hearing.",
    )
    # Closing, side tracks
    RIGHTS_NOTICE_MISSING = Because(
        "Before closing, record the rights information given.",
        rule="A-33",
        cite="20 U.S.C. 1092(f)(8)(B)(iii), (C) [P]; 02.2.20 IV.B [P]",
        remedy="Give each identified complainant the written rights and options, and record it.",
    )
    CONTACT_TOPICS_MISSING = Because(
        "Before closing, record: {topics}.",
        rule="F-01",
        cite="34 CFR 106.44(a) [S]",
        remedy="Record a contact on these topics, or the failed attempts that the policy asks for.",
    )
    RESPONSE_RECORD_INCOMPLETE = Because(
        "Before closing, record: {list}.",
        rule="A-82",
        cite="34 CFR 106.45(b)(10)(ii) [S]",
        remedy="Record why the response was not deliberately indifferent.",
    )
    # Record
    ILLEGAL_TRANSITION = Because(
        "{command} is not possible while the case is {stage}. Possible now: {commands}.",
        rule="",
        cite="34 CFR 106.45(b) [S]; order of the steps [D]",
        remedy="Take a step that is possible now: {commands}.",
    )
    NO_DELETE = Because(
        "Records are not deleted; append a correction.",
        rule="A-113",
        cite="34 CFR 106.45(b)(10) [S]; 02.2.20 VI.C [P]",
        remedy="Append what corrects it; the old words stay in the record.",
    )
    VERSION_CONFLICT = Because(
        "The case changed since you read it (version {n}). Read again.",
        rule="",
        cite="RFC 9110 15.5.13 [K]",
        remedy="Read the case, see what is new, and decide again.",
    )
    VERSION_REQUIRED = Because(
        "Say which version you read.",
        rule="",
        cite="RFC 6585 3 [K]",
        remedy="Read the case and send its version with the command.",
    )
    NOT_FOUND = Because(
        "Nothing here under this id.",
        rule="",
        cite="34 CFR 106.71(a) [P]; TEC 51.256 [P]",
        remedy="Check the id. If you have a part in this case, ask the coordinator.",
    )
    # Asked before its own step: the two records it needs come with step 3.
    SIGNING_EVALUATION_REQUIRED = Because(
        "Record the complainant's wishes and your evaluation before signing.",
        rule="A-47, T-12",
        cite="02.2.20 IV.C.2 [P]; TEC 51.285 [K]",
        remedy="Record both, then sign.",
    )
