// SPDX-License-Identifier: Apache-2.0
#include "model/emulator/session.hpp"

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

namespace pagepress::emulator {
namespace {

using std::chrono::nanoseconds;
using std::chrono::steady_clock;

// What is kept of requests while a DMA message is on its way; QEMU has a few vCPUs' worth.
constexpr std::size_t kMostKept = 1024;
constexpr std::size_t kMostKeptBytes = 4u << 20;
constexpr std::size_t kMostKeptFds = 256;

}  // namespace

Session::Session(Transport& transport, PciFunction& function, nanoseconds answer_within,
                 RequestWatch* watch)
    : transport_(transport), function_(function), answer_within_(answer_within), watch_(watch) {}

// ---- Requests ----------------------------------------------------------------------------------

bool Session::turn() {
  if (lost_) throw Disconnected(*lost_);
  std::optional<Message> message;
  if (!kept_.empty()) {
    message = std::move(kept_.front());
    kept_.pop_front();
    kept_bytes_ -= message->payload.size();
    kept_fds_ -= message->fds.size();
  } else {
    message = transport_.receive();
  }
  if (!message) return false;
  silent_ = false;
  // Else it answers a DMA message that nobody waits for any more.
  if ((message->header.flags & kTypeMask) == kTypeCommand) handle(std::move(*message));
  return true;
}

void Session::handle(Message message) {
  // A doorbell that was written before this was sent comes first.
  function_.poll_doorbells();
  if (watch_ != nullptr) watch_->request(message);
  const Header request = message.header;
  const Reply reply = message.too_many_fds ? failure(EINVAL) : answer(message);
  message.fds.clear();  // what nobody took is closed before the client hears of it
  if ((request.flags & kFlagNoReply) != 0) return;
  const Header header{.id = request.id,
                      .command = request.command,
                      .size = 0,
                      .flags = kTypeReply | (reply.error != 0 ? kFlagError : 0),
                      .error = static_cast<std::uint32_t>(reply.error)};
  const int fds[] = {reply.fd};
  transport_.send(header, reply.payload, std::span(fds, reply.fd >= 0 ? 1 : 0));
}

Reply Session::answer(Message& message) {
  if (message.header.command == kVersion) return version(message);
  if (!client_) return failure(EINVAL);  // VERSION comes first
  switch (message.header.command) {
    case kDmaMap:
      return map(message);
    case kDmaUnmap:
      return unmap(message);
    case kDeviceGetInfo:
      return get_device_info(message.payload);
    case kDeviceGetRegionInfo:
      return get_region_info(message.payload, function_, client_->max_msg_fds > 0);
    case kDeviceGetRegionIoFds:
      return get_region_io_fds(message.payload);
    case kDeviceGetIrqInfo:
      return get_irq_info(message.payload, function_);
    case kDeviceSetIrqs:
      return set_irqs(message.payload, std::move(message.fds), function_);
    case kRegionRead:
      return region_read(message);
    case kRegionWrite:
      return region_write(message);
    case kRegionWriteMulti:
      return region_write_multi(message);
    case kDeviceReset:
      return failure(function_.reset());
    case kDeviceFeature:
      return failure(ENOTTY);  // as VFIO answers for a feature that there is not
    default:
      return failure(ENOTSUP);
  }
}

Reply Session::version(const Message& message) {
  if (client_) return failure(EINVAL);
  Negotiation result = negotiate(message.payload);
  if (result.error != 0) return failure(result.error);
  client_ = result.client;
  return {.error = 0, .payload = std::move(result.answer)};
}

Reply Session::map(Message& message) {
  const auto body = body_of<DmaMapBody>(message.payload);
  constexpr std::uint32_t kKnown = VFIO_DMA_MAP_FLAG_READ | VFIO_DMA_MAP_FLAG_WRITE;
  if (!body || body->argsz < sizeof *body || (body->flags & ~kKnown) != 0 ||
      message.fds.size() > 1) {
    return failure(EINVAL);
  }
  const DmaRegions::Permission permission{.read = (body->flags & VFIO_DMA_MAP_FLAG_READ) != 0,
                                          .write = (body->flags & VFIO_DMA_MAP_FLAG_WRITE) != 0};
  if (message.fds.empty()) return failure(regions_.add(body->address, body->size, permission));
  return failure(
      regions_.add_file(body->address, body->size, permission, message.fds.front(), body->offset));
}

Reply Session::unmap(const Message& message) {
  const auto body = body_of<DmaUnmapBody>(message.payload);
  if (!body || body->argsz < sizeof *body) return failure(EINVAL);
  if (body->flags == VFIO_DMA_UNMAP_FLAG_ALL) {
    if (body->address != 0 || body->size != 0) return failure(EINVAL);
    regions_.clear();
  } else if (body->flags != 0) {
    return failure(ENOTSUP);  // no dirty pages
  } else if (const int error = regions_.remove(body->address, body->size); error != 0) {
    return failure(error);
  }
  Reply reply;
  append(reply.payload, *body);
  return reply;
}

Reply Session::region_read(const Message& message) {
  const auto body = body_of<RegionAccessBody>(message.payload);
  if (!body || body->count > kMaxTransfer) return failure(EINVAL);
  Reply reply;
  append(reply.payload, *body);
  reply.payload.resize(sizeof *body + body->count);
  const auto data = std::span(reply.payload).subspan(sizeof *body);
  if (const int error = function_.read(body->region, body->offset, data)) return failure(error);
  return reply;
}

Reply Session::region_write(const Message& message) {
  const auto body = body_of<RegionAccessBody>(message.payload);
  if (!body || message.payload.size() != sizeof *body + body->count) return failure(EINVAL);
  const auto data = std::span(message.payload).subspan(sizeof *body);
  if (const int error = function_.write(body->region, body->offset, data)) return failure(error);
  Reply reply;
  append(reply.payload, *body);
  return reply;
}

Reply Session::region_write_multi(const Message& message) {
  const auto body = body_of<WriteMultiBody>(message.payload);
  if (!body) return failure(EINVAL);
  auto entries = std::span<const std::byte>(message.payload).subspan(sizeof *body);
  if (entries.size() % sizeof(WriteMultiEntry) != 0 ||
      body->count != entries.size() / sizeof(WriteMultiEntry)) {
    return failure(EINVAL);
  }
  for (; !entries.empty(); entries = entries.subspan(sizeof(WriteMultiEntry))) {
    const auto entry = *body_of<WriteMultiEntry>(entries);
    if (entry.access.count > sizeof entry.data) return failure(EINVAL);
    const auto data = std::as_bytes(std::span(entry.data)).first(entry.access.count);
    if (const int error = function_.write(entry.access.region, entry.access.offset, data)) {
      return failure(error);
    }
  }
  Reply reply;
  append(reply.payload, *body);
  return reply;
}

// ---- DMA ---------------------------------------------------------------------------------------

bool Session::dma_read(std::uint64_t address, std::span<std::byte> to) {
  return function_.bus_master() && regions_.read(address, to, *this);
}

bool Session::dma_write(std::uint64_t address, std::span<const std::byte> from) {
  return function_.bus_master() && regions_.write(address, from, *this);
}

bool Session::read_by_message(std::uint64_t address, std::span<std::byte> to) {
  while (!to.empty()) {
    const std::size_t n = std::min<std::uint64_t>(to.size(), client_->max_data_xfer_size);
    std::vector<std::byte> request;
    append(request, DmaAccessBody{address, n});
    const auto reply = ask(kDmaRead, request);
    if (!reply || reply->size() != sizeof(DmaAccessBody) + n) return false;
    std::memcpy(to.data(), reply->data() + sizeof(DmaAccessBody), n);
    to = to.subspan(n);
    address += n;
  }
  return true;
}

bool Session::write_by_message(std::uint64_t address, std::span<const std::byte> from) {
  while (!from.empty()) {
    const std::size_t n = std::min<std::uint64_t>(from.size(), client_->max_data_xfer_size);
    std::vector<std::byte> request;
    append(request, DmaAccessBody{address, n});
    request.insert(request.end(), from.begin(), from.begin() + static_cast<std::ptrdiff_t>(n));
    if (!ask(kDmaWrite, request)) return false;
    from = from.subspan(n);
    address += n;
  }
  return true;
}

std::optional<std::vector<std::byte>> Session::ask(Command command,
                                                   std::span<const std::byte> payload) {
  if (lost_ || silent_) return std::nullopt;
  try {
    const std::uint16_t id = next_id_++;
    transport_.send({.id = id, .command = command, .size = 0, .flags = kTypeCommand, .error = 0},
                    payload);
    std::optional<Message> reply = await_reply(id, command);
    if (!reply) {
      silent_ = true;
      return std::nullopt;
    }
    if ((reply->header.flags & kFlagError) != 0) return std::nullopt;
    return std::move(reply->payload);
  } catch (const Disconnected& reason) {
    lost_ = reason.what();
    return std::nullopt;
  }
}

std::optional<Message> Session::await_reply(std::uint16_t id, Command command) {
  const auto deadline = steady_clock::now() + answer_within_;
  for (;;) {
    std::optional<Message> message = transport_.receive();
    if (message && (message->header.flags & kTypeMask) == kTypeCommand) {
      keep(std::move(*message));
      continue;
    }
    if (message && message->header.id == id && message->header.command == command) return message;
    // Also after an answer to something else: a flood of those must not hold the server.
    const auto left = deadline - steady_clock::now();
    if (left <= nanoseconds::zero()) return std::nullopt;
    if (!message) transport_.wait(left);
  }
}

void Session::keep(Message message) {
  kept_bytes_ += message.payload.size();
  kept_fds_ += message.fds.size();
  kept_.push_back(std::move(message));
  if (kept_.size() > kMostKept || kept_bytes_ > kMostKeptBytes || kept_fds_ > kMostKeptFds) {
    throw Disconnected("too many requests while a DMA message waits for its answer");
  }
}

}  // namespace pagepress::emulator
