"""What is hardly HTTP, with a word wherever one can stand: `WORD` stands for it."""

import socket
from contextlib import suppress

from tests.canary.running import Server
from tests.canary.search import words
from tests.canary.wrong import W

_NO_HTTP = (
    b"WORD\r\n\r\n",
    b"WORD /WORD HTTP/1.1\r\nHost: WORD\r\n\r\n",
    b"GET /WORD WORD/1.1\r\nHost: x\r\n\r\n",
    b"GET /cases/WORD HTTP/9.9\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nWORD WORD: WORD\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: \x00WORD\r\n\r\n",
    b"GET /WORD\xff\xfe HTTP/1.1\r\nHost: x\r\nX: WORD\xff\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"WORD" * 40_000 + b"\r\n\r\n",
    b"GET /cases/WORD HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: WORD\r\n\r\n",
    b"GET /WORD?WORD HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n",
    b"POST /cases/WORD/reveal HTTP/1.1\r\nHost: x\r\nContent-Length: WORD\r\n\r\nWORD",
    b"POST /cases/WORD/reveal HTTP/1.1\r\nHost: x\r\nContent-Length: 99999\r\n\r\nWORD",
    b"POST /cases/WORD/reveal HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nWORD\r\n",
    b"POST /cases/WORD/reveal HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: WORD\r\n\r\nWORD",
    b"OPTIONS * HTTP/1.1\r\nHost: x\r\nOrigin: http://WORD\r\n\r\n",
    b"GET //WORD/cases HTTP/1.1\r\nHost: WORD\r\n\r\n",
    b"GET http://WORD/WORD HTTP/1.1\r\nHost: WORD\r\n\r\n",
    b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\nWORD",
    b"\x16\x03\x01\x02\x00\x01\x00\x01WORD",  # TLS, where none is spoken.
)


def ask_badly(server: Server) -> dict[str, bytes]:
    """Over bare connections; word → what came back."""
    answers = {}
    for broken in _NO_HTTP:
        (word,) = words(1)
        with socket.create_connection(("127.0.0.1", server.port), timeout=60) as connection:
            answers[word] = b""
            with suppress(OSError):  # It may hang up before it has read all.
                connection.sendall(broken.replace(W.encode(), word.encode()))
                connection.shutdown(socket.SHUT_WR)
                while block := connection.recv(1 << 16):
                    answers[word] += block
    return answers
