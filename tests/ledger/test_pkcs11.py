"""Keys in a token: they cannot be taken out, and a lost session or a wrong PIN does no harm.

What every provider promises is in `tests/contract/test_key_provider.py`.
"""

from pathlib import Path
from uuid import UUID

import pkcs11
import pytest
from pkcs11 import Attribute, KeyType, MechanismFlag, ObjectClass, Session

from ledger.keys import KeyContext, KeyRefused
from ledger.pkcs11 import Pkcs11Token
from tests.softhsm import LABEL, PIN, SoftHsm

pytestmark = pytest.mark.slow

CONTEXT = KeyContext("titleix.example.edu/log", UUID(int=1), "party", UUID(int=2))
SECRET = b"a data key of thirty-two bytes !"


@pytest.fixture
def token(softhsm: SoftHsm) -> Pkcs11Token:
    token = softhsm.open()
    token.create_epoch("open-2026")
    return token


def session(token: Pkcs11Token) -> Session:
    assert token._session is not None
    return token._session


def make(token: Pkcs11Token, *, extractable: bool) -> None:
    """A key of the same name, as an operator's tool or another process would make it."""
    session(token).generate_key(
        KeyType.AES,
        256,
        label="open-2026",
        id=b"other",
        store=True,
        capabilities=MechanismFlag.ENCRYPT | MechanismFlag.DECRYPT,
        template={Attribute.EXTRACTABLE: extractable, Attribute.SENSITIVE: not extractable},
    )


def test_the_key_of_an_epoch_never_leaves_the_token(token: Pkcs11Token) -> None:
    (key,) = session(token).get_objects({Attribute.LABEL: "open-2026"})
    said = {
        name: key[name]
        for name in (
            Attribute.CLASS,
            Attribute.KEY_TYPE,
            Attribute.VALUE_LEN,
            Attribute.TOKEN,
            Attribute.PRIVATE,
            Attribute.SENSITIVE,
            Attribute.EXTRACTABLE,
            Attribute.NEVER_EXTRACTABLE,
            Attribute.ALWAYS_SENSITIVE,
            Attribute.MODIFIABLE,
        )
    }
    assert list(said.values()) == [
        ObjectClass.SECRET_KEY,
        KeyType.AES,
        32,
        True,
        True,
        True,
        False,
        True,
        True,
        False,
    ]
    with pytest.raises(pkcs11.AttributeSensitive):
        key[Attribute.VALUE]


def test_a_key_that_can_be_taken_out_is_not_used(softhsm: SoftHsm) -> None:
    token = softhsm.open()
    make(token, extractable=True)
    for ask in (
        lambda: token.create_epoch("open-2026"),
        lambda: token.wrap("open-2026", SECRET, CONTEXT),
    ):
        with pytest.raises(KeyRefused, match="can be taken out of its token"):
            ask()


def test_two_keys_of_one_name_both_open(softhsm: SoftHsm, token: Pkcs11Token) -> None:
    """Two processes made the epoch at once; one of them knows its own key only."""
    first = token.wrap("open-2026", SECRET, CONTEXT)
    make(token, extractable=False)
    with_both = softhsm.open()
    both = with_both._ask(lambda: with_both._found("open-2026"))
    assert len(both) == 2
    (other,) = (key for key in both if key.id == b"other")
    with_both._keys["open-2026"] = [other]
    second = with_both.wrap("open-2026", SECRET, CONTEXT)

    for one in (token, with_both):
        assert one.unwrap("open-2026", first, CONTEXT) == SECRET
        assert one.unwrap("open-2026", second, CONTEXT) == SECRET


def test_a_lost_session_is_opened_again(token: Pkcs11Token) -> None:
    wrapped = token.wrap("open-2026", SECRET, CONTEXT)
    session(token).close()
    assert token.unwrap("open-2026", wrapped, CONTEXT) == SECRET
    session(token).close()
    token.create_epoch("open-2026")
    token.close()
    assert token.unwrap("open-2026", wrapped, CONTEXT) == SECRET


def test_a_wrong_pin_is_tried_once(softhsm: SoftHsm) -> None:
    with pytest.raises(KeyRefused, match="PinIncorrect"):
        Pkcs11Token(softhsm.module, LABEL, "wrong")


def test_a_pin_that_is_refused_later_is_not_tried_again(token: Pkcs11Token) -> None:
    token.close()
    token._pin = "changed meanwhile"
    with pytest.raises(KeyRefused, match="PinIncorrect"):
        token.wrap("open-2026", SECRET, CONTEXT)
    with pytest.raises(KeyRefused, match="not tried again"):
        token.wrap("open-2026", SECRET, CONTEXT)


def test_without_module_or_token_it_is_refused(softhsm: SoftHsm, tmp_path: Path) -> None:
    with pytest.raises(KeyRefused, match="NoSuchToken"):
        Pkcs11Token(softhsm.module, "no such token", PIN)
    with pytest.raises(KeyRefused, match="PKCS11Error"):
        Pkcs11Token(tmp_path / "none.so", "token", PIN)


def make_index_key(token: Pkcs11Token, *, extractable: bool) -> None:
    session(token).generate_key(
        KeyType.GENERIC_SECRET,
        256,
        label="index-name-1",
        store=True,
        capabilities=MechanismFlag.SIGN,
        template={Attribute.EXTRACTABLE: extractable, Attribute.SENSITIVE: not extractable},
    )


def test_an_index_key_never_leaves_the_token_and_only_signs(token: Pkcs11Token) -> None:
    token.create_index_key("index-name-1")
    (key,) = session(token).get_objects({Attribute.LABEL: "index-name-1"})
    wanted = (Attribute.SENSITIVE, Attribute.NEVER_EXTRACTABLE, Attribute.SIGN, Attribute.VERIFY)
    assert [key[name] for name in wanted] == [True, True, True, False]
    with pytest.raises(pkcs11.AttributeSensitive):
        key[Attribute.VALUE]


def test_an_index_key_that_can_be_taken_out_makes_no_token(token: Pkcs11Token) -> None:
    make_index_key(token, extractable=True)
    with pytest.raises(KeyRefused, match="can be taken out of its token"):
        token.mac("index-name-1", bytes(32))


def test_of_two_index_keys_of_one_name_neither_is_used(softhsm: SoftHsm) -> None:
    """Each process would make tokens that the other does not find."""
    token = softhsm.open()
    make_index_key(token, extractable=False)
    make_index_key(token, extractable=False)
    with pytest.raises(KeyRefused, match="two index keys are called index-name-1"):
        token.mac("index-name-1", bytes(32))
