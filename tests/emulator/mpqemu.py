# SPDX-License-Identifier: Apache-2.0
"""What QEMU's x-pci-proxy-dev and qtest are to a server of `--qemu-proxy`: its messages, a guest's
memory, and the interrupts that arrive as qtest's writes. Written from QEMU 7.2's
include/hw/remote/mpqemu-link.h and hw/remote/proxy.c.
"""

import array
import select
import signal
import socket
import struct
import subprocess

from fixture import PAGEPRESS
from vfio_user import BAR0, CONFIG, PATIENCE

(SYNC_SYSMEM, RETURN, CONFIG_WRITE, CONFIG_READ, BAR_WRITE, BAR_READ, SET_IRQFD,
 DEVICE_RESET) = range(8)
HEADER = struct.Struct("<iIQ")
CONFIG_BODY = struct.Struct("<IIi")
BAR_BODY = struct.Struct("<QQIB3x")
ALL_ONES = (1 << 64) - 1

BARS = {BAR0: 0xFE00_0000, 2: 0xFE20_0000}  # where the tests' firmware puts them


class Qemu:
    """The peer of one server, which it starts. Has the interface of vfio_user.Client that
    engine.Queue needs."""

    def __init__(self, *options):
        self.proxy, proxy = socket.socketpair()
        self.qtest, qtest = socket.socketpair()
        self.proxy.settimeout(PATIENCE)
        self.qtest.settimeout(PATIENCE)
        self.written = b""  # to qtest, and not yet taken
        self.server = subprocess.Popen(
            [PAGEPRESS, "emulate", "--qemu-proxy", str(proxy.fileno()), "--qtest",
             str(qtest.fileno()), *options], pass_fds=(proxy.fileno(), qtest.fileno()),
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        proxy.close()
        qtest.close()

    def close(self):
        """QEMU goes; (exit code, standard output, standard error) of the server."""
        self.proxy.close()
        self.qtest.close()
        return self.ended()

    def ended(self):
        out, errors = self.server.communicate(timeout=PATIENCE)
        return self.server.returncode, out, errors

    def kill(self):
        for end in (self.proxy, self.qtest):
            end.close()
        if self.server.poll() is None:
            self.server.send_signal(signal.SIGKILL)
            self.server.wait()
        self.server.stdout.close()
        self.server.stderr.close()

    # ---- Messages

    def send(self, command, body=b"", fds=()):
        rights = [(socket.SOL_SOCKET, socket.SCM_RIGHTS, array.array("i", fds))] if fds else []
        self.proxy.sendmsg([HEADER.pack(command, 0, len(body)), body], rights)

    def request(self, command, body=b""):
        self.send(command, body)
        reply = b""
        while len(reply) < HEADER.size + 8:
            part = self.proxy.recv(HEADER.size + 8 - len(reply))
            assert part, "the server has gone"
            reply += part
        assert HEADER.unpack(reply[: HEADER.size]) == (RETURN, 0, 8), reply
        return struct.unpack("<Q", reply[HEADER.size :])[0]

    def sync_memory(self, ranges):
        """ranges: (guest-physical address, size, offset, descriptor)."""
        columns = [[r[i] for r in ranges] + [0] * (8 - len(ranges)) for i in range(3)]
        self.send(SYNC_SYSMEM, struct.pack("<24Q", *(n for column in columns for n in column)),
                  [r[3] for r in ranges])

    def read_config(self, at, count):
        return self.request(CONFIG_READ, CONFIG_BODY.pack(at, 0, count))

    def write_config(self, at, value, count):
        return self.request(CONFIG_WRITE, CONFIG_BODY.pack(at, value, count))

    def read_at(self, address, count=4, memory=1):
        return self.request(BAR_READ, BAR_BODY.pack(address, 0, count, memory))

    def write_at(self, address, value, count=4, memory=1):
        return self.request(BAR_WRITE, BAR_BODY.pack(address, value, count, memory))

    # ---- As a client

    def start(self):
        """What firmware and a kernel do before a driver: BARs, memory space and bus master."""
        for bar, base in BARS.items():
            self.write_config(0x10 + 4 * bar, base, 4)
        self.write_config(4, 0x6, 2)

    def read32(self, offset, region=BAR0):
        return self.read_at(BARS[region] + offset)

    def write32(self, offset, value, region=BAR0):
        assert self.write_at(BARS[region] + offset, value) == 0

    def write(self, region, offset, data):
        assert region != CONFIG
        assert self.write_at(BARS[region] + offset, int.from_bytes(data, "little"), len(data)) == 0

    def interrupt(self, wait=PATIENCE):
        """The next message, (address, data), or None if none comes in time; qtest says OK."""
        while b"\n" not in self.written:
            if not select.select([self.qtest], [], [], wait)[0]:
                return None
            part = self.qtest.recv(4096)
            assert part, "the server has gone"
            self.written += part
        line, self.written = self.written.split(b"\n", 1)
        self.qtest.sendall(b"OK\n")
        word, address, data = line.split()
        assert word == b"writel", line
        return int(address, 16), int(data, 16)
