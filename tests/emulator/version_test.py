#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""VERSION."""

import errno
import json
import struct

from fixture import EmulatorTest, main
from vfio_user import GET_INFO, VERSION


def proposal(text, major=0, minor=1):
    return struct.pack("=HH", major, minor) + text


class VersionTest(EmulatorTest):
    def setUp(self):
        self.new = self.client(negotiate=False)

    def refuse(self, payload, code=errno.EINVAL):
        with self.refused(code):
            self.new.request(VERSION, payload)
        self.new.version()  # nothing has been agreed: it may try again
        self.assertServes(self.new)

    def test_too_short(self):
        self.refuse(b"\0\0\0")

    def test_another_major_version(self):
        self.refuse(proposal(b"{}\0", major=1), errno.ENOTSUP)

    def test_text_without_its_end(self):
        self.refuse(proposal(b"{}"))

    def test_text_that_is_no_json(self):
        self.refuse(proposal(b'{"capabilities": \0'))

    def test_json_that_is_no_object(self):
        self.refuse(proposal(b"[1]\0"))

    def test_capabilities_that_are_no_object(self):
        self.refuse(proposal(b'{"capabilities": 3}\0'))

    def test_deep_json(self):
        self.refuse(proposal(b"[" * 10000 + b"\0"))

    def test_long_json(self):
        self.refuse(proposal(b'{"x": "' + b"y" * 20000 + b'"}\0'))

    def test_bytes_that_are_no_text(self):
        self.refuse(proposal(b'{"capabilities": {"max_msg_fds": "\xff\xfe"}}\0'))

    def test_wrong_types(self):
        for name, value in (("max_msg_fds", -1), ("max_msg_fds", 1.5), ("max_data_xfer_size", "1"),
                            ("max_data_xfer_size", 0), ("write_multiple", 1)):
            with self.subTest(name=name, value=value):
                text = json.dumps({"capabilities": {name: value}}).encode()
                with self.refused():
                    self.new.request(VERSION, proposal(text + b"\0"))

    def test_another_message_comes_first(self):
        with self.refused():
            self.new.request(GET_INFO, struct.pack("=IIII", 16, 0, 0, 0))

    def test_twice(self):
        self.new.version()
        with self.refused():
            self.new.request(VERSION, proposal(b"{}\0"))
        self.assertServes(self.new)

    def test_capabilities(self):
        got = self.new.version({"max_msg_fds": 8, "write_multiple": True, "unknown": [1, {}]})
        self.assertEqual(got["max_data_xfer_size"], 1 << 20)
        self.assertEqual(got["pgsizes"], 4096)
        self.assertGreaterEqual(got["max_msg_fds"], 9)
        self.assertGreaterEqual(got["max_dma_maps"], 1024)
        self.assertIs(got["write_multiple"], True)

    def test_only_proposed_capabilities_are_agreed(self):
        self.assertNotIn("write_multiple", self.new.version({}))

    def test_no_capabilities(self):
        payload, _ = self.new.request(VERSION, struct.pack("=HH", 0, 0))
        self.assertEqual(struct.unpack("=HH", payload[:4]), (0, 0))
        self.assertServes(self.new)

    def test_a_later_minor_version(self):
        self.new.version(minor=9)


if __name__ == "__main__":
    main()
