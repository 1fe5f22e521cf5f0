"""What pytest is set to refuse, it refuses."""

import socket
import warnings

import pytest
from pytest_socket import SocketConnectBlockedError


def test_no_test_talks_to_another_machine() -> None:
    with socket.socket() as talking, pytest.raises(SocketConnectBlockedError):
        talking.connect(("192.0.2.1", 80))  # TEST-NET-1 of RFC 5737: nobody's


def test_a_test_may_talk_to_this_machine() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening, socket.create_connection(listening.getsockname()) as talking:
        assert talking.getpeername() == listening.getsockname()


def test_a_test_may_use_unix_sockets() -> None:
    first, second = socket.socketpair()
    with first, second:
        first.sendall(b"x")
        assert second.recv(1) == b"x"


def test_a_warning_is_an_error() -> None:
    with pytest.raises(UserWarning, match="said"):
        warnings.warn("said", stacklevel=1)
