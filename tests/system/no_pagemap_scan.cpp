// SPDX-License-Identifier: Apache-2.0
// LD_PRELOAD library that makes the kernel look older than 6.7: PAGEMAP_SCAN
// does not exist. So capture's other way is tested on whatever kernel there is.
#include <dlfcn.h>

#include <cerrno>
#include <cstdarg>

extern "C" int ioctl(int fd, unsigned long request, ...) noexcept {
  constexpr unsigned long kTypeAndNumber = 0xffff;
  constexpr unsigned long kPagemapScan = ('f' << 8) | 16;
  va_list arguments;
  va_start(arguments, request);
  void* const argument = va_arg(arguments, void*);
  va_end(arguments);
  if ((request & kTypeAndNumber) == kPagemapScan) {
    errno = ENOTTY;
    return -1;
  }
  using Ioctl = int (*)(int, unsigned long, ...);
  static const auto kNext = reinterpret_cast<Ioctl>(::dlsym(RTLD_NEXT, "ioctl"));
  return kNext(fd, request, argument);
}
