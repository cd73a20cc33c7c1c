"""Questions whose answers nobody else is to see: what is typed is hidden, and not kept."""

import re
from typing import Final

HIDDEN: Final = "••••••••"
"""Placeholder for a secret answer; it hides the length too."""

_NO_TEXT: Final = re.compile(
    rb"\xff[\xfb-\xfe].|\xff[\xf0-\xfa]"  # telnet: a server that asks not to show what is typed
    rb"|\x1b\[[0-?]*[ -/]*[@-~]|[\x00-\x1f\x7f]",
    re.DOTALL,
)

_WORDS: Final = (
    r"pass[ -]?(word|phrase|code|key)",  # login, sudo, ssh: also "Password for root:"
    r"\bpwd\b",
    r"\bpins?\b",  # smart cards, and gpg
    r"\b(otp|totp|2fa|mfa)\b",
    r"(verification|security|authentication|one[ -]time|access|recovery) code",
    r"\btoken\b",  # services that have these in the place of a password
    r"\bsecret\b",
    r"\b(api|private|secret|decryption|encryption) key\b",
    r"kennwort|passwort|mot de passe|contrase(ñ|n)a|senha|wachtwoord|lösenord|hasło|пароль",
    "密码|密碼|パスワード|암호|비밀번호",
)

_QUESTION: Final = re.compile(
    rf"({'|'.join(_WORDS)})([^:\uff1a.!]|\.\S){{0,80}}[:\uff1a?>]$", re.IGNORECASE
)
"""One of the words, near the end: what follows it says whose it is, or where it belongs."""

_LOOKED_AT: Final = 400
"""Bytes from the end of a question."""


def asks_for_secret(question: bytes) -> bool:
    """Return whether an unfinished line asks for a password or the like."""
    text = _NO_TEXT.sub(b"", question[-_LOOKED_AT:]).decode(errors="replace").rstrip()
    return bool(_QUESTION.search(text))
