"""A SoftHSM token for the tests, where Debian's package softhsm2 is installed."""

import os
import subprocess
from pathlib import Path

import pkcs11
from pkcs11 import Attribute, ObjectClass

from ledger.pkcs11 import Pkcs11Token

_PLACES = ("/usr/lib/softhsm/libsofthsm2.so", "/usr/lib64/softhsm/libsofthsm2.so")
MODULE = next((Path(place) for place in _PLACES if Path(place).exists()), None)
LABEL, PIN = "muniment", "a PIN for tests"


class SoftHsm:
    """One token in a folder. The module looks for tokens when it is loaded: once a process."""

    def __init__(self, folder: Path) -> None:
        assert MODULE is not None
        self.module = MODULE
        self._opened: list[Pkcs11Token] = []
        (folder / "tokens").mkdir()
        settings = folder / "softhsm2.conf"
        settings.write_text(f"directories.tokendir = {folder / 'tokens'}\nlog.level = ERROR\n")
        os.environ["SOFTHSM2_CONF"] = str(settings)
        subprocess.run(
            ["softhsm2-util", "--init-token", "--free", "--label", LABEL, "--so-pin", PIN,
             "--pin", PIN],
            check=True,
            capture_output=True,
        )  # fmt: skip

    def open(self) -> Pkcs11Token:
        self._opened.append(Pkcs11Token(self.module, LABEL, PIN))
        return self._opened[-1]

    def empty(self) -> None:
        """Sign out, and leave no key in the token."""
        while self._opened:
            self._opened.pop().close()
        token = pkcs11.lib(str(self.module)).get_token(token_label=LABEL)
        with token.open(rw=True, user_pin=PIN) as session:
            for key in list(session.get_objects({Attribute.CLASS: ObjectClass.SECRET_KEY})):
                key.destroy()
