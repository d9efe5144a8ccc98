#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Makes the corpus that figures of the engine are given for: pages of real programs and files.
#
#   scripts/make_corpus.sh DIR [PROGRAM...]    default: every program of scripts/workloads
#
# DIR/process/PROGRAM.pages: anonymous pages of a real program at work, captured by `pagepress
# capture`; at most PP_CORPUS_PAGES of them (1200), evenly spaced. The workloads are in
# scripts/workloads: data from fixed seeds, an almost empty environment, an own folder; nothing
# of the live system is in them but Debian's files.
# DIR/file/KIND.pages: pages of files of Debian packages (scripts/make_file_pages.py).
#
# Takes about a minute. DIR must not exist yet; it appears when it is complete. Limitation:
# process pages hold addresses and what threads did when, so that a second corpus has other
# bytes; its figures are alike (docs/engine-bench.md). File pages are the same as long as
# the packages are.
set -euo pipefail
usage() {
  sed -n '3,16s/^# \{0,1\}//p' "$0"
}
if [[ ${1-} == -h || ${1-} == --help ]]; then
  usage
  exit 0
fi
if [[ $# -lt 1 || $1 == -* ]]; then
  usage >&2
  exit 2
fi
out=$(realpath -m -- "$1")
shift
cd "$(dirname "${BASH_SOURCE[0]}")/.."
root=$PWD
pages=${PP_CORPUS_PAGES:-1200}
patience=300  # seconds for a program to get ready

fail() {
  echo "make_corpus.sh: $*" >&2
  exit 1
}

programs=(redis python numpy gcc clang node sqlite perl git gdb yosys)
for name in "$@"; do
  [[ " ${programs[*]} " == *" $name "* ]] ||
    { echo "make_corpus.sh: unknown program '$name'; there are: ${programs[*]}" >&2; exit 2; }
done
[[ $# -gt 0 ]] && programs=("$@")
[[ $pages =~ ^[1-9][0-9]*$ ]] || { echo "make_corpus.sh: PP_CORPUS_PAGES is not a number" >&2; exit 2; }
[[ ! -e $out ]] || fail "$out is there already"
mkdir -p "$(dirname "$out")"

# PAGEPRESS: another build's program, and then nothing is built.
if [[ -z ${PAGEPRESS-} ]]; then
  scripts/build.sh release pagepress >&2
  PAGEPRESS=$root/build/release/bin/pagepress
fi

part=$(mktemp -d "$out.part.XXXXXX")  # beside DIR: it is renamed at the end
run=$(mktemp -d /tmp/pp-corpus.XXXXXX)  # short: a socket's path holds 107 bytes
workload=
stop() {
  if [[ -n $workload ]]; then
    kill "$workload" 2>/dev/null || true  # what it started ends with it
    wait "$workload" 2>/dev/null || true
    workload=
  fi
}
finish() {
  stop
  rm -rf "$part" "$run"
}
trap finish EXIT
trap 'exit 130' INT
trap 'exit 143' TERM HUP

# Runs one workload, captures its program when it says that it is ready.
capture() {
  local name=$1 folder=$run/$1 deadline=$((SECONDS + patience)) pid
  mkdir "$folder"
  : >"$run/$name.out"
  (
    cd "$folder"
    exec env -i PATH=/usr/bin:/bin LANG=C.UTF-8 HOME="$folder" TMPDIR="$folder" \
      /usr/bin/python3 -EsB "$root/scripts/workloads/$name.py"
  ) >"$run/$name.out" 2>"$run/$name.err" </dev/null &
  workload=$!
  until pid=$(sed -n 's/^ready //p' "$run/$name.out") && [[ -n $pid ]]; do
    if ! kill -0 "$workload" 2>/dev/null; then
      tail -n 20 "$run/$name.err" >&2
      fail "the workload $name ended before it was ready"
    fi
    ((SECONDS < deadline)) || fail "the workload $name is not ready after $patience s"
    sleep 0.1
  done
  "$PAGEPRESS" capture --pid "$pid" --max-pages "$pages" -o "$part/process/$name.pages"
  stop
  rm -rf "$folder"
  (($(stat -c %s "$part/process/$name.pages") >= 400 * 4096 || pages < 400)) ||
    fail "$name has less than 400 pages"
}

mkdir "$part/process" "$part/file"
for name in "${programs[@]}"; do
  capture "$name"
done
/usr/bin/python3 -I scripts/make_file_pages.py "$part/file"
chmod -R a+rX "$part"
mv -T "$part" "$out"
echo "$out: $(find "$out" -name '*.pages' | wc -l) files," \
  "$(($(cat "$out"/*/*.pages | wc -c) / 4096)) pages" >&2
