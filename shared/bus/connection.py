"""One connection to the broker: one reader, any number of writers, brought up again whenever it is lost.

Works the same on green threads (services) and on real ones (gateway, desk): it uses `threading`, which eventlet
replaces where the process is patched. Only the reader reads; writing is safe from every thread. The relay has one
thread a connection and no reader (`SingleThreadConnection`).
"""

from __future__ import annotations

import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import amqp
from amqp import spec
from amqp.exceptions import AMQPError, ChannelError, PreconditionFailed
from amqp.exceptions import ConnectionError as AmqpConnectionError
from amqp.method_framing import frame_writer

from shared import log
from shared.errors import Unavailable

DEFAULT_PORT: Final = 5672
HEARTBEAT_SECONDS: Final = 15
CONNECT_SECONDS: Final = 5.0
SETUP_SECONDS: Final = 10.0
TURN_SECONDS: Final = 5.0
"""How long a quiet read or a stuck write lasts at most; the reader looks after heartbeats at least this often."""
PAUSES_SECONDS: Final = (0.1, 0.5, 1.0, 2.0, 5.0, 10.0)
STOOD_SECONDS: Final = 5.0
YIELD_EVERY_FRAMES: Final = 64
RECEIVE_BYTES: Final = 8192
GATHER_BYTES: Final = 64 * 1024
SHORTEST_SECONDS: Final = 0.001
"""Nought would put the socket into non-blocking mode."""
DRAIN_FRAMES: Final = 500
SOCKET_OPTIONS: Final = {
    socket.TCP_NODELAY: 1,
    socket.TCP_USER_TIMEOUT: 10_000,
    socket.TCP_KEEPIDLE: 10,
    socket.TCP_KEEPINTVL: 5,
    socket.TCP_KEEPCNT: 3,
}
FAULTS: Final = (AMQPError, OSError)

_log = log.get("bus.connection")


class BrokerRefusedError(RuntimeError):
    """The broker answers and refuses: other queue arguments (406), no permission (403), no virtual host (530)."""

    def __init__(self, message: str, code: str) -> None:
        """`code` is a machine word for logs and metrics."""
        super().__init__(message)
        self.code = code


class BrokerTrouble(Unavailable):
    """The broker cannot be reached, refuses, fell silent, or takes nothing because of an alarm."""

    def __init__(self, code: str, why: str = "") -> None:
        """`code` is a machine word for logs and metrics, `why` what a person reads in its place."""
        super().__init__(f"the broker does not answer ({why or code})")
        self.code = code


class BrokerConnection:
    """A connection that `prepare` sets up each time it comes up."""

    def __init__(
        self,
        url: str,
        *,
        name: str,
        prepare: Callable[[Any], None] = lambda _connection: None,
        lost: Callable[[], None] | None = None,
    ) -> None:
        """`prepare` gets the fresh connection, `lost` is told when it is gone; both run in the reader.

        `name` is what the broker shows for the connection; `user` is as whom it logs in.
        """
        self._url = url
        self.user = unquote(urlsplit(url).username or "guest")
        self._name = name
        self._prepare = prepare
        self._lost = lost
        self._connection: Any = None
        self._ready = threading.Event()
        self._closing = threading.Event()
        self._beginning = threading.Lock()
        self._ready_at = 0.0
        self._reader: threading.Thread | None = None
        self._turned_at = time.monotonic()
        self._fault: BaseException | None = None
        self._outlet: _Outlet | None = None
        self.blocked = False

    @property
    def fault_code(self) -> str:
        """A machine word for why there is no connection."""
        return _code(self._fault)

    @property
    def ready(self) -> bool:
        """Whether the connection is up and prepared."""
        return self._ready.is_set()

    def idle_seconds(self) -> float:
        """Since when the reader has not turned; grows only where something holds it up."""
        return time.monotonic() - self._turned_at

    def begin(self) -> None:
        """Start the reader, which connects; returns at once."""
        with self._beginning:
            if self._reader is None:
                self._reader = threading.Thread(target=self._run, name=f"connection-{self._name}", daemon=True)
                self._reader.start()

    def open(self, *, wait_seconds: float) -> None:
        """Start the reader and wait until the connection is prepared.

        Raises `BrokerRefusedError` as soon as a queue turns out to have other arguments, and at the end of the
        time limit for any other refusal; `Unavailable` where the broker does not answer.
        """
        self.begin()
        if not self.wait_ready(wait_seconds):
            raise self.describe_fault()

    def wait_ready(self, seconds: float) -> bool:
        """Wait for the connection, at most `seconds`; ends early on what no waiting cures."""
        deadline = time.monotonic() + seconds
        while not self._ready.is_set():
            left = deadline - time.monotonic()
            if left <= 0 or isinstance(self._fault, PreconditionFailed):
                return False
            self._ready.wait(min(left, 0.05))
        return True

    def wait_for(self, event: threading.Event, seconds: float, *, complete: Callable[[], bool]) -> bool:  # noqa: ARG002
        """Wait for what the reader tells; whether it did in time. `complete`: see `SingleThreadConnection`."""
        return event.wait(seconds)

    def describe_fault(self) -> Exception:
        """Why the connection is not up, as the exception to raise. Names queues and rights, no passwords."""
        fault = self._fault
        if isinstance(fault, AMQPError) and fault.reply_code in (402, 403, 406, 530):
            return BrokerRefusedError(f"the broker refuses ({fault.reply_code}): {fault.reply_text}", _code(fault))
        return BrokerTrouble(_code(fault), type(fault).__name__ if fault is not None else "no answer yet")

    def close(self, *, wait_seconds: float = 5.0) -> None:
        """Say goodbye to the broker and wait for the reader to end."""
        self._closing.set()
        connection = self._connection
        if connection is not None:
            try:
                # The answer comes in through the reader, which ends on it.
                connection.send_method(spec.Connection.Close, "BsBB", (0, "", 0, 0))
            except FAULTS:
                self._break(connection)
        if self._reader is not None and self._reader is not threading.current_thread():
            self._reader.join(wait_seconds)

    def send(
        self, channel: Any, method: tuple[int, int], form: str, args: tuple[Any, ...], content: Any = None
    ) -> None:
        """Write one method on `channel`; raises `Unavailable` where its connection is gone or stuck."""
        connection = channel.connection
        try:
            channel.send_method(method, form, args, content)
        except FAULTS as error:
            if isinstance(error, OSError):
                self._break(connection)  # half a frame may be on its way: nothing can follow it
            raise BrokerTrouble(_code(error)) from None

    @contextmanager
    def gathered(self) -> Iterator[None]:
        """Hand what is written in this block to the socket together: a system call for each would cost a third."""
        outlet = self._outlet
        if outlet is None:
            raise BrokerTrouble(self.fault_code)
        outlet.hold()
        try:
            yield
        finally:
            try:
                outlet.release()
            except OSError as error:
                self._break(self._connection)
                raise BrokerTrouble(_code(error)) from None

    def acknowledge(self, channel: Any, tag: int, *, multiple: bool = False) -> bool:
        """Acknowledge a delivery; False where its connection is gone and the broker has taken it back."""
        try:
            self.send(channel, spec.Basic.Ack, "Lb", (tag, multiple))
        except Unavailable:
            return False
        return True

    def cancel(self, channel: Any, consumer_tag: str, *, wait_seconds: float = 5.0) -> None:
        """Stop deliveries to a consumer; returns when the broker has said so, or its connection is gone."""
        try:
            self.send(channel, spec.Basic.Cancel, "sb", (consumer_tag, False))
        except Unavailable:
            return
        deadline = time.monotonic() + wait_seconds
        while channel.connection is not None and consumer_tag in channel.callbacks and time.monotonic() < deadline:
            time.sleep(0.01)

    def _run(self) -> None:
        failures = 0
        while not self._closing.is_set():
            try:
                self._live()
                failures = 0
            except FAULTS as error:
                self._fault = error
                failures = 0 if self._stood() else failures + 1
                if not self._closing.is_set():
                    _log.warning("broker_connection_lost", connection=self._name, failures=failures, exc_info=error)
            except Exception as error:  # noqa: BLE001  # the reader must outlive a fault in what it calls
                self._fault = error
                failures += 1
                _log.error("broker_reader_failed", connection=self._name, failures=failures, exc_info=error)
            finally:
                self._ended()
            self._turned_at = time.monotonic()
            self._closing.wait(PAUSES_SECONDS[min(failures, len(PAUSES_SECONDS) - 1)])

    def _stood(self) -> bool:
        """Whether the connection that has just ended had lasted for a while; else the next one comes later."""
        return self._ready.is_set() and time.monotonic() - self._ready_at > STOOD_SECONDS

    def _live(self) -> None:
        try:
            self._read(self._set_up())
        finally:
            self._discard()

    def _set_up(self) -> Any:
        self._connection = connection = self._connect()
        self._prepare(connection)
        connection.transport.sock.settimeout(TURN_SECONDS)
        self._fault = None
        self._ready_at = time.monotonic()
        self._ready.set()
        return connection

    def _discard(self) -> None:
        """Free the connection whatever state it is in; its channels learn that they are gone."""
        connection, self._connection = self._connection, None
        try:
            if connection is not None:
                connection.collect()
        except FAULTS as error:
            _log.debug("connection_ended_untidily", exc_info=error)

    def _connect(self) -> Any:
        url = urlsplit(self._url)
        connection = amqp.Connection(
            f"{url.hostname}:{url.port or DEFAULT_PORT}",
            userid=self.user,
            password=unquote(url.password or ""),
            virtual_host=unquote(url.path.removeprefix("/")),
            heartbeat=HEARTBEAT_SECONDS,
            connect_timeout=CONNECT_SECONDS,
            client_properties={"connection_name": self._name},
            socket_settings=SOCKET_OPTIONS,
            on_blocked=self._on_blocked,
            on_unblocked=self._on_unblocked,
            frame_writer=self._frame_writer,
        )
        connection.connect()
        self.blocked = False
        sock = connection.transport.sock
        sock.settimeout(SETUP_SECONDS)
        # Read what has arrived instead of three small pieces a frame; the transport keeps what is left over.
        connection.transport._quick_recv = lambda size: sock.recv(max(size, RECEIVE_BYTES))  # noqa: SLF001
        return connection

    def _frame_writer(self, connection: Any, transport: Any) -> Any:
        self._outlet = _Outlet(transport)
        return frame_writer(connection, self._outlet)

    def _read(self, connection: Any) -> None:
        frames, looked_after = 0, time.monotonic()
        while connection.connected:
            with suppress(TimeoutError):  # a quiet turn
                connection.drain_events()
            frames += 1
            if frames % YIELD_EVERY_FRAMES == 0:
                time.sleep(0)
            self._turned_at = now = time.monotonic()
            if now - looked_after >= 1.0:
                looked_after = now
                connection.heartbeat_tick()

    def _ended(self) -> None:
        self._ready.clear()
        if self._lost is not None:
            self._lost()

    def _on_blocked(self, _reason: str) -> None:
        self.blocked = True
        _log.warning("broker_blocks_publishers", connection=self._name)

    def _on_unblocked(self) -> None:
        self.blocked = False
        _log.info("broker_accepts_publishers_again", connection=self._name)

    def _break(self, connection: Any) -> None:
        """Shut the socket down, so that the reader notices at once."""
        transport = getattr(connection, "_transport", None)
        sock = getattr(transport, "sock", None)
        if sock is None:
            return
        try:
            sock.shutdown(socket.SHUT_RDWR)
        except OSError:
            _log.debug("socket_was_shut_down_already", connection=self._name)


class SingleThreadConnection(BrokerConnection):
    """A connection of one thread, which reads while it waits. One that is lost is not brought up again.

    For publishing as fast as one thread can: beside a reader it publishes a fifth less (ADR 0029).
    """

    def open(self, *, wait_seconds: float) -> None:  # noqa: ARG002  # each step has a limit of its own
        """Connect. Raises `BrokerRefusedError` and `BrokerTrouble`."""
        try:
            self._set_up()
        except FAULTS as error:
            self._give_up(error)
            raise self.describe_fault() from None

    def wait_for(self, event: threading.Event, seconds: float, *, complete: Callable[[], bool]) -> bool:
        """Read, and look after heartbeats, until what was read sets the event or the time is over.

        What follows at once is read as well, unless `complete` says that nothing more is waited for.
        """
        until = time.monotonic() + seconds
        try:
            while self._connection and not event.is_set() and (left := until - time.monotonic()) > 0:
                self._turn(min(left, 1.0), complete)
        except FAULTS as error:
            self._give_up(error)
        return event.is_set()

    def idle(self, seconds: float, *, until_readable: int) -> None:
        """Wait, at most until the file `until_readable` has something, and meanwhile keep up heartbeats.

        Raises `BrokerTrouble` where the connection is gone.
        """
        connection = self._connection
        if connection is None:
            raise BrokerTrouble(self.fault_code)
        try:
            readable, _, _ = select.select([connection.sock, until_readable], [], [], seconds)
            if connection.sock in readable:
                self._turn(SHORTEST_SECONDS, lambda: True)
            else:
                connection.heartbeat_tick()
        except FAULTS as error:
            self._give_up(error)
            raise BrokerTrouble(_code(error)) from None

    def channel(self) -> Any:
        """A channel of py-amqp; raises `BrokerTrouble` where there is no connection."""
        if self._connection is None:
            raise BrokerTrouble(self.fault_code)
        return self._connection.channel()

    def close(self, *, wait_seconds: float = 5.0) -> None:
        """Say goodbye for a while, then cut: a broker under alarm does not read what we say."""
        connection = self._connection
        if connection is not None:
            with suppress(*FAULTS), connection.transport.having_timeout(wait_seconds):
                connection.close()
        self._discard()
        self._ended()

    def _turn(self, seconds: float, complete: Callable[[], bool]) -> None:
        connection = self._connection
        with suppress(TimeoutError):
            connection.drain_events(timeout=max(seconds, SHORTEST_SECONDS))
            for _ in range(DRAIN_FRAMES):  # what has arrived as well; what it sets free goes out together
                if complete():
                    break
                connection.drain_events(timeout=SHORTEST_SECONDS)
        connection.heartbeat_tick()

    def _give_up(self, error: BaseException) -> None:
        self._fault = error
        self._discard()
        self._ended()


class _Outlet:
    """Stands between py-amqp and its transport, and can hold frames back until there are many."""

    def __init__(self, transport: Any) -> None:
        self._transport = transport
        self._lock = threading.Lock()
        self._held: bytearray | None = None

    def write(self, data: bytes | memoryview) -> None:
        """Pass `data` on, or keep a copy: py-amqp uses its buffer again."""
        with self._lock:
            if self._held is None:
                self._transport.write(data)
                return
            self._held += data
            if len(self._held) >= GATHER_BYTES:
                held, self._held = self._held, bytearray()
                self._transport.write(held)

    def hold(self) -> None:
        """Hold back from now on."""
        with self._lock:
            self._held = bytearray()

    def release(self) -> None:
        """Pass on what was held back, and hold back no more."""
        with self._lock:
            held, self._held = self._held, None
            if held:
                self._transport.write(held)


def _code(fault: BaseException | None) -> str:
    if fault is None:
        return "not_connected"
    if isinstance(fault, AMQPError):
        return f"amqp_{getattr(fault, 'code', 0) or type(fault).__name__.lower()}"
    return type(fault).__name__.lower()


def body_of(message: Any) -> bytes:
    """The bytes of a delivery; py-amqp gives an empty one as text."""
    body = message.body
    return body if isinstance(body, bytes) else str(body).encode()


def look_or_make(connection: Any, declare: Callable[..., None]) -> bool:
    """Look whether the broker has something, and declare it where it is missing; whether it was.

    `declare` gets a channel and `passive`, for whoever may not declare may still look.
    """
    probe = connection.channel()
    try:
        declare(probe, passive=True)
        probe.close()
    except (ChannelError, AmqpConnectionError) as error:
        if error.reply_code != 404:  # noqa: PLR2004  # AMQP: not found
            raise
        with connection.channel() as maker:
            declare(maker, passive=False)
        return True
    return False
