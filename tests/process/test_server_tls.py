"""The command ``reverb-server`` with TLS."""

import re
import shutil
import signal
import socket
import ssl
import subprocess
from pathlib import Path

import pytest
import trustme

from tests.process.commands import BACKENDS, TIMEOUT, command, log_line, run
from tests.server.calls import echoes


@pytest.fixture
def certificates(tmp_path: Path) -> Path:
    """A folder with a server's certificate and its authority's."""
    authority = trustme.CA()
    authority.cert_pem.write_to_path(str(tmp_path / "ca.pem"))
    issued = authority.issue_cert("localhost")
    issued.private_key_and_cert_chain_pem.write_to_path(str(tmp_path / "server.pem"))
    return tmp_path


@pytest.mark.parametrize(("backend", "version"), [("asyncio", "-tls1_2"), ("trio", "-tls1_3")])
def test_openssl_gets_its_echoes(version: str, backend: str, certificates: Path) -> None:
    openssl = shutil.which("openssl")
    if openssl is None:
        pytest.skip("openssl is not installed")
    cert = str(certificates / "server.pem")
    with command("--port", "0", "--delay", "0", "--tls-cert", cert, "--backend", backend) as (
        running
    ):
        assert running.ready.endswith("(concurrent, delay 0 s, TLS)\n")
        options = ["-quiet", "-verify_return_error", "-CAfile", str(certificates / "ca.pem")]
        with subprocess.Popen(
            [openssl, "s_client", "-connect", f"localhost:{running.port}", version, *options],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        ) as client:
            assert client.stdin is not None
            assert client.stdout is not None
            client.stdin.write(b"Hello?\n")
            client.stdin.flush()
            assert sorted(client.stdout.readline() for _ in range(3)) == echoes(b"Hello?")
            client.terminate()
        assert running.end(signal.SIGTERM)[0] == 0


@pytest.mark.parametrize("backend", BACKENDS)
def test_sighup_reads_the_certificate_again_and_bad_files_change_nothing(
    backend: str, certificates: Path
) -> None:
    path = certificates / "server.pem"
    context = ssl.create_default_context(cafile=certificates / "ca.pem")
    with command("--port", "0", "--tls-cert", str(path), "--backend", backend) as running:

        def connect() -> ssl.SSLSocket:
            sock = socket.create_connection(("127.0.0.1", running.port), timeout=TIMEOUT)
            return context.wrap_socket(sock, server_hostname="localhost")

        with connect() as kept:
            path.write_text("broken")
            running.process.send_signal(signal.SIGHUP)
            assert "kept the certificate" in log_line(running, "certificate")
            connect().close()
            authority = trustme.CA()
            issued = authority.issue_cert("localhost")
            issued.private_key_and_cert_chain_pem.write_to_path(str(path))
            running.process.send_signal(signal.SIGHUP)
            assert "read the certificate again" in log_line(running, "certificate")
            with pytest.raises(ssl.SSLCertVerificationError):
                connect()
            authority.configure_trust(context)
            connect().close()
            kept.sendall(b"Hello?\n")
            assert kept.recv(100) == b"\t HELLO?\n"


def test_bad_tls_files_are_one_sentence_with_status_1(tmp_path: Path) -> None:
    done = run("--port", "0", "--tls-cert", str(tmp_path / "missing.pem"))
    assert re.fullmatch(r"reverb-server: cannot serve TLS with [^\n]+\n", done.stderr)
    assert done.returncode == 1
