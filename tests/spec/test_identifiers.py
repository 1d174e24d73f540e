"""Identifiers as the blind index compares them: A-50; ITU-T E.164; RFC 5890."""

import unicodedata
from typing import Any

import pytest

from domain.events.case import PartyIdentified
from domain.events.office import StaffRegistered
from domain.identifiers import COUNTRY, Term, email, identifiers, institutional_id, name, phone
from domain.ids import Secret
from domain.indexed import terms
from tests.spec.kit import an_id

NAME = Secret("Jane Roe")
REGISTERED = StaffRegistered(
    staff_id=an_id("staff"), office="title_ix", sign_in_hmac="", name=NAME, institutional_id=None
)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("José Núñez", "jose nunez"),  # Latin with accents
        ("Núñez, José", "José NÚÑEZ"),
        ("Dr. Mary O’Brien-Lee, Ph.D.", "Mary OBrien Lee"),
        ("Prof. John Q. Roe Jr.", "roe john q"),
        ("Ковалёв Андрей", "Андреи Ковалев"),  # Cyrillic
        ("Παπαδόπουλος Γιώργος", "ΓΙΩΡΓΟΣ ΠΑΠΑΔΟΠΟΥΛΟΣ"),  # Greek, with its final sigma
        ("مُحَمَّد أحمد", "محمد احمد"),  # Arabic with and without vowels
        ("محـــمد", "محمد"),  # drawn out
        ("שָׁלוֹם כֹּהֵן", "שלום כהן"),  # Hebrew with and without points
        ("फ़ातिमा", "फातिमा"),  # Devanagari with and without its dot
        ("王 小明", "小明 王"),  # Han
        ("김철수", unicodedata.normalize("NFD", "김철수")),  # Hangul in syllables and in letters
        ("Ｊａｎｅ　Ｒｏｅ", "Jane Roe"),  # full width
        ("Straße", "STRASSE"),
        ("Jane\u200bRoe", "JaneRoe"),  # what nobody sees
    ],
)
def test_one_name_written_in_two_ways_is_one(one: str, other: str) -> None:
    assert name(one) == name(other) != ""


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jane Roe", "Jane Doe"),
        ("Jane Roe", "Jane Q. Roe"),
        ("कुमार", "कमर"),  # a vowel sign
        ("कर्म", "करम"),  # a joiner
        ("がく", "かく"),  # a voiced sound
        ("Иванов", "Ivanov"),  # nothing is transliterated
        ("김철수", "김철호"),
        ("王小明", "王小红"),
        ("א", "ב"),
        ("محمد", "محمود"),
    ],
)
def test_two_names_are_two(one: str, other: str) -> None:
    assert name(one) != name(other)


def test_somebody_whose_name_is_a_title_has_a_name() -> None:
    assert name("Sir") == "sir"


@pytest.mark.parametrize("text", ["", "  ", "—", "\u0301", "…"])
def test_a_name_without_a_letter_is_none(text: str) -> None:
    assert name(text) == ""


@pytest.mark.parametrize(
    ("text", "form"),
    [
        (" J.Roe@Example.EDU ", "j.roe@example.edu"),
        ("j.roe@example.edu.", "j.roe@example.edu"),
        ("ｊ＠ｅｘａｍｐｌｅ．ｅｄｕ", "j@example.edu"),
        ("j@BÜCHER.example", "j@xn--bcher-kva.example"),
        ("j+list@example.edu", "j+list@example.edu"),
        (f"j@{'x' * 70}.edu", f"j@{'x' * 70}.edu"),  # No such name can be; kept as it was told.
        ("jane", ""),
        ("@example.edu", ""),
        ("jane@", ""),
        ("a@b@c", ""),
        ("a b@c", ""),
    ],
)
def test_an_address_is_folded_and_its_domain_is_ascii(text: str, form: str) -> None:
    assert email(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("(713) 555-0123", "+17135550123"),
        ("1-713-555-0123", "+17135550123"),
        ("+1 713 555 0123 ext. 9", "+17135550123"),
        ("٧١٣٥٥٥٠١٢٣", "+17135550123"),
        ("+44 (0)20 7946 0958", "+442079460958"),
        ("011 44 20 7946 0958", "+442079460958"),
        ("0044 20 7946 0958", "+442079460958"),
        ("555-0123", ""),
        ("27135550123", ""),
        ("+1", ""),
        ("+1234567890123456", ""),
        ("none", ""),
    ],
)
def test_a_number_has_its_country(text: str, form: str) -> None:
    assert COUNTRY == "1"
    assert phone(text) == form


@pytest.mark.parametrize(
    ("text", "form"),
    [
        ("s-1234 567", "S1234567"),
        ("００１２３４", "1234"),
        ("٠٠١٢٣٤", "1234"),
        ("A00123", "A00123"),
        ("n/a", "NA"),
        ("Ü", ""),
    ],
)
def test_an_id_of_the_institution_is_letters_and_digits(text: str, form: str) -> None:
    assert institutional_id(text) == form


def test_a_contact_may_hold_several_among_other_words() -> None:
    text = "Room 12; <J.Roe@example.edu> or jane@example.org. Call 713-555-0123, (713) 555 0123."
    assert list(identifiers("contact", text)) == [
        ("email", "j.roe@example.edu"),
        ("email", "jane@example.org"),
        ("phone", "+17135550123"),
    ]
    assert list(identifiers("contact", "by letter only")) == []
    assert list(identifiers("anybody", "Jane Roe")) == [("name", "jane roe")]
    assert list(identifiers("anybody", "Jane Roe, jane@x.example")) == [("email", "jane@x.example")]
    assert list(identifiers("institutional_id", "s1")) == [("institutional_id", "S1")]
    assert list(identifiers("name", "—")) == []


def test_a_term_prints_no_words() -> None:
    assert repr(Term("party", "name", "jane roe")) == "Term(party, name)"


def test_what_is_sealed_already_gives_the_index_nothing() -> None:
    assert terms(REGISTERED, "name", NAME) == (Term("staff", "name", "jane roe"),)
    assert terms(REGISTERED, "name", Secret("munimentenc:1:AAAA")) == ()
    assert terms(REGISTERED, "office", NAME) == ()


@pytest.mark.parametrize("kind", ["party", "reporter", "witness"])
def test_who_is_identified_is_found_as_what_the_event_says(kind: Any) -> None:
    known = PartyIdentified(
        subject=an_id(kind),
        subject_kind=kind,
        basis="document",
        affiliation_class="student",
        duty_unmet=False,
        name=NAME,
        contact=None,
        detail=None,
        person=None,
    )
    assert terms(known, "name", NAME) == (Term(kind, "name", "jane roe"),)
