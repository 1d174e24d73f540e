"""What finds a person: names, addresses, numbers, each in the one form that the index compares.

Version 1. A form is never changed: a better one is a new version, and the index is rebuilt.
The comparison is exact. What only sounds alike is not found.
"""

import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from typing import Literal, NamedTuple, TypeAlias

VERSION = 1
COUNTRY = "1"  # Numbers without a country are those of the institutions whose packs are shipped.

IdentifierKind: TypeAlias = Literal["institutional_id", "email", "phone", "name"]
# As what somebody stands in a record. `relation`: whom a person declared to be close to.
Standing: TypeAlias = Literal[
    "party", "reporter", "witness", "advisor", "person", "staff", "relation"
]


class Term(NamedTuple):
    """One identifier in its form for comparing: as what it stands, its kind, the words."""

    standing: Standing
    kind: IdentifierKind
    normalized: str

    def __repr__(self) -> str:  # The words are plain text.
        return f"Term({self.standing}, {self.kind})"


# Vowel signs, joiners of consonants and marks of voiced sounds spell a word; no accent is one.
_SPELLING = frozenset({0, 8, 9})
# An acute accent that stands alone is typed for one; taken apart, it is a space with the accent.
_APOSTROPHES = re.compile("['\u2018\u2019\u02bc\u02b9\u05f3\u0060\u00b4\u0640]| \u0301")
_DOTTED = re.compile(r"(?<!\w)(ph\.\s?d|m\.d|d\.d\.s|d\.o|r\.n|ed\.d|j\.d|b\.a|m\.a|m\.s)\.?(?!\w)")
_TITLES = frozenset(
    {
        *("dr", "prof", "professor", "mr", "mrs", "ms", "mx", "miss", "sir", "madam", "dean"),
        *("rev", "hon", "md", "phd", "dds", "rn", "edd", "jd", "mph", "esq", "jr", "sr"),
        *("ii", "iii", "iv"),
    }
)
_EMAIL = re.compile(r"[^\s@<>()\[\],;:\"]+@[^\s@<>()\[\],;:\"]+")
_PHONE = re.compile(r"(?<!\w)\+?\(?\d[\d\s().\-/\u2010-\u2015]{5,24}\d(?!\w)")
_FEWEST, _MOST, _NATIONAL = 8, 15, 10  # Digits: ITU-T E.164; the numbering plan of country 1.


def institutional_id(text: str) -> str:
    """Letters A to Z and digits; one of digits alone without its leading zeros."""
    kept = re.sub(r"[^A-Z0-9]", "", _western(unicodedata.normalize("NFKC", text)).upper())
    return kept.lstrip("0") if kept.isdigit() else kept


def email(text: str) -> str:
    """Casefolded, the domain in its ASCII form. What is no address has no form: empty."""
    folded = _folded("NFKC", text).strip()
    local, at, domain = folded.rpartition("@")
    domain = domain.rstrip(".")
    if not (local and at and domain) or not _EMAIL.fullmatch(f"{local}@{domain}"):
        return ""
    return f"{local}@{_ascii(domain)}"


def phone(text: str) -> str:
    """E.164. A number that lacks its area cannot be compared, and has no form: empty."""
    told = _western(unicodedata.normalize("NFKC", text)).strip()
    told = re.split(r"(?i)\s*(?:ext|x|#)", told, maxsplit=1)[0].replace("(0)", "")
    digits = re.sub(r"\D", "", told)
    if told.lstrip("(").startswith("+"):
        pass
    elif digits.startswith("011"):
        digits = digits[3:]
    elif digits.startswith("00"):
        digits = digits[2:]
    elif len(digits) == _NATIONAL:
        digits = COUNTRY + digits
    elif not (len(digits) == _NATIONAL + 1 and digits.startswith(COUNTRY)):
        return ""
    return f"+{digits}" if _FEWEST <= len(digits) <= _MOST else ""


def name(text: str) -> str:
    """Letters and digits without accents, titles left out, the parts in alphabetical order."""
    folded = _APOSTROPHES.sub("", _folded("NFKD", _APOSTROPHES.sub("", text)))
    spelled = "".join(c for c in _DOTTED.sub(" ", folded) if unicodedata.category(c) != "Cf")
    bare = "".join(c if _spells(c) else " " for c in spelled if not _accent(c))
    parts = bare.split()
    return " ".join(sorted([part for part in parts if part not in _TITLES] or parts))


NORMALIZERS: Mapping[IdentifierKind, Callable[[str], str]] = {
    "institutional_id": institutional_id,
    "email": email,
    "phone": phone,
    "name": name,
}


def identifiers(field: str, text: str) -> Iterator[tuple[IdentifierKind, str]]:
    """The identifiers in the text of a field: `name`, `institutional_id`, `contact`, which may hold
    several among other words, or `anybody`: such as these, and where there is none a name."""
    if field in ("contact", "anybody"):
        plain = _western(unicodedata.normalize("NFKC", text))
        found: list[tuple[IdentifierKind, str]] = [
            ("email", email(one.rstrip(".!?"))) for one in _EMAIL.findall(plain)
        ]
        found += [("phone", phone(one)) for one in _PHONE.findall(_EMAIL.sub(" ", plain))]
        if field == "anybody" and not any(known for _, known in found):
            found = [("name", name(text))]
    elif field == "institutional_id":
        found = [("institutional_id", institutional_id(text))]
    else:
        assert field == "name"
        found = [("name", name(text))]
    yield from dict.fromkeys(one for one in found if one[1])


def _folded(form: Literal["NFKC", "NFKD"], text: str) -> str:
    """Until nothing changes: folding may compose what is decomposed, and the reverse."""
    while (folded := unicodedata.normalize(form, text).casefold()) != text:
        text = folded
    return text


def _western(text: str) -> str:
    """Digits of any script as 0 to 9."""
    return "".join(str(unicodedata.decimal(c)) if c.isdecimal() else c for c in text)


def _accent(char: str) -> bool:
    return unicodedata.combining(char) not in _SPELLING


def _spells(char: str) -> bool:
    return unicodedata.category(char)[0] in "LNM"


def _ascii(domain: str) -> str:
    """The form of the domain name system; a name that has none stays as it is."""
    try:
        return domain.encode("idna").decode("ascii")
    except UnicodeError:
        return domain
