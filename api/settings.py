"""Every environment variable, typed. Nothing else reads the environment."""

import os
from pathlib import Path
from typing import Literal

from pydantic import SecretStr
from pydantic_settings import BaseSettings, SettingsConfigDict

OF_A_NEW_LEDGER = ("origin", "institution", "zone", "clock")


class Settings(BaseSettings):
    """`MUNIMENT_HOME` and so on: each field is one variable. All have a value that can be run."""

    model_config = SettingsConfigDict(env_prefix="MUNIMENT_", frozen=True, extra="ignore")

    # Where passwords, keys, the pid file and the embedded server's data are kept.
    home: Path = Path(".muniment")

    # An existing PostgreSQL, for migrating. Unset: the embedded one under `home`.
    admin_url: SecretStr | None = None
    # Where each process signs in. Unset: derived from the administrator's server and `home`.
    writer_url: SecretStr | None = None
    reader_url: SecretStr | None = None
    projector_url: SecretStr | None = None
    keys_url: SecretStr | None = None

    # What wraps the keys: files under `home`, for a demo or a tiny site; or a token, by PKCS#11.
    key_provider: Literal["file", "pkcs11"] = "file"
    # The file of its module; the label of the token, which serves this ledger only; a file (0600)
    # with the PIN of its user, unset: `pkcs11-pin` beside the other secrets.
    pkcs11_module: Path | None = None
    pkcs11_label: str = "muniment"
    pkcs11_pin: Path | None = None

    # Facts of a new ledger, written once when it is made: OF_A_NEW_LEDGER.
    origin: str = "titleix.example.edu/log"
    institution: str = "Example College of Medicine"
    zone: str = "America/Chicago"
    clock: Literal["real", "simulated"] = "real"

    # Serving.
    host: str = "127.0.0.1"
    port: int = 8000
    # Who may ask /metrics: programs on this machine, the network that reaches us, or nobody.
    metrics: Literal["local", "network", "off"] = "local"
    # `local`: tokens that `muniment token` signs. On a real ledger it must be asked for by name.
    sign_in: Literal["local"] | None = None
    # How long ?wait=true waits for the views, at most.
    wait_seconds: float = 5.0
    # How often the clock looks for what is due.
    clock_seconds: float = 30.0

    @property
    def pid_file(self) -> Path:
        return self.home / "muniment.pid"

    @property
    def secrets(self) -> Path:
        return self.home / "secrets"

    @property
    def issuer_key(self) -> Path:
        return self.secrets / "issuer.json"

    @property
    def passphrase(self) -> Path:
        return self.secrets / "passphrase"

    @property
    def pkcs11_pin_file(self) -> Path:
        return self.pkcs11_pin or self.secrets / "pkcs11-pin"

    @property
    def keyring(self) -> Path:
        return self.home / "keys"

    @property
    def postgres(self) -> Path:
        return self.home / "postgres"

    def environment(self) -> dict[str, str]:
        """For a child process: this one's environment with these settings."""
        mine = {
            f"MUNIMENT_{name.upper()}": _plain(value) for name, value in self if value is not None
        }
        return {**os.environ, **mine}


def _plain(value: object) -> str:
    if isinstance(value, SecretStr):
        return value.get_secret_value()
    return str(value.absolute() if isinstance(value, Path) else value)
