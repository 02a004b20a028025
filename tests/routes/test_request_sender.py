"""The senders between whom the server takes turns."""

from __future__ import annotations

import pytest

from routes.request_sender import sender_of


@pytest.mark.parametrize(
    ("first", "second", "is_same"),
    [
        (
            {"HTTP_AUTHORIZATION": "Bearer a", "REMOTE_ADDR": "192.0.2.1"},
            {"HTTP_AUTHORIZATION": "Bearer b", "REMOTE_ADDR": "192.0.2.1"},
            False,
        ),
        (
            {"HTTP_AUTHORIZATION": "Bearer a", "REMOTE_ADDR": "192.0.2.1"},
            {"HTTP_AUTHORIZATION": "Bearer a", "REMOTE_ADDR": "192.0.2.2"},
            True,
        ),
        ({"HTTP_COOKIE": "access_token=a; theme=dark"}, {"HTTP_COOKIE": "theme=light; access_token=a"}, True),
        ({"HTTP_COOKIE": "access_token=a"}, {"HTTP_COOKIE": "access_token=b"}, False),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_COOKIE": "x=1"}, {"REMOTE_ADDR": "192.0.2.1", "HTTP_COOKIE": "x=2"}, True),
        ({"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8::2"}, True),
        ({"REMOTE_ADDR": "2001:db8::1"}, {"REMOTE_ADDR": "2001:db8:0:1::1"}, False),
        ({"REMOTE_ADDR": "nonsense"}, {}, True),
        ({"REMOTE_ADDR": "192.0.2.1", "HTTP_COOKIE": "access_token=\xe9"}, {"REMOTE_ADDR": "192.0.2.1"}, True),  # bytes that are not UTF-8
    ],
)
def test_one_sender_has_the_same_credentials_or_none_and_the_same_network(
    first: dict[str, str], second: dict[str, str], is_same: bool
) -> None:
    assert (sender_of(first, "access_token") == sender_of(second, "access_token")) == is_same
