"""Whatever is written, its form is a form: found again by itself, and in either composition."""

import unicodedata
from collections.abc import Callable

from hypothesis import given
from hypothesis import strategies as st

from domain.identifiers import NORMALIZERS, name

_TEXTS = st.text() | st.builds(
    "{}@{}.{}".format, st.text(min_size=1), st.text(min_size=1), st.text(min_size=1)
)
_NUMBERS = st.text("0123456789+()- .x٠٧", max_size=25)


@given(st.sampled_from(list(NORMALIZERS.values())), _TEXTS | _NUMBERS)
def test_a_form_is_its_own_form(normalize: Callable[[str], str], text: str) -> None:
    assert normalize(normalize(text)) == normalize(text)


@given(st.text())
def test_a_name_is_the_same_composed_and_decomposed(text: str) -> None:
    forms = {name(unicodedata.normalize(form, text)) for form in ("NFC", "NFD", "NFKC", "NFKD")}
    assert forms == {name(text)}
