#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""What all messages have in common: sizes, types, ids, flags, pieces; and unknown commands."""

import errno
import os
import struct
import time

from fixture import EmulatorTest, main
from vfio_user import (DEVICE_FEATURE, ERROR, GET_INFO, NO_REPLY, REPLY, Closed, packed)

INFO = struct.pack("=IIII", 16, 0, 0, 0)


class HeaderTest(EmulatorTest):
    def assertCloses(self, data):
        client = self.client()
        with self.assertRaises((Closed, BrokenPipeError)):
            client.send_raw(data)
            client.receive()
        self.assertServesNext()

    def test_shorter_than_itself(self):
        for size in (0, 15):
            self.assertCloses(packed(GET_INFO, size=size))

    def test_too_long(self):
        for size in (1 << 21, 0xFFFFFFFF):
            self.assertCloses(packed(GET_INFO, size=size))

    def test_unknown_type(self):
        self.assertCloses(packed(GET_INFO, INFO, flags=2))

    def test_unknown_commands(self):
        client = self.client()
        for command in (0, 11, 12, 14, 17, 18, 99, 0xFFFF):  # 11, 12 are the server's own
            with self.refused(errno.ENOTSUP):
                client.request(command, bytes(64))
        self.assertServes(client)

    def test_no_device_feature(self):
        client = self.client()
        for payload in (b"", struct.pack("=II", 8, 1 | 1 << 16), struct.pack("=II", 8, 2 | 1 << 18)):
            with self.refused(errno.ENOTTY):
                client.request(DEVICE_FEATURE, payload)
        self.assertServes(client)

    def test_replies_that_nobody_waits_for(self):
        client = self.client()
        for i in range(100):
            client.send_raw(packed(11, bytes(32), ident=i, flags=REPLY))
        self.assertServes(client)

    def test_ids_are_the_clients(self):
        client = self.client()
        for ident in (0, 7, 7, 0xFFFF):
            client.send(GET_INFO, INFO, ident=ident)
            self.assertEqual(client.receive()[:2], (ident, GET_INFO))

    def test_no_reply(self):
        client = self.client()
        client.send(GET_INFO, INFO, flags=NO_REPLY)
        client.send(99, flags=NO_REPLY)  # an error has no reply either
        self.assertServes(client)

    def test_an_error_reply_is_a_header(self):
        client = self.client()
        ident = client.send(99, b"abc")
        self.assertEqual(client.receive(), (ident, 99, REPLY | ERROR, errno.ENOTSUP, b"", []))

    def test_a_message_in_pieces(self):
        client = self.client()
        for byte in packed(GET_INFO, INFO, ident=5):
            client.send_raw(bytes([byte]))
            time.sleep(0.0005)
        self.assertEqual(client.receive()[0], 5)

    def test_many_messages_at_once(self):
        client = self.client()
        client.send_raw(b"".join(packed(GET_INFO, INFO, ident=i) for i in range(500)))
        self.assertEqual([client.receive()[0] for _ in range(500)], list(range(500)))

    def test_too_many_descriptors(self):
        client = self.client()
        for count in (17, 100):
            with self.refused():
                client.request(GET_INFO, INFO, [0] * count)
        self.assertServes(client)

    def test_descriptors_nobody_wants_are_closed(self):
        client = self.client()
        fds = f"/proc/{self.server.process.pid}/fd"
        before = len(os.listdir(fds))
        for _ in range(50):
            client.request(GET_INFO, INFO, [0] * 16)
        self.assertEqual(len(os.listdir(fds)), before)



if __name__ == "__main__":
    main()
