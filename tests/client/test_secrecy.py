"""Questions after which nobody is to see what is typed."""

import pytest

from reverb_tui.secrecy import asks_for_secret


@pytest.mark.parametrize(
    "question",
    [
        b"Password:",
        b"password: ",
        b"PASSWORD: ",
        b"Password for bob: ",
        b"[sudo] password for bob: ",
        b"bob@host.example.org's password: ",
        b"(current) UNIX password: ",
        b"Enter passphrase for key '/home/bob/.ssh/id_ed25519': ",
        b"\xff\xfb\x01Password: ",
        b"Password: \xff\xfb\x01",
        b"\x1b[1mPassword:\x1b[0m ",
        b"Password:\x07",
        b"PIN: ",
        b"Enter PIN for 'token': ",
        b"Passcode:",
        b"Verification code: ",
        b"One-time code: ",
        b"API token? ",
        b"Enter password> ",
        b"Passwort: ",
        b"Mot de passe : ",
        "密码\uff1a".encode(),
        b"x" * 5_000 + b" password: ",
    ],
)
def test_a_question_for_a_secret_is_known(question: bytes) -> None:
    assert asks_for_secret(question)


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"login: ",
        b"Name: ",
        b"pinned: ",
        b"tokens spent so far: ",
        b"password",
        b"the password is never shown",
        b"Passwords do not match. Login: ",
        b"password: wrong! login: ",
        b"\xff\xfe\xfd",
        b"password" + b" x" * 100 + b":",
    ],
)
def test_any_other_text_asks_for_none(text: bytes) -> None:
    assert not asks_for_secret(text)
