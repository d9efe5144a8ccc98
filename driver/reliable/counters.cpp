// SPDX-License-Identifier: Apache-2.0
// The counters of a ReliableCodec by name, for whoever sums or prints them.
#include <pagepress/reliable_codec.hpp>

#include <array>

namespace pagepress {
namespace {

constexpr auto kNames = std::to_array<ReliableCounterName>({
    {"submitted", &ReliableCounters::submitted},
    {"completed", &ReliableCounters::completed},
    {"by_engine", &ReliableCounters::by_engine},
    {"by_cpu", &ReliableCounters::by_cpu},
    {"requeued", &ReliableCounters::requeued},
    {"timeouts", &ReliableCounters::timeouts},
    {"protocol_errors", &ReliableCounters::protocol_errors},
    {"gone", &ReliableCounters::gone},
    {"resets_by_others", &ReliableCounters::resets_by_others},
    {"aborts", &ReliableCounters::aborts},
    {"resets", &ReliableCounters::resets},
    {"quarantined", &ReliableCounters::quarantined},
    {"late_completions", &ReliableCounters::late_completions},
    {"deadline_misses", &ReliableCounters::deadline_misses},
    {"request_faults", &ReliableCounters::request_faults},
    {"false_answers", &ReliableCounters::false_answers},
    {"second_opinions", &ReliableCounters::second_opinions},
    {"sick", &ReliableCounters::sick},
    {"well_again", &ReliableCounters::well_again},
});
static_assert(kNames.size() * sizeof(std::uint64_t) == sizeof(ReliableCounters), "one is missing");

}  // namespace

std::span<const ReliableCounterName> reliable_counter_names() noexcept { return kNames; }

ReliableCounters& ReliableCounters::operator+=(const ReliableCounters& other) noexcept {
  for (const ReliableCounterName& counter : kNames) this->*counter.value += other.*counter.value;
  return *this;
}

}  // namespace pagepress
