"""Moves from the hearing to the closing of the case."""

from datetime import date, timedelta
from typing import Any, Literal, get_args
from uuid import UUID

from domain.commands import Command
from domain.context import SYSTEM
from domain.events.case import (
    Blocks,
    Change,
    Result,
    Sanction,
)
from domain.rules import (
    appeal,
    closing,
    determination,
    hearing,
    measures,
    outcome,
    sanctions,
)
from domain.terms import (
    Office,
)
from tests.properties.drafting import BY, Fields, Move, letters, pick, rather_not, text
from tests.properties.scene import PACK, Scene

_RESULTS: tuple[Literal["responsible", "not_responsible"], ...] = ("responsible", "not_responsible")

# Hearing


def _schedule(scene: Scene) -> Fields | None:
    officers, makers = scene.acting("hearing_officer"), scene.acting("decision_maker")
    if not officers or not makers:
        return None
    asking = scene.chance.some(list(scene.state.parties))
    return {
        "hearing_id": scene.fresh(),
        "hearing_on": scene.today + timedelta(days=10 + scene.chance.upto(10)),
        "mode": scene.chance.one(("separate_rooms", "virtual")) if asking else "same_room",
        "officer": scene.chance.one(officers),
        "decision_maker": scene.chance.one(makers),
        "separate_rooms_requested_by": asking,
    }


def _hearing(scene: Scene, **more: Any) -> Fields | None:
    one = scene.state.hearing
    return {"hearing_id": one.hearing_id, **more} if one else None


def _hearing_notice(scene: Scene) -> Fields | None:
    return _hearing(scene, deliveries=letters(scene))


def _convene(scene: Scene) -> Fields | None:
    report_, one = scene.state.report, scene.state.hearing
    unadvised = [key for key in scene.known_parties() if not scene.state.parties[key].has_advisor]
    ready = report_ and scene.today >= report_.earliest_hearing_on and one and one.noticed
    if not scene.hasty and (not ready or unadvised):
        return None
    parties = list(scene.state.parties)
    advisors = dict.fromkeys(scene.known_parties(), True)
    return _hearing(scene, present=scene.chance.some(parties), advisors=advisors)


def _question(scene: Scene) -> Fields | None:
    if not scene.state.parties:
        return None
    return _hearing(
        scene,
        to=scene.chance.one(list(scene.state.parties)),
        asked_by=scene.chance.one(("advisor", "hearing_officer")),
        explanation=text(scene),
    )


def _absence(scene: Scene) -> Fields | None:
    parties = list(scene.state.parties)
    return _hearing(scene, party_id=scene.chance.one(parties)) if parties else None


def _recording(scene: Scene) -> Fields | None:
    one = scene.state.hearing
    if one and one.recorded and rather_not(scene):
        return None
    return _hearing(scene, evidence_id=scene.fresh())


# Decision and appeal


def _determine(scene: Scene) -> Fields | None:
    state = scene.state
    results = tuple(
        Result(
            allegation_id=key,
            result=scene.chance.one(_RESULTS),
            elements=dict.fromkeys(PACK.elements.of(one.category, one.subtype), "yes"),
        )
        for key, one in state.allegations.items()
    )
    found = {one.allegation_id for one in results if one.result == "responsible"}
    blocks = dict.fromkeys((f for f in Blocks.__struct_fields__ if f != "allegation_id"), True)
    return _hearing(
        scene,
        determination_id=scene.fresh(),
        standard="preponderance",
        results=results,
        sanctions=_sanctions(scene, found),
        evidence_relied_on=scene.chance.some(list(scene.items)),
        inference_from_absence=False,
        appeal_bases_stated=True,
        blocks=tuple(Blocks(allegation_id=key, **blocks) for key in state.allegations),
        deliveries=letters(scene, advisors=scene.chance.yes(50)),
    )


def _sanctions(scene: Scene, found: set[UUID]) -> tuple[Sanction, ...]:
    """For each respondent found responsible: what an assault demands, and perhaps a training."""
    state, wanted = scene.state, []
    for key in sorted(found):
        one = state.allegations[key]
        class_ = state.parties[one.respondent_id].affiliation
        must = PACK.sanctions.assault_removal.get(class_) if class_ else None
        if one.category == "sexual_assault" and must:
            wanted.append((one.respondent_id, must))
        elif scene.chance.yes(70):
            wanted.append((one.respondent_id, "training_program"))
    return tuple(
        Sanction(sanction_id=scene.fresh(), kind=kind, respondent=respondent)
        for respondent, kind in wanted
    )


def _file_appeal(scene: Scene) -> Fields | None:
    windows = scene.state.windows
    may = [k for k, one in windows.items() if one.status == "open" and scene.today <= one.until]
    may = list(windows) if scene.hasty else may
    if not may:
        return None
    by = scene.chance.one(may)
    return {
        "appeal_id": scene.fresh(),
        "by": by,
        "of": "determination",
        "bases": scene.chance.some(PACK.appeal.bases, 1),
        "route_office": scene.chance.one(get_args(Office)),
        "designation_ref": scene.fresh(),
        "effect_on_outcome": text(scene),
        BY: scene.party(by),
    }


def _notify_appeal(scene: Scene) -> Fields | None:
    state = scene.state
    open_ = sorted(key for key in state.open_appeals if not state.appeals[key].noticed)
    open_ = open_ or sorted(state.open_appeals)
    if not open_:
        return None
    return {"appeal_ids": tuple(open_), "deliveries": letters(scene)}


def _decide_appeal(scene: Scene) -> Fields | None:
    state = scene.state
    until = [one.until for one in state.windows.values() if one.status == "open"]
    until += [state.statements_until] if state.statements_until else []
    told = all(state.appeals[key].noticed for key in state.open_appeals)
    ready = scene.hasty or (told and scene.today > max(until, default=date.min))
    if not state.open_appeals or not ready:
        return None
    result = scene.chance.one(("upheld", "modified", "reversed", "remanded", "remanded"))
    changes: tuple[Change, ...] = ()
    if result in ("modified", "reversed"):
        outcomes = {key: scene.chance.one(_RESULTS) for key in state.results}
        found = {key for key, now in outcomes.items() if now == "responsible"}
        new = _sanctions(scene, found)
        changes = tuple(
            Change(
                allegation_id=key,
                result=now,
                sanctions=new if number == 0 else (),
            )
            for number, (key, now) in enumerate(outcomes.items())
        )
    return {
        "appeal_ids": tuple(sorted(state.open_appeals)),
        "result": result,
        "bases_found": scene.chance.some(("A", "B")),
        "remand_to": scene.chance.one(("investigation", "hearing"))
        if result == "remanded"
        else None,
        "new_decision_maker": None,
        "changes": changes,
        "deliveries": letters(scene),
    }


def _close_window(scene: Scene) -> Fields | None:
    windows = scene.state.windows
    over = [
        key
        for key, one in windows.items()
        if scene.hasty or (one.status == "open" and scene.today > one.until)
    ]
    return pick(scene, "party_id", over, **_outcome(scene))


def _outcome(scene: Scene) -> Fields:
    stands = scene.state.determination
    return {"outcome_id": stands.determination_id} if stands else {}


def _finalize(scene: Scene) -> Fields | None:
    open_ = any(one.status == "open" for one in scene.state.windows.values())
    ready = scene.hasty or not (open_ or scene.state.open_appeals)
    return (_outcome(scene) or None) if ready else None


def _seal(scene: Scene) -> Fields | None:
    fit = scene.those("respondent") if scene.hasty else list(outcome.to_seal(scene.state))
    return pick(scene, "respondent", fit)


# After


def _in_sanctions(scene: Scene, status: str) -> Fields | None:
    stand = scene.state.sanctions.items()
    fit = [key for key, one in stand if scene.hasty or one.status == status]
    return pick(scene, "sanction_id", fit, on=scene.today)


def _implement(scene: Scene) -> Fields | None:
    return _in_sanctions(scene, "decided")


def _complete(scene: Scene) -> Fields | None:
    return _in_sanctions(scene, "implemented")


def _remedy(scene: Scene) -> Fields | None:
    return pick(scene, "for_party", scene.those("complainant"))


def _standing(scene: Scene) -> Fields | None:
    return pick(scene, "respondent", scene.those("respondent"))


def _document(scene: Scene) -> Fields | None:
    return None if scene.state.response_documented and rather_not(scene) else {}


def _close(scene: Scene) -> Fields | None:
    if not scene.policy:
        return None
    lacking = closing.missing(scene.state, scene.context(SYSTEM))
    reason = "type_only" if scene.state.type_only else "completed"
    return None if lacking and not scene.hasty else {"reason_code": reason}


def _conclude(scene: Scene) -> Fields | None:
    return _hearing(scene)


MOVES: dict[type[Command], Move] = {
    measures.DocumentResponse: _document,
    hearing.ScheduleHearing: _schedule,
    hearing.SendHearingNotice: _hearing_notice,
    hearing.ConveneHearing: _convene,
    hearing.RuleOnQuestion: _question,
    hearing.RecordAbsence: _absence,
    hearing.StoreRecording: _recording,
    hearing.ConcludeHearing: _conclude,
    determination.IssueDetermination: _determine,
    appeal.FileAppeal: _file_appeal,
    appeal.NotifyAppeal: _notify_appeal,
    appeal.DecideAppeal: _decide_appeal,
    outcome.CloseAppealWindow: _close_window,
    outcome.FinalizeOutcome: _finalize,
    outcome.SealRespondent: _seal,
    sanctions.ImplementSanction: _implement,
    sanctions.CompleteSanction: _complete,
    sanctions.ProvideRemedy: _remedy,
    sanctions.TransferStanding: _standing,
    closing.CloseCase: _close,
}
