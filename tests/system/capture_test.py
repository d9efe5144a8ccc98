#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""pagepress capture --pid: exactly the resident anonymous pages, or a clear error."""

import collections
import json
import os
import pathlib
import resource
import signal
import stat
import struct
import subprocess
import time
import unittest

import harness
from harness import CAPTURE_TARGET, PAGE, PAGEPRESS, is_dead, state_of, wait_until

MAGIC = 0x7061676570726573
# As in capture_target.cpp.
(WRITTEN, EVEN_PAGES, FILE_READ, FILE_WRITTEN, SHARED_ANONYMOUS, SHARED_FILE, PROTECTED, DROPPED,
 CHILD, BIG, PARENT_AND_CHILD) = range(1, 12)
NOBODY = 65534


def known_pages(data):
    """How often each (region, index) of capture_target is among the pages."""
    found = collections.Counter()
    for at in range(0, len(data), PAGE):
        magic, region, index = struct.unpack_from("<QQQ", data, at)
        if magic == MAGIC:
            found[region, index] += 1
    return found


def once(region, indices):
    return {(region, index): 1 for index in indices}


# What a target without options holds.
EXPECTED = {**once(WRITTEN, range(300)), **once(EVEN_PAGES, range(0, 200, 2)),
            **once(FILE_WRITTEN, range(0, 90, 3)), **once(PROTECTED, range(60))}


class Contents(harness.SystemTest):
    def capture(self, target, *options, **environment):
        path = self.out / "pages"
        result = self.succeed("capture", "-o", path, "--pid", target.pid, "--json", "-", *options,
                              env={**os.environ, **environment})
        return path.read_bytes(), json.loads(result.stdout)

    def test_exactly_the_resident_anonymous_pages(self):
        data, summary = self.capture(self.start_target())
        self.assertEqual(known_pages(data), EXPECTED)
        self.assertEqual(len(data), summary["pages"] * PAGE)

    def test_page_contents(self):
        data, _ = self.capture(self.start_target())
        for at in range(0, len(data), PAGE):
            magic, region, index = struct.unpack_from("<QQQ", data, at)
            if magic == MAGIC:
                body = bytes([region * 16 + index % 16]) * (PAGE - 24)
                if region == FILE_WRITTEN:
                    body = body[:-1] + b"\xcc"
                self.assertEqual(data[at + 24:at + PAGE], body, f"region {region}, page {index}")

    def test_zero_pages_count_if_written_and_not_if_only_read(self):
        data, summary = self.capture(self.start_target())
        zero = sum(not any(data[at:at + PAGE]) for at in range(0, len(data), PAGE))
        self.assertEqual(summary["zero_pages"], zero)
        self.assertGreaterEqual(zero, 256)
        self.assertLess(zero, 256 + 100)  # the C library has a few
        self.assertGreaterEqual(summary["same_filled_pages"], zero + 200)

    def test_the_same_on_kernels_without_pagemap_scan(self):
        target = self.start_target()

        def found(*options, **environment):
            # Not the bytes: the kernel notes in a thread's memory on which CPU it runs.
            data, summary = self.capture(target, *options, **environment)
            return known_pages(data), summary

        expected = found()
        some = found("--max-pages", 500)
        # A sanitizer's library wants to be the first that is loaded.
        without = {"LD_PRELOAD": os.environ["NO_PAGEMAP_SCAN"],
                   "ASAN_OPTIONS": "verify_asan_link_order=0"}
        # 2^44 bytes are only reserved in the target: smaps keeps capture from walking them.
        started = time.monotonic()
        self.assertEqual(found(**without), expected)
        self.assertEqual(found("--max-pages", 500, **without), some)
        self.assertLess(time.monotonic() - started, harness.PATIENCE)

    def test_same_pages_while_it_runs(self):
        data, summary = self.capture(self.start_target(), "--no-stop")
        self.assertEqual(known_pages(data), EXPECTED)
        self.assertFalse(summary["stopped"])

    def test_a_process_with_threads(self):
        data, _ = self.capture(self.start_target("--threads"))
        self.assertEqual(known_pages(data), EXPECTED)

    def test_a_process_whose_main_thread_has_ended(self):
        target = self.start_target("--threads", "--main-ends")
        wait_until(lambda: state_of(target.pid) == "Z", "the main thread has ended")
        for option in ([], ["--no-stop"]):
            data, _ = self.capture(target, *option)
            self.assertEqual(known_pages(data), EXPECTED)
        self.assertIsNone(target.poll())
        target.kill()
        self.assertEqual(target.wait(harness.PATIENCE), -signal.SIGKILL)

    def test_children_only_if_asked_for(self):
        target = self.start_target("--fork")
        children = wait_until(lambda: [int(pid) for pid in pathlib.Path(
            f"/proc/{target.pid}/task/{target.pid}/children").read_text().split()], "the child")
        wait_until(lambda: state_of(children[0]) == "S", "the child sleeps")
        alone = {**EXPECTED, **once(PARENT_AND_CHILD, range(40))}
        data, summary = self.capture(target)
        self.assertEqual(known_pages(data), alone)
        self.assertEqual([p["pid"] for p in summary["processes"]], [target.pid])
        data, summary = self.capture(target, "--children")
        self.assertEqual([p["pid"] for p in summary["processes"]], [target.pid, *children])
        both = {page: 2 * count for page, count in alone.items()}
        self.assertEqual(known_pages(data), {**both, **once(CHILD, range(30))})

    def test_max_pages_are_evenly_spaced(self):
        target = self.start_target("--big", 16)
        data, summary = self.capture(target, "--max-pages", 500)
        self.assertEqual(summary["pages"], 500)
        self.assertEqual(len(data), 500 * PAGE)
        total = summary["processes"][0]["resident_anonymous_pages"]
        big = sorted(index for region, index in known_pages(data) if region == BIG)
        gaps = {b - a for a, b in zip(big, big[1:])}
        self.assertLessEqual(gaps, {total // 500, total // 500 + 1})

    def test_max_pages_above_what_there_is(self):
        data, _ = self.capture(self.start_target(), "--max-pages", 10**6)
        self.assertEqual(known_pages(data), EXPECTED)

    def test_the_file_is_for_its_owner_only(self):
        path = self.out / "pages"
        self.succeed("capture", "-o", path, "--pid", self.start_target().pid)
        self.assertEqual(stat.S_IMODE(path.stat().st_mode), 0o600)


class Process(harness.SystemTest):
    def test_runs_on_afterwards(self):
        target = self.start_target("--threads")
        self.succeed("capture", "-o", self.out / "pages", "--pid", target.pid)
        self.assertEqual(state_of(target.pid), "S")
        self.assertIn("TracerPid:\t0\n", pathlib.Path(f"/proc/{target.pid}/status").read_text())
        target.terminate()
        self.assertEqual(target.wait(harness.PATIENCE), -signal.SIGTERM)

    def test_a_stopped_process_stays_stopped(self):
        target = self.start_target()
        target.send_signal(signal.SIGSTOP)
        wait_until(lambda: state_of(target.pid) == "T", "the target is stopped")
        self.succeed("capture", "-o", self.out / "pages", "--pid", target.pid)
        wait_until(lambda: state_of(target.pid) == "T", "the target is stopped again")

    def test_runs_on_after_an_error(self):
        target = self.start_target("--big", 8)
        self.fail_with(1, ["/dev/full", "No space left on device"],
                       "capture", "-o", "/dev/full", "--pid", target.pid)
        wait_until(lambda: state_of(target.pid) == "S", "the target runs on")

    def start_blocked_capture(self, target, *options):
        """A capture into a FIFO that nobody empties: it stands in the middle of its work."""
        fifo = self.folder / "fifo"
        os.mkfifo(fifo)
        capture = self.start_pagepress("capture", "-o", fifo, "--pid", target.pid, *options)
        reader = open(fifo, "rb", buffering=0)
        self.addCleanup(reader.close)
        self.assertTrue(reader.read(1))  # some of it has been written, most has not
        return capture, reader

    def test_stands_still_meanwhile(self):
        target = self.start_target("--big", 8)
        self.start_blocked_capture(target)
        self.assertEqual(state_of(target.pid), "t")

    def test_runs_meanwhile_if_asked_for(self):
        target = self.start_target("--big", 8)
        self.start_blocked_capture(target, "--no-stop")
        self.assertEqual(state_of(target.pid), "S")

    def test_runs_on_if_pagepress_is_killed(self):
        target = self.start_target("--big", 8)
        capture, _ = self.start_blocked_capture(target)
        capture.kill()
        wait_until(lambda: state_of(target.pid) == "S", "the target runs on")

    def test_runs_on_if_pagepress_is_interrupted(self):
        target = self.start_target("--big", 8)
        capture, reader = self.start_blocked_capture(target)
        capture.send_signal(signal.SIGINT)
        while reader.read(1 << 16):
            pass
        self.assertEqual(capture.wait(harness.PATIENCE), -signal.SIGINT)
        wait_until(lambda: state_of(target.pid) == "S", "the target runs on")

    def test_another_tracer_is_named(self):
        target = self.start_target("--big", 8)
        self.start_blocked_capture(target)
        self.fail_with(1, [f"cannot stop process {target.pid}", "(pagepress) traces it", "--no-stop"],
                       "capture", "-o", self.out / "pages", "--pid", target.pid)
        self.succeed("capture", "-o", self.out / "pages", "--pid", target.pid, "--no-stop")

    def exits_while_captured(self, *options):
        target = self.start_target("--big", 16)
        capture, reader = self.start_blocked_capture(target, *options)
        target.kill()
        wait_until(lambda: is_dead(target.pid), "the target is dead")
        while reader.read(1 << 16):
            pass
        _, errors = capture.communicate(timeout=harness.PATIENCE)
        self.assertEqual(capture.returncode, 1)
        self.assertEqual(errors,
                         f"pagepress: error: process {target.pid} exited while it was captured\n")

    def test_exits_while_captured(self):
        self.exits_while_captured()

    def test_exits_while_captured_and_running(self):
        self.exits_while_captured("--no-stop")

    def test_exits_while_captured_into_a_file(self):
        """The same with a regular file: neither it nor its temporary file stays."""
        size = 128 << 20
        target = self.start_target("--big", size >> 20)
        path = self.out / "pages"

        def written():
            sizes = [entry.stat().st_size for entry in os.scandir(self.out)]
            return sizes[0] if sizes else 0

        for _ in range(50):  # until it is caught in the middle
            capture = self.start_pagepress("capture", "-o", path, "--pid", target.pid)
            wait_until(lambda: written() > 0 or capture.poll() is not None, "some pages")
            capture.send_signal(signal.SIGSTOP)
            wait_until(lambda: state_of(capture.pid) in "TZ", "pagepress is stopped")
            if not path.exists() and 0 < written() < size:
                break
            capture.kill()
            capture.wait()
            for entry in os.scandir(self.out):
                os.unlink(entry)
        else:
            self.fail("pagepress was never caught in the middle of its work")
        target.kill()
        wait_until(lambda: is_dead(target.pid), "the target is dead")
        capture.send_signal(signal.SIGCONT)
        _, errors = capture.communicate(timeout=harness.PATIENCE)
        self.assertEqual(capture.returncode, 1, errors)
        self.assertIn(f"process {target.pid} exited while it was captured", errors)
        self.assertNothingWritten()


class Errors(harness.SystemTest):
    def capture_fails(self, expected, pid, code=1):
        self.fail_with(code, expected, "capture", "-o", self.out / "pages", "--pid", pid)

    def test_no_such_process(self):
        target = self.start_target()
        target.kill()
        target.wait()
        self.capture_fails(f"there is no process {target.pid}", target.pid)

    def test_a_zombie(self):
        target = self.start_target()
        target.kill()
        wait_until(lambda: state_of(target.pid) == "Z", "the target is a zombie")
        self.capture_fails(["has exited", "zombie"], target.pid)

    def test_a_kernel_thread(self):
        kernel_threads = [int(entry.name) for entry in pathlib.Path("/proc").iterdir()
                          if entry.name.isdigit() and not os.path.exists(entry / "exe")
                          and "(kthreadd)" in (entry / "stat").read_text()]
        if not kernel_threads:
            self.skipTest("no kernel threads are seen in this PID namespace")
        self.capture_fails("is a kernel thread", kernel_threads[0])

    def test_numbers_that_are_no_pid(self):
        for pid in ("0", "-1", "99999999999999999999", "1x", ""):
            with self.subTest(pid):
                self.capture_fails("--pid", pid, code=2)

    def test_a_process_that_may_not_be_read(self):
        target = self.start_target("--undumpable")
        path = self.folder / "open" / "pages"
        path.parent.mkdir()
        os.chmod(self.folder, 0o755)
        os.chmod(path.parent, 0o777)
        drop = {"user": NOBODY, "group": NOBODY, "extra_groups": []} if os.geteuid() == 0 else {}
        if drop and subprocess.run(["test", "-x", PAGEPRESS], check=False, **drop).returncode != 0:
            self.skipTest("the build folder is closed to user nobody")
        for option in ([], ["--no-stop"]):
            self.fail_with(1, [f"not permitted to read the memory of process {target.pid}"],
                           "capture", "-o", path, "--pid", target.pid, *option, **drop)
            self.assertEqual(os.listdir(path.parent), [])
            self.assertEqual(state_of(target.pid), "S")

    def test_an_output_below_a_regular_file(self):
        target = self.start_target()
        plain = self.folder / "plain"
        plain.write_text("x")
        self.fail_with(1, [plain / "pages", "Not a directory"],
                       "capture", "-o", plain / "pages", "--pid", target.pid)

    def test_an_output_that_is_a_directory(self):
        self.fail_with(1, [self.out, "is a directory"],
                       "capture", "-o", self.out, "--pid", self.start_target().pid)

    def test_an_older_file_survives_an_error(self):
        older = self.folder / "older"
        older.write_bytes(b"older")
        self.fail_with(1, "there is no process", "capture", "-o", older, "--pid", 1 << 29)
        self.assertEqual(older.read_bytes(), b"older")

    def test_a_limit_on_file_sizes(self):
        target = self.start_target("--big", 8)
        self.fail_with(1, [self.out / "pages", "File too large"],
                       "capture", "-o", self.out / "pages", "--pid", target.pid,
                       preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE,
                                                             (2 << 20, 2 << 20)))

    def test_a_full_disk(self):
        target = self.start_target("--big", 8)
        script = ('mount -t tmpfs -o size=2m tmpfs "$1" || exit 77\n'
                  '"$2" capture -o "$1/pages" --pid "$3"; code=$?\n'
                  'ls -A "$1"; exit $code')
        result = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", self.out, PAGEPRESS,
                                 str(target.pid)], capture_output=True, text=True, check=False)
        if result.returncode == 77 or result.stderr.startswith("unshare: "):
            self.skipTest("this user may not mount a tmpfs")
        self.assertEqual(result.returncode, 1)
        self.assertEqual(result.stderr, f"pagepress: error: {self.out}/pages: cannot write the file:"
                                        " No space left on device\n")
        self.assertEqual(result.stdout, "")

    def test_a_json_file_that_cannot_be_written(self):
        target = self.start_target()
        self.fail_with(1, "/proc/none.json", "capture", "-o", self.out / "pages",
                       "--pid", target.pid, "--json", "/proc/none.json")


if __name__ == "__main__":
    unittest.main()
