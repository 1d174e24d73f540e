"""The catalog of refusals: each code with its sentence, rule, citation and remedy."""

from domain.errors import Because, Refusal


class No(Refusal):
    """Every code that a command can be answered with. Order as in the requirements."""

    # Any request
    INPUT_INVALID = Because(
        "The request does not have the form of this command: {fields}.",
        rule="",
        cite="",
        remedy="",
    )
    NOT_SIGNED_IN = Because(
        "Sign in first.",
        rule="",
        cite="",
        remedy="",
    )
    COMMAND_ID_REUSED = Because(
        "This command id was used for something else.",
        rule="",
        cite="",
        remedy="",
    )
    # Complaint and report
    FORMAL_COMPLAINT_REQUIRED = Because(
            "No formal complaint is on file. Supportive measures can go on; this step cannot.",
        rule="A-45, A-85, A-98, A-112, F-17",
        cite="",
        remedy="",
    )
    COMPLAINT_UNSIGNED = Because(
            "A formal complaint must show who files it (signature, digital signature, or other "
            "indication).",
        rule="A-17",
        cite="",
        remedy="",
    )
    COMPLAINT_CANNOT_BE_ANONYMOUS = Because(
        "The person who files a formal complaint must be identified.",
        rule="A-46",
        cite="",
        remedy="",
    )
    RESPONDENT_REQUIRED = Because(
        "Name the respondent, or mark unknown.",
        rule="A-17",
        cite="",
        remedy="",
    )
    REQUEST_TO_INVESTIGATE_REQUIRED = Because(
        "State the request to investigate.",
        rule="A-17",
        cite="",
        remedy="",
    )
    DUPLICATE_COMPLAINT = Because(
        "Already filed as {case}.",
        rule="A-03",
        cite="",
        remedy="",
    )
    PARTICIPATION_TEST_REQUIRED = Because(
            "Say whether the complainant was taking part, or trying to, in the program when "
            "filing.",
        rule="A-04",
        cite="",
        remedy="",
    )
    AFFILIATION_REQUIRED = Because(
        "Give the person's affiliation.",
        rule="A-01",
        cite="",
        remedy="",
    )
    IDENTITY_WARNING_REQUIRED = Because(
        "Tell the complainant first that their identity may be disclosed.",
        rule="A-49",
        cite="",
        remedy="",
    )
    CHANNEL_UNKNOWN = Because(
        "Choose a listed channel.",
        rule="A-72",
        cite="",
        remedy="",
    )
    ANONYMOUS_HAS_IDENTITY = Because(
        "An anonymous report holds an identity field; nothing was saved.",
        rule="A-40, B-10",
        cite="",
        remedy="",
    )
    LEARNED_ON_REQUIRED = Because(
        "Say when the employee learned of it, or that it is unknown.",
        rule="A-60",
        cite="",
        remedy="",
    )
    DUTY_REPORT_INCOMPLETE = Because(
            "Give what is known, or 'none known', and whether confidentiality was asked for.",
        rule="A-61",
        cite="",
        remedy="",
    )
    DATE_IN_FUTURE = Because(
        "The date is in the future.",
        rule="B-28",
        cite="",
        remedy="",
    )
    # Scope, category, policy
    NOT_TITLE_IX_CATEGORY = Because(
        "This category is not in the policy.",
        rule="A-18",
        cite="",
        remedy="",
    )
    DEFINITION_ELEMENTS_MISSING = Because(
        "Answer each element of {category}.",
        rule="A-13, A-15, A-24, B-06",
        cite="",
        remedy="",
    )
    QUID_PRO_QUO_NEEDS_EMPLOYEE = Because(
        "The respondent must be an employee.",
        rule="A-24",
        cite="",
        remedy="",
    )
    STALKING_TWO_ACTS = Because(
        "List at least two acts.",
        rule="A-25",
        cite="",
        remedy="",
    )
    SA_SUBTYPE_REQUIRED = Because(
        "Choose rape, fondling, incest or statutory rape.",
        rule="A-23",
        cite="",
        remedy="",
    )
    PROGRAM_TEST_INCONSISTENT = Because(
            "Control over respondent and context, or a recognized organization's building, is "
            "needed.",
        rule="A-16",
        cite="",
        remedy="",
    )
    POLICY_PARAMETER_UNSET = Because(
        "Set '{parameter}' in the policy first.",
        rule="A-110",
        cite="",
        remedy="",
    )
    NO_POLICY_FOR_DATE = Because(
        "No policy covers {date}.",
        rule="A-02, B-03",
        cite="",
        remedy="",
    )
    SPLIT_BY_POLICY_DATE = Because(
        "The dates fall under two policies; split the allegation.",
        rule="B-03",
        cite="",
        remedy="",
    )
    MUST_DISMISS_JURISDICTION = Because(
            "The assessment says this complaint is outside the policy ({ground}). It must be "
            "dismissed and a referral decided.",
        rule="A-05, F-04",
        cite="",
        remedy="",
    )
    # Who may
    NOT_COORDINATOR = Because(
        "Only the coordinator, or a deputy acting as one, may do this.",
        rule="A-47",
        cite="",
        remedy="",
    )
    ROLE_NOT_ALLOWED = Because(
        "Your role on this case does not allow this.",
        rule="A-90, A-93, A-104, B-12",
        cite="",
        remedy="",
    )
    NOT_ASSIGNED = Because(
        "You are not assigned to this.",
        rule="A-98, B-28",
        cite="",
        remedy="",
    )
    ROLE_CONFLICT = Because(
            "This person already acts on the case as {role}; the two roles may not be joined.",
        rule="A-96, A-106, A-107, F-16, F-18",
        cite="",
        remedy="",
    )
    TRAINING_NOT_CURRENT = Because(
        "Required training ({topic}) is missing or out of date.",
        rule="A-97, F-18",
        cite="",
        remedy="",
    )
    # Notice, meetings, advisors
    COORDINATOR_CONTACT_MISSING = Because(
        "No coordinator contact is in force.",
        rule="A-73",
        cite="",
        remedy="",
    )
    NOTICE_FIRST = Because(
        "The notice of allegations must come first.",
        rule="A-48, F-03",
        cite="",
        remedy="",
    )
    NOTICE_INCOMPLETE = Because(
        "The notice lacks: {parts}.",
        rule="F-02",
        cite="",
        remedy="",
    )
    NOTICE_ALL_PARTIES = Because(
        "Must go to every known party.",
        rule="A-48",
        cite="",
        remedy="",
    )
    NOT_SIMULTANEOUS = Because(
        "Send to all parties in one dispatch.",
        rule="F-06, F-14",
        cite="",
        remedy="",
    )
    INTERVIEW_TOO_SOON = Because(
        "Interview allowed from {date}.",
        rule="F-02",
        cite="",
        remedy="",
    )
    MEETING_NOTICE_REQUIRED = Because(
        "Send the meeting notice first.",
        rule="F-09",
        cite="",
        remedy="",
    )
    ADVISOR_REQUIRED = Because(
        "A party has no advisor; provide one, free of charge.",
        rule="A-10, A-103",
        cite="",
        remedy="",
    )
    # Measures, removal, leave
    MEASURE_IS_PUNITIVE = Because(
        "A supportive measure may not be a sanction.",
        rule="A-78",
        cite="",
        remedy="",
    )
    BURDEN_ASSESSMENT_REQUIRED = Because(
        "Assess the burden on the other party.",
        rule="A-79",
        cite="",
        remedy="",
    )
    MEASURES_NOT_CONDITIONAL = Because(
        "A measure may not depend on a complaint.",
        rule="A-44",
        cite="",
        remedy="",
    )
    COUNSELOR_SHARED = Because(
            "This counselor already sees someone in the incident; choose another or record why "
            "impracticable.",
        rule="A-83",
        cite="",
        remedy="",
    )
    REMOVAL_ANALYSIS_REQUIRED = Because(
        "The analysis must show: {limb}.",
        rule="A-86",
        cite="",
        remedy="",
    )
    CHALLENGE_ROUTE_REQUIRED = Because(
        "Tell the respondent how to challenge now.",
        rule="A-87",
        cite="",
        remedy="",
    )
    REMOVAL_REVIEWER_CONFLICT = Because(
        "Another person must decide.",
        rule="A-87",
        cite="",
        remedy="",
    )
    CEO_IMMEDIATE_REPORT = Because(
        "Report to the CEO or say why not.",
        rule="T-03",
        cite="",
        remedy="",
    )
    REMOVAL_NOT_EVIDENCE = Because(
        "A removal order is not evidence.",
        rule="A-87",
        cite="",
        remedy="",
    )
    # Evidence, report, hearing
    EVIDENCE_REVIEW_OPEN = Because(
        "Parties have until the end of {date}.",
        rule="F-10",
        cite="",
        remedy="",
    )
    EVIDENCE_NOT_SENT_TO_ALL = Because(
        "Evidence not sent to: {count}.",
        rule="F-10",
        cite="",
        remedy="",
    )
    RESPONSES_NOT_CONSIDERED = Because(
        "Record how responses were considered.",
        rule="F-10",
        cite="",
        remedy="",
    )
    REPORT_TEN_DAYS = Because(
        "The report went out on {sent_on}; the hearing may be held from {date}.",
        rule="F-11",
        cite="",
        remedy="",
    )
    ONLY_HO_OR_ADVISOR_ASKS = Because(
        "Only the hearing officer and advisors may ask.",
        rule="A-100",
        cite="",
        remedy="",
    )
    EXCLUSION_EXPLANATION = Because(
        "Explain the exclusion.",
        rule="A-105",
        cite="",
        remedy="",
    )
    RECORDING_REQUIRED = Because(
        "Attach the recording or transcript.",
        rule="F-12",
        cite="",
        remedy="",
    )
    HEARING_FIRST = Because(
        "Hold the hearing first.",
        rule="A-106",
        cite="",
        remedy="",
    )
    SEPARATE_ROOMS_REQUESTED = Because(
        "A party asked for separate rooms.",
        rule="F-12",
        cite="",
        remedy="",
    )
    # Determination, sanctions, appeal
    DETERMINATION_INCOMPLETE = Because(
        "Missing: {parts}.",
        rule="A-106, F-13",
        cite="",
        remedy="",
    )
    STANDARD_IS_PREPONDERANCE = Because(
        "The standard here is preponderance.",
        rule="A-106",
        cite="",
        remedy="",
    )
    NO_INFERENCE_FROM_ABSENCE = Because(
        "Absence alone supports no inference.",
        rule="F-12",
        cite="",
        remedy="",
    )
    SA_REMOVAL_MANDATORY = Because(
            "A sexual-assault finding requires removal: termination (employee), dismissal "
            "(student or trainee), bar (others).",
        rule="A-111",
        cite="",
        remedy="",
    )
    SANCTION_CLASS_MISMATCH = Because(
        "Sanction not available for this person.",
        rule="A-112",
        cite="",
        remedy="",
    )
    NOT_FINAL = Because(
        "Takes effect when the outcome is final.",
        rule="A-112, F-14",
        cite="",
        remedy="",
    )
    APPEAL_BASIS_REQUIRED = Because(
        "Choose a basis and say how it affected the outcome.",
        rule="F-15",
        cite="",
        remedy="",
    )
    APPEAL_LATE = Because(
        "Your window closed {date}.",
        rule="F-15",
        cite="",
        remedy="",
    )
    APPEAL_STATEMENTS_OPEN = Because(
        "Statements, or another party's window, open until {date}.",
        rule="F-16",
        cite="",
        remedy="",
    )
    APPEAL_ROUTE_MISMATCH = Because(
        "This appeal goes to {office}.",
        rule="A-108",
        cite="",
        remedy="",
    )
    APPEAL_ROUTE_UNDEFINED = Because(
            "The policy names no officer for this case; attach a written designation.",
        rule="A-109",
        cite="",
        remedy="",
    )
    INFORMAL_NOT_EMPLOYEE_ON_STUDENT = Because(
            "Not available where an employee is alleged to have harassed a student.",
        rule="F-17",
        cite="",
        remedy="",
    )
    # Closing, side tracks
    RIGHTS_NOTICE_MISSING = Because(
        "Before closing, record the rights information given.",
        rule="A-33",
        cite="",
        remedy="",
    )
    CONTACT_TOPICS_MISSING = Because(
        "Before closing, record: {topics}.",
        rule="F-01",
        cite="",
        remedy="",
    )
    RESPONSE_RECORD_INCOMPLETE = Because(
        "Before closing, record: {list}.",
        rule="A-82",
        cite="",
        remedy="",
    )
    # Record
    ILLEGAL_TRANSITION = Because(
            "{command} is not possible while the case is {stage}. Possible now: {commands}.",
        rule="",
        cite="",
        remedy="",
    )
    NO_DELETE = Because(
        "Records are not deleted; append a correction.",
        rule="A-113",
        cite="",
        remedy="",
    )
    VERSION_CONFLICT = Because(
        "The case changed since you read it (version {n}). Read again.",
        rule="",
        cite="",
        remedy="",
    )
    VERSION_REQUIRED = Because(
        "Say which version you read.",
        rule="",
        cite="",
        remedy="",
    )
    NOT_FOUND = Because(
        "Nothing here under this id.",
        rule="",
        cite="",
        remedy="",
    )
    # Asked before its own step: the two records it needs come with step 3.
    SIGNING_EVALUATION_REQUIRED = Because(
            "Record the complainant's wishes and your evaluation before signing.",
        rule="A-47, T-12",
        cite="",
        remedy="",
    )

