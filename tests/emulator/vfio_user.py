# SPDX-License-Identifier: Apache-2.0
"""A vfio-user client as small as it gets, written from the protocol and not from the server.

Client sends any message, also wrong ones, and answers the server's DMA messages from `memory`
while it waits for replies. Limitation: one request at a time, unless send() and reply() are used.
"""

import array
import json
import socket
import struct

(VERSION, DMA_MAP, DMA_UNMAP, GET_INFO, GET_REGION_INFO, GET_REGION_IO_FDS, GET_IRQ_INFO, SET_IRQS,
 REGION_READ, REGION_WRITE, DMA_READ, DMA_WRITE, DEVICE_RESET) = range(1, 14)
WRITE_MULTI, DEVICE_FEATURE = 15, 16

TYPE_MASK, REPLY, NO_REPLY, ERROR = 0xF, 1, 0x10, 0x20
HEADER = struct.Struct("=HHIII")  # id, command, size, flags, errno

BAR0, BAR2, CONFIG = 0, 2, 7
MSIX = 2  # interrupt index
MAP_READ, MAP_WRITE = 1, 2
DATA_NONE, DATA_BOOL, DATA_EVENTFD = 1, 2, 4
ACTION_MASK, ACTION_UNMASK, ACTION_TRIGGER = 8, 16, 32

PATIENCE = 30  # seconds for what takes milliseconds, on a loaded machine


class Closed(Exception):
    """The server has closed the connection."""


class Refused(Exception):
    """An error reply; .errno is its reason."""

    def __init__(self, errno):
        super().__init__(f"errno {errno}")
        self.errno = errno


def packed(command, payload=b"", *, ident=1, flags=0, size=None, error=0):
    size = HEADER.size + len(payload) if size is None else size
    return HEADER.pack(ident, command, size, flags, error) + payload


class Client:
    def __init__(self, path, negotiate=True, memory=None):
        self.socket = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.socket.connect(str(path))  # without a time-out it waits for room in the backlog
        self.socket.settimeout(PATIENCE)
        self.memory = memory  # answers DMA messages: read(address, count), write(address, data)
        self.dma_messages = 0
        self.next_id = 1
        if negotiate:
            self.capabilities = self.version()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.socket.close()

    # ---- Messages

    def send_raw(self, data, fds=()):
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        sent = self.socket.sendmsg([data], rights)
        self.socket.sendall(data[sent:])

    def send(self, command, payload=b"", fds=(), **header):
        self.next_id = (self.next_id + 1) & 0xFFFF
        header.setdefault("ident", self.next_id)
        self.send_raw(packed(command, payload, **header), fds)
        return header["ident"]

    def receive(self):
        """The next message: (id, command, flags, errno, payload, fds)."""
        data, fds = b"", array.array("i")
        size = HEADER.size
        while len(data) < size:
            try:
                part, rights, _, _ = self.socket.recvmsg(size - len(data), socket.CMSG_SPACE(64))
            except (ConnectionResetError, BrokenPipeError) as error:
                raise Closed from error
            if not part:
                raise Closed
            data += part
            for level, kind, content in rights:
                if (level, kind) == (socket.SOL_SOCKET, socket.SCM_RIGHTS):
                    fds.frombytes(content[: len(content) - len(content) % fds.itemsize])
            if len(data) == HEADER.size:
                size = HEADER.unpack(data)[2]
        ident, command, _, flags, error = HEADER.unpack(data[: HEADER.size])
        return ident, command, flags, error, data[HEADER.size :], list(fds)

    def reply(self, ident, command):
        """The reply to a request; DMA messages that come before it are answered."""
        while True:
            got, kind, flags, error, payload, fds = self.receive()
            if flags & TYPE_MASK != REPLY:
                self.answer(got, kind, payload)
                continue
            assert (got, kind) == (ident, command), (got, kind, ident, command)
            if flags & ERROR:
                assert not payload
                raise Refused(error)
            return payload, fds

    def request(self, command, payload=b"", fds=(), **header):
        return self.reply(self.send(command, payload, fds, **header), command)

    def answer(self, ident, command, payload):
        """Answers a DMA message of the server."""
        self.dma_messages += 1
        address, count = struct.unpack("=QQ", payload[:16])
        if command == DMA_READ:
            data = self.memory.read(address, count)
        else:
            self.memory.write(address, payload[16:])
            data = b""
        self.send_raw(packed(command, payload[:16] + data, ident=ident, flags=REPLY))

    # ---- Requests

    def version(self, capabilities=None, major=0, minor=1):
        data = json.dumps({"capabilities": capabilities or {"max_msg_fds": 8}}).encode() + b"\0"
        payload, _ = self.request(VERSION, struct.pack("=HH", major, minor) + data)
        assert struct.unpack("=HH", payload[:4]) == (0, min(minor, 1)), payload
        assert payload[-1] == 0
        return json.loads(payload[4:-1])["capabilities"]

    def read(self, region, offset, count):
        payload, _ = self.request(REGION_READ, struct.pack("=QII", offset, region, count))
        assert struct.unpack("=QII", payload[:16]) == (offset, region, count)
        return payload[16:]

    def write(self, region, offset, data):
        head = struct.pack("=QII", offset, region, len(data))
        payload, _ = self.request(REGION_WRITE, head + data)
        assert payload == head

    def read32(self, offset, region=BAR0):
        return struct.unpack("<I", self.read(region, offset, 4))[0]

    def write32(self, offset, value, region=BAR0):
        self.write(region, offset, struct.pack("<I", value))

    def map(self, address, size, flags=MAP_READ | MAP_WRITE, fd=None, offset=0):
        self.request(DMA_MAP, struct.pack("=IIQQQ", 32, flags, offset, address, size),
                     [] if fd is None else [fd])

    def unmap(self, address, size, flags=0):
        request = struct.pack("=IIQQ", 24, flags, address, size)
        payload, _ = self.request(DMA_UNMAP, request)
        assert payload == request

    def region_info(self, index, argsz=64):
        """(argsz, flags, index, cap_offset, size, offset), what follows it, descriptors."""
        payload, fds = self.request(GET_REGION_INFO, struct.pack("=IIIIQQ", argsz, 0, index, 0, 0, 0))
        return struct.unpack("=IIIIQQ", payload[:32]), payload[32:], fds

    def irq_info(self, index):
        payload, _ = self.request(GET_IRQ_INFO, struct.pack("=IIII", 16, 0, index, 0))
        return struct.unpack("=IIII", payload)

    def set_irqs(self, flags, start, count, fds=(), data=b"", index=MSIX):
        payload = struct.pack("=IIIII", 20 + len(data), flags, index, start, count) + data
        self.request(SET_IRQS, payload, fds)

    def reset(self):
        self.request(DEVICE_RESET)

    def enable_bus_master(self):
        self.write(CONFIG, 4, struct.pack("<H", 0x6))  # memory and bus master
