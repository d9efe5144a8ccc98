# SPDX-License-Identifier: Apache-2.0
"""A C++ program of many template instantiations, for the compilers' and the debugger's workloads.

How a compiler is held while its memory is full: it writes its assembly, function by function,
into a pipe that nobody reads, long after it has read all of the program.
"""

import fcntl
import os
import struct
import termios

import workload

HEADERS = ("algorithm array chrono deque functional iostream list map memory numeric optional random "
           "regex set sstream string tuple unordered_map unordered_set variant vector").split()
TYPES = ("int", "double", "std::string", "std::vector<int>", "std::pair<int, std::string>",
         "std::optional<std::string>")
PIPE_IS_FULL = 60000  # bytes: nearly what a pipe holds


def source():
    """The program's text."""
    lines = [f"#include <{header}>" for header in HEADERS]
    lines.append("template <class T> struct Box { T value; int key; "
                 "bool operator<(const Box& other) const { return key < other.key; } };")
    calls = []
    for n in range(36):
        kind = TYPES[n % len(TYPES)]
        lines.append(f"""
struct Tag{n} {{ int id{n} = {n}; std::map<std::string, Box<{kind}>> by_name; std::vector<std::variant<std::monostate, {kind}>> any; }};
int work{n}(Tag{n}& tag, const std::string& text) {{
  std::unordered_map<int, std::shared_ptr<Box<{kind}>>> boxes;
  std::multimap<int, Tag{n}*> order;
  for (int i = 0; i < {n + 3}; ++i) {{
    boxes[i] = std::make_shared<Box<{kind}>>(Box<{kind}>{{{{}}, i}});
    tag.any.emplace_back(std::in_place_index<1>);
    order.emplace(i * {n}, &tag);
  }}
  std::vector<Box<{kind}>> sorted;
  for (auto& [key, box] : boxes) sorted.push_back(*box);
  std::sort(sorted.begin(), sorted.end());
  std::set<std::tuple<int, std::string, Box<{kind}>*>> seen;
  for (auto& box : sorted) {{ seen.emplace(box.key, text + "{n}", &box); tag.by_name.emplace(text, box); }}
  std::function<int(int)> twice = [&, k = {n}](int x) {{ return x * k + static_cast<int>(seen.size()); }};
  std::regex pattern("[a-z]+{n}");
  return std::accumulate(sorted.begin(), sorted.end(), 0, [&](int sum, const auto& box) {{ return sum + twice(box.key); }}) +
         static_cast<int>(std::regex_search(text, pattern));
}}""")
        calls.append(f"  {{ Tag{n} tag; sum += work{n}(tag, argv[0]); }}")
    lines += ["int main(int, char** argv) {", "  int sum = 0;", *calls, "  std::cout << sum;", "}"]
    return "\n".join(lines) + "\n"


def hold(command, name):
    """Starts a compiler that writes to the pipe `out.s` and says when that is full."""
    os.mkfifo("out.s")
    reader = os.open("out.s", os.O_RDONLY | os.O_NONBLOCK)
    compiler = workload.start(command)

    def full():
        waiting = fcntl.ioctl(reader, termios.FIONREAD, struct.pack("i", 0))
        return struct.unpack("i", waiting)[0] >= PIPE_IS_FULL

    workload.wait_for(full, compiler, name)
    workload.ready(compiler.pid)
