#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
# Installs every Debian 12 package that pagepress needs to build, test and run.
#
#   scripts/setup.sh
#
# Does nothing, without the network and in well under a second, when all are there.
# Otherwise runs apt-get as root (through sudo for other users). Installs no
# package that starts a service. Limitation: Debian 12 and its derivatives only.
set -euo pipefail

packages=(
  # Build
  cmake ninja-build make pkg-config clang
  libclang-rt-14-dev llvm            # sanitizers; llvm-cov for the coverage preset
  # Hardware
  verilator yosys
  lcov                               # pages of the RTL coverage
  # Libraries
  libsystemc-dev libdpdk-dev
  liblz4-dev liblzo2-dev libzstd-dev libdeflate-dev
  nlohmann-json3-dev libcli11-dev libtomlplusplus-dev libfmt-dev
  libgtest-dev libgmock-dev libbenchmark-dev
  # Reports and test scripts
  python3 python3-matplotlib python3-jinja2
  # Style checks
  clang-format clang-tidy shellcheck
  # Instructions that the driver costs a page (driver_overhead.sh)
  valgrind
  # The Linux guest (kernel_glue/guest); its kernel comes by kernel_glue/guest/fetch_kernel.sh
  qemu-system-x86 busybox-static cpio gcc-12 dkms
  bc bison flex kmod libelf-dev patch xz-utils   # the patched kernel (kernel_glue/kernel)
  # Workloads of the demo and of scripts/make_corpus.sh. redis-tools holds the server's binary
  # (as redis-check-rdb); the package redis-server would only add a system service to this machine.
  redis-tools g++ gdb git nodejs perl python3-numpy sqlite3
)

missing=()
# dpkg-query fails when it does not know one of them; what it prints is right all the same.
installed=" $({ dpkg-query -W -f='${db:Status-Abbrev}${Package}\n' "${packages[@]}" 2>/dev/null || true; } |
  sed -n 's/^ii *//p' | tr '\n' ' ')"
for package in "${packages[@]}"; do
  [[ $installed == *" $package "* ]] || missing+=("$package")
done
if [[ ${#missing[@]} -eq 0 ]]; then
  exit 0
fi

if ! command -v apt-get >/dev/null; then
  echo "setup.sh: needs apt-get (Debian 12); install by hand: ${missing[*]}" >&2
  exit 1
fi
as_root=()
if [[ $EUID -ne 0 ]]; then
  if ! command -v sudo >/dev/null; then
    echo "setup.sh: not root and no sudo; as root, run: apt-get install ${missing[*]}" >&2
    exit 1
  fi
  as_root=(sudo)
fi

echo "setup.sh: installing ${#missing[@]} packages: ${missing[*]}"
# dpkg syncs every file to disk, which doubles the time of a large install; one
# sync at the end keeps it as safe but for a power cut in between.
apt() {
  "${as_root[@]}" env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 \
    apt-get -q -y -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    -o Dpkg::Options::=--force-unsafe-io "$@" </dev/null
}
apt update
apt install --no-install-recommends "${missing[@]}"
sync
