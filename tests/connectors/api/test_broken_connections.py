"""Writes over connections that are kept, closed, slow and broken: none is sent twice, and what is not certain is unclear."""

import time

import pytest

from connectors.client import Patience
from connectors.connectwise import ApiKeys
from connectors.write_client import WriteClient
from connectors.writing import Outcome
from tests.connectors.api.sandboxes import QUICK
from tests.connectors.api.wire import KEYS, Conduct, Talk, answer, change, sent_over, well, wire


def once(talk: Talk) -> None:
    """Answers once, promises to go on, and closes."""
    talk.read()
    talk.say(answer())


def once_and_then_none(talk: Talk) -> None:
    """Answers once; takes the second request in, and closes without an answer."""
    once(talk)
    talk.read()


def test_a_connection_is_kept_for_the_next_write() -> None:
    sent, server = sent_over(well, requests=3)
    assert [each.outcome for each in sent] == [Outcome.ANSWERED] * 3
    assert [len(requests) for requests in server.connections] == [3]


def test_a_connection_that_the_psa_closed_meanwhile_is_not_written_to() -> None:
    sent, server = sent_over(once, once, requests=2)
    assert [each.outcome for each in sent] == [Outcome.ANSWERED] * 2
    assert [len(requests) for requests in server.connections] == [1, 1]


def test_a_write_on_a_kept_connection_that_breaks_is_unclear_and_never_sent_again() -> None:
    sent, server = sent_over(once_and_then_none, well, requests=2)
    assert [each.outcome for each in sent] == [Outcome.ANSWERED, Outcome.UNCLEAR]
    assert len(server.requests) == 2
    assert len(server.connections) == 1


def drips(talk: Talk) -> None:
    talk.read()
    talk.say(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")
    while True:
        talk.say(b"1\r\n \r\n")
        talk.connection.settimeout(0.05)
        try:
            if not talk.connection.recv(1):
                return
        except TimeoutError:
            continue


def drips_headers(talk: Talk) -> None:
    talk.read()
    talk.say(b"HTTP/1.1 200 OK\r\n")
    for number in range(100):
        talk.say(f"X-{number}: y\r\n".encode())
        time.sleep(0.05)


def cut(talk: Talk) -> None:
    talk.read()
    talk.say(answer(b'{"quantity": 28}')[:-4])


def garbled(talk: Talk) -> None:
    talk.read()
    talk.say(answer(b"no gzip", headers="Content-Encoding: gzip\r\n"))


def no_http(talk: Talk) -> None:
    talk.read()
    talk.say(b"SSH-2.0-OpenSSH\r\n\r\n")


def refused_half_way(talk: Talk) -> None:
    talk.connection.recv(10)


@pytest.mark.parametrize("conduct", [drips, drips_headers, cut, garbled, no_http, refused_half_way])
def test_an_answer_that_is_none_is_unclear(conduct: Conduct) -> None:
    begun = time.monotonic()
    (sent,), server = sent_over(conduct)
    assert sent.outcome is Outcome.UNCLEAR
    assert time.monotonic() - begun < 3  # of 5 that the slowest goes on for; 0.3 are allowed
    assert len(server.connections) == 1


def begins_and_stops(talk: Talk) -> None:
    talk.read()
    time.sleep(0.8)
    talk.say(b"HTTP/1.1 200 OK\r\n")
    talk.connection.settimeout(3)
    talk.connection.recv(1)


def test_the_time_is_for_the_whole_request_and_not_for_each_part_of_the_answer() -> None:
    begun = time.monotonic()
    (sent,), _ = sent_over(begins_and_stops, patience=Patience(timeout=1))
    assert sent.outcome is Outcome.UNCLEAR
    assert time.monotonic() - begun < 1.6


def test_a_port_where_nobody_listens_was_not_sent_to() -> None:
    with wire() as server:
        pass
    client = WriteClient(server.address, ApiKeys(KEYS), {}, QUICK)
    assert client.send(change(1)).outcome is Outcome.NOT_SENT
    client.close()
