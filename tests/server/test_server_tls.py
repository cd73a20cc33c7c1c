"""Who can't agree on TLS disturbs nobody; and the files that it needs."""

import os
import shutil
import ssl
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any

import anyio
import pytest
import trustme

from reverb_server import CannotListen, Settings, running
from reverb_server.net import server_tls
from reverb_server.net.server_tls import server_context
from tests.server.calls import call, served
from tests.server.reports import ends, reports, warnings
from tests.server.secured import AUTHORITY, VERSIONS, TLSCaller, calling, trusting
from tests.virtual import anyio_backend as anyio_backend

OTHER_AUTHORITY = trustme.CA()


@pytest.mark.parametrize("version", VERSIONS)
async def test_a_client_certificate_is_demanded(
    version: ssl.TLSVersion, cert: Path, tmp_path: Path, log: pytest.LogCaptureFixture
) -> None:
    authority = tmp_path / "ca.pem"
    AUTHORITY.cert_pem.write_to_path(str(authority))
    settings = Settings(port=0, delay=0, tls_cert=cert, tls_client_ca=authority)
    async with running(settings) as server:
        right = trusting(version)
        AUTHORITY.issue_cert("client@example.org").configure_cert(right)
        with calling(server, right) as caller:
            await caller.handshake()
            await served(caller)
        wrong = trusting(version)
        OTHER_AUTHORITY.issue_cert("client@example.org").configure_cert(wrong)
        for refused in (trusting(version), wrong):
            problems = pytest.raises((ssl.SSLError, ConnectionResetError))
            with calling(server, refused) as caller, problems:
                await handshake_and_read(caller)
    assert [end for end in ends(log) if end == "handshake"] == ["handshake"] * 2
    reasons = [report["reason"] for report in reports(log) if report["end"] == "handshake"]
    assert reasons[0] == "peer did not return a certificate"
    assert "certificate" in reasons[1] or "issuer" in reasons[1]
    assert warnings(log) == []


async def handshake_and_read(caller: TLSCaller) -> None:
    await caller.handshake()
    await caller.read()


async def test_a_handshake_must_be_done_within_10_seconds(
    cert: Path, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, tls_cert=cert)) as server:
        with call(server) as mute:
            begin = anyio.current_time()
            assert await mute.rest() == b""
            assert anyio.current_time() - begin == pytest.approx(10)
    (report,) = reports(log)
    assert (report["end"], report["reason"]) == ("handshake", "it took too long")


@pytest.mark.parametrize("sent", [b"", b"Hello?\n", b"GET / HTTP/1.0\r\n\r\n", bytes(range(256))])
async def test_a_port_scan_and_a_client_without_tls_are_one_short_line_of_the_log(
    sent: bytes, cert: Path, log: pytest.LogCaptureFixture
) -> None:
    async with running(Settings(port=0, tls_cert=cert)) as server:
        with call(server) as caller:
            await caller.shout(sent)
            caller.hang_up()
            with suppress(ConnectionResetError):
                assert b"reverb" not in await caller.rest()
    (record,) = log.records
    (report,) = reports(log)
    assert report["end"] == "handshake"
    assert len(record.getMessage()) < 200


async def test_tls_1_1_is_refused(cert: Path, log: pytest.LogCaptureFixture) -> None:
    assert ssl.TLSVersion.TLSv1_2 <= server_context(cert, None, None).minimum_version
    context = trusting()
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.minimum_version = ssl.TLSVersion.TLSv1_1
    with pytest.warns(DeprecationWarning, match="deprecated"):
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    context.set_ciphers("ALL:@SECLEVEL=0")
    async with running(Settings(port=0, tls_cert=cert)) as server:
        problems = pytest.raises((ssl.SSLError, ConnectionResetError))
        with calling(server, context) as caller, problems:
            await caller.handshake()
    assert ends(log) == ["handshake"]


async def test_a_full_server_just_closes_before_the_handshake(cert: Path) -> None:
    async with running(Settings(port=0, delay=0, tls_cert=cert, max_connections=1)) as server:
        with calling(server, trusting()) as one, call(server) as other:
            await one.handshake()
            assert await other.rest() == b""
            await served(one)


async def test_a_stop_gives_a_handshake_a_second(cert: Path) -> None:
    async with running(Settings(port=0, tls_cert=cert)) as server:
        with call(server):
            await anyio.sleep(0.5)
            with call(server):  # this one still waits to be accepted
                begin = anyio.current_time()
                await server.drain()
                assert anyio.current_time() - begin == pytest.approx(1)


@pytest.fixture
def files(tmp_path: Path, cert: Path) -> Path:
    """A folder with files of all kinds."""
    shutil.copy(cert, tmp_path / "right.pem")
    (tmp_path / "empty.pem").touch()
    (tmp_path / "random.pem").write_bytes(bytes(range(256)))
    AUTHORITY.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    other = AUTHORITY.issue_cert("localhost")
    other.private_key_pem.write_to_path(str(tmp_path / "other-key.pem"))
    return tmp_path


@pytest.mark.parametrize(
    ("names", "why"),
    [
        (["missing.pem"], "No such file"),
        (["empty.pem"], "not a certificate and"),
        (["random.pem"], "not a certificate and"),
        (["ca.pem"], "not a certificate and"),
        (["."], "Is a directory"),
        (["right.pem", "other-key.pem"], "the key is not that of the certificate"),
        (["right.pem", "missing.pem"], "No such file"),
        (["right.pem", "right.pem", "empty.pem"], "authorities"),
        (["right.pem", "right.pem", "."], "Is a directory"),
    ],
)
async def test_bad_files_are_one_sentence_with_their_names(
    names: list[str], why: str, files: Path
) -> None:
    fields = dict(zip(["tls_cert", "tls_key", "tls_client_ca"], names, strict=False))
    settings: Any = {field: files / name for field, name in fields.items()}
    with pytest.raises(CannotListen) as refusal:
        async with running(Settings(port=0, **settings)):
            pytest.fail("it ran")
    sentence = str(refusal.value)
    assert sentence.startswith(f"cannot serve TLS with {files / names[0]}")
    assert why in sentence
    assert "\n" not in sentence


async def test_a_new_certificate_holds_for_new_connections_and_drops_none(files: Path) -> None:
    path = files / "right.pem"
    async with running(Settings(port=0, delay=0, tls_cert=path)) as server:
        with calling(server, trusting()) as before:
            await before.handshake()
            new = AUTHORITY.issue_cert("localhost")
            new.private_key_and_cert_chain_pem.write_to_path(str(path))
            await server.reload_certificate()
            with calling(server, trusting()) as after:
                await after.handshake()
                own = before.socket.getpeercert(binary_form=True)
                assert own != after.socket.getpeercert(binary_form=True)
                await served(after)
            path.write_text("broken")
            with pytest.raises(CannotListen):
                await server.reload_certificate()
            with calling(server, trusting()) as later:
                await later.handshake()
                await served(later)
            await served(before)


async def test_without_a_thread_to_read_in_the_old_certificate_stays(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def start(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    async with running(Settings(port=0, delay=0, tls_cert=files / "right.pem")) as server:
        with monkeypatch.context() as patch:
            patch.setattr(threading.Thread, "start", start)
            for _ in range(2 * server_tls.READERS):
                with pytest.raises(CannotListen, match="no more threads"):
                    await server.reload_certificate()
        await server.reload_certificate()
        with calling(server, trusting()) as caller:
            await caller.handshake()
            await served(caller)


async def test_of_two_reads_at_once_the_one_that_began_later_holds(
    tmp_path: Path,
) -> None:
    old, new = AUTHORITY.issue_cert("localhost"), AUTHORITY.issue_cert("localhost")
    chain, key = tmp_path / "chain.pem", tmp_path / "key.pem"
    old.cert_chain_pems[0].write_to_path(str(chain))
    old.private_key_pem.write_to_path(str(key))
    async with running(Settings(port=0, delay=0, tls_cert=chain, tls_key=key)) as server:
        key.unlink()
        os.mkfifo(key)
        async with anyio.create_task_group() as group:
            group.start_soon(server.reload_certificate)  # has the old certificate, waits for a key
            writer = await anyio.to_thread.run_sync(os.open, key, os.O_WRONLY)
            key.unlink()
            new.cert_chain_pems[0].write_to_path(str(chain))
            new.private_key_pem.write_to_path(str(key))
            await server.reload_certificate()
            os.write(writer, old.private_key_pem.bytes())
            os.close(writer)
        with calling(server, trusting()) as caller:
            await caller.handshake()
            shown = caller.socket.getpeercert(binary_form=True)
            assert shown == ssl.PEM_cert_to_DER_cert(new.cert_chain_pems[0].bytes().decode())
            await served(caller)


async def test_a_certificate_that_cannot_be_read_again_leaves_the_old_one_and_no_crowd_of_threads(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_tls, "READING_AGAIN", 0.01)
    path = files / "right.pem"
    async with running(Settings(port=0, delay=0, tls_cert=path)) as server:
        path.unlink()
        os.mkfifo(path)
        before = threading.active_count()
        for _ in range(3 * server_tls.READERS):
            with pytest.raises(CannotListen, match=r"read within|still hang"):
                await server.reload_certificate()
        assert threading.active_count() < before + 2 * server_tls.READERS
        with calling(server, trusting()) as caller:
            await caller.handshake()
            await served(caller)
        writer = os.open(path, os.O_WRONLY)  # who hangs finds an end
        os.close(writer)


async def test_a_file_that_hung_can_be_read_once_another_takes_its_place(
    files: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = files / "right.pem"
    async with running(Settings(port=0, delay=0, tls_cert=path)) as server:
        path.rename(files / "kept.pem")
        os.mkfifo(path)
        with monkeypatch.context() as patch:
            patch.setattr(server_tls, "READING_AGAIN", 0.01)
            with pytest.raises(CannotListen, match="read within"):
                await server.reload_certificate()
        (files / "kept.pem").rename(path)
        await server.reload_certificate()


async def test_a_certificate_that_cannot_be_read_at_the_start_is_given_up(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(server_tls, "CERTIFICATES_TIMEOUT", 0.01)
    os.mkfifo(tmp_path / "server.pem")
    with pytest.raises(CannotListen, match=r"server\.pem: .* within"):
        async with running(Settings(port=0, tls_cert=tmp_path / "server.pem")):
            pytest.fail("it ran")
