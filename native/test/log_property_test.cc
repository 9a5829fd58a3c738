// Random operations on a log, crashes among them, against a plain model. Every step's seed is
// printed on failure; MILLRACE_PROPERTY_SEED and MILLRACE_PROPERTY_RUNS choose others.
#include <gtest/gtest.h>

#include <array>
#include <cstdlib>
#include <random>
#include <tuple>

#include "log_fixture.h"
#include "log_model.h"
#include "simulated_file_system.h"

namespace millrace {
namespace {

using namespace testing;

uint64_t from_environment(const char* name, uint64_t otherwise) {
  const char* const text = std::getenv(name);
  return text == nullptr ? otherwise : std::strtoull(text, nullptr, 10);
}

class PropertyRun {
 public:
  PropertyRun(uint64_t seed, WriteMode mode, FlushPolicy flush)
      : random_(seed), options_(manual_options(mode, flush)) {
    options_.first_extent_bytes = 4096;
    options_.max_extent_bytes = 32768;
    options_.writeback_bytes = 8192;
    options_.dirty_budget_bytes = 64 << 10;
    config_.segment_bytes = 16000 + static_cast<uint32_t>(pick(20000));
    config_.index_interval_bytes = 500;
    config_.retention_ms = -1;
    config_.producer_expiry_ms = INT64_MAX;
    config_.validate = pick(2) == 0 ? ValidateDepth::kFull : ValidateDepth::kHeader;
    open();
  }

  void steps(int count) {
    for (int i = 0; i < count && !::testing::Test::HasFailure(); ++i) {
      SCOPED_TRACE("step " + std::to_string(i));
      step();
    }
    if (!::testing::Test::HasFailure()) check();
  }

 private:
  uint64_t pick(uint64_t below) { return random_() % below; }

  void open() {
    OpenLog opened = open_log(files_, clock_, options_, config_);
    directory_ = opened.directory;
    log_ = opened.log;
    ASSERT_NE(log_, nullptr);
  }

  void step() {
    const uint64_t choice = pick(1000);
    if (choice < 600) return append();
    if (choice < 760) return flush();
    if (choice < 800) return check();
    if (choice < 840) return truncate();
    if (choice < 870) return delete_records();
    if (choice < 900) return void(log_->roll().is_ok());
    if (choice < 915) return retain();
    if (choice < 930) return raise_epoch();
    if (choice < 950) return reopen();
    if (choice < 965) return kill();
    if (choice < 980) return power_cut();
    if (choice < 990) return fail_then_stop();
    if (choice < 995) return fill_up();
    return start_over();
  }

  void append() {
    BatchSpec spec = tagged_batch(1 + static_cast<int>(pick(5)), pick(8) == 0 ? 3000 : pick(200),
                                  std::to_string(random_()));
    clock_.advance_ms(static_cast<int64_t>(pick(3)));
    spec.base_timestamp = clock_.wall_ms() - static_cast<int64_t>(pick(50));
    if (pick(2) == 0) {
      const int64_t id = static_cast<int64_t>(pick(4));
      spec.producer_id = id;
      spec.producer_epoch = epochs_[id];
      if (pick(20) == 0) spec.producer_epoch = ++epochs_[id];
      const auto known = model_.producers();
      const auto found = known.find(id);
      const bool same = found != known.end() && found->second.first == spec.producer_epoch;
      spec.base_sequence = same ? found->second.second + 1 : 0;
    }
    const Bytes batch = build_batch(spec);
    Result<AppendResult> result = append_bytes(*log_, batch);
    ASSERT_TRUE(result.is_ok()) << result.status().context();
    ASSERT_EQ(result.value().base_offset, model_.end_offset());
    ASSERT_FALSE(result.value().duplicate);
    model_.append({result.value().base_offset, result.value().last_offset,
                   spec.base_timestamp + static_cast<int64_t>(spec.records.size()) - 1,
                   stored_form(batch, result.value().base_offset, epoch_)});
    if (spec.producer_id >= 0 && pick(4) == 0) resend(batch, result.value());
  }

  void resend(const Bytes& batch, const AppendResult& first) {
    Result<AppendResult> again = append_bytes(*log_, batch);
    ASSERT_TRUE(again.is_ok()) << again.status().context();
    ASSERT_TRUE(again.value().duplicate);
    ASSERT_EQ(again.value().base_offset, first.base_offset);
    ASSERT_EQ(again.value().last_offset, first.last_offset);
  }

  void flush() {
    if (pick(10) == 0) clock_.advance_ms(6000);  // checkpoints are written
    ASSERT_TRUE(directory_->flush_step().is_ok());
    remember_durable();
  }

  void remember_durable() { durable_ = std::max(durable_, log_->state().durable_offset); }

  void truncate() {
    const int64_t offset = model_.some_offset(random_()) + static_cast<int64_t>(pick(2));
    if (offset < log_->state().log_start_offset) return;
    ASSERT_TRUE(log_->truncate_to(offset).is_ok());
    model_.truncate_to(offset);
    durable_ = std::min(durable_, model_.end_offset());
    ASSERT_EQ(log_->state().log_end_offset, model_.end_offset());
  }

  void delete_records() {
    const LogState state = log_->state();
    const int64_t span = state.high_watermark - state.log_start_offset;
    const int64_t offset = state.log_start_offset + static_cast<int64_t>(pick(span + 1)) / 3;
    ASSERT_TRUE(log_->delete_records(offset).is_ok());
    ASSERT_EQ(log_->state().log_start_offset, offset);
  }

  void retain() {
    if (pick(2) == 0) {
      config_.retention_bytes = static_cast<int64_t>(pick(100000));
      log_->configure(config_);
    }
    const Result<uint32_t> deleted = log_->enforce_retention();
    ASSERT_TRUE(deleted.is_ok()) << deleted.status().context();
    config_.retention_bytes = -1;
    log_->configure(config_);
  }

  void raise_epoch() {
    ++epoch_;
    ASSERT_TRUE(log_->set_leader_epoch(epoch_).is_ok());
  }

  void reopen() {
    const LogState before = log_->state();
    ASSERT_TRUE(directory_->close().is_ok());
    open();
    EXPECT_TRUE(log_->recovery().was_clean);
    const LogState after = log_->state();
    EXPECT_EQ(after.log_end_offset, before.log_end_offset);
    EXPECT_EQ(after.log_start_offset, before.log_start_offset);
    EXPECT_EQ(after.segments, before.segments);
    EXPECT_EQ(after.size_bytes, before.size_bytes);
    remember_durable();
    restore_epoch();
    check();
  }

  // The process dies, the machine does not: nothing that was appended is lost.
  void kill() {
    directory_->abandon();
    open();
    EXPECT_FALSE(log_->recovery().quarantined) << log_->recovery().reason;
    EXPECT_EQ(log_->state().log_end_offset, model_.end_offset());
    after_crash();
  }

  void power_cut() {
    directory_->abandon();
    ASSERT_TRUE(files_.crash(random_()).is_ok());
    open();
    after_crash();
  }

  // The power goes, or the process, in the middle of something: now and then a call fails.
  void fail_then_stop() {
    files_.fail_randomly(random_(), 1 + pick(20));
    const int64_t offset = model_.some_offset(random_());
    bool truncated = false;
    for (int i = 0; i < 20 && !directory_->offline(); ++i) {
      if (pick(2) == 0) static_cast<void>(directory_->flush_step());
      remember_durable();
      if (pick(10) == 0) static_cast<void>(log_->roll());
      if (pick(10) == 0) static_cast<void>(log_->enforce_retention());
      if (pick(10) == 0 && offset >= log_->state().log_start_offset) {
        truncated = true;
        static_cast<void>(log_->truncate_to(offset));
        break;
      }
    }
    files_.clear_failures();
    if (truncated) durable_ = std::min(durable_, offset);
    if (pick(2) == 0) return power_cut();
    directory_->abandon();
    open_in_spite_of_failures();
    after_crash();
  }

  // Recoveries that fail, each of which may have changed something, and then one that does not.
  void open_in_spite_of_failures() {
    files_.fail_randomly(random_(), 20 + pick(40));
    for (int i = 0; i < 5; ++i) {
      auto directory = LogDirectory::open(files_, clock_, "/data", options_, {});
      if (!directory.is_ok()) continue;
      for (int again = 0; again < 2; ++again) {
        static_cast<void>(directory.value()->open_partition("topic-0", config_));
      }
      directory.value()->abandon();
      if (pick(3) != 0) continue;
      ASSERT_TRUE(files_.crash(random_()).is_ok());
    }
    files_.clear_failures();
    open();
  }

  // Small files find no room for a while; appends do, in what is allocated.
  void fill_up() {
    for (const char* name :
         {".snapshot", ".index", "leader-epoch-checkpoint", "offset-checkpoint"}) {
      if (pick(2) == 0) files_.fail({SimulatedOperation::kWrite, 1, Code::kNoSpace, name});
    }
    static_cast<void>(log_->roll());
    if (log_->set_leader_epoch(epoch_ + 1).code() == Code::kNoSpace) {
      ASSERT_TRUE(log_->set_leader_epoch(epoch_ + 1).is_ok());
    }
    ++epoch_;
    for (int i = 0; i < 3; ++i) {
      clock_.advance_ms(6000);
      ASSERT_TRUE(directory_->flush_step().is_ok());
      append();
    }
    remember_durable();
    retain();
    files_.clear_failures();
    if (pick(2) == 0) power_cut();
  }

  void start_over() {
    const int64_t offset = model_.end_offset() + static_cast<int64_t>(pick(1000));
    ASSERT_TRUE(log_->truncate_fully_and_start_at(offset).is_ok());
    model_.start_at(offset);
    durable_ = offset;
    EXPECT_EQ(log_->state().log_start_offset, offset);
    EXPECT_EQ(log_->state().log_end_offset, offset);
    restore_epoch();
  }

  // What is left is a beginning of what was there, with all that was ever called durable.
  void after_crash() {
    ASSERT_NE(log_, nullptr);
    const LogState state = log_->state();
    ASSERT_FALSE(state.offline) << log_->recovery().reason;
    ASSERT_GE(state.log_end_offset, durable_);
    ASSERT_LE(state.log_end_offset, model_.end_offset());
    if (state.log_end_offset < model_.end_offset()) model_.truncate_to(state.log_end_offset);
    // All was lost but the log start: the log begins anew there.
    if (state.log_start_offset == state.log_end_offset &&
        (state.log_end_offset > model_.end_offset() ||
         (options_.flush != FlushPolicy::kGroup && log_->producers().empty()))) {
      model_.start_at(state.log_end_offset);
    }
    ASSERT_EQ(state.log_end_offset, model_.end_offset());
    ASSERT_EQ(state.durable_offset, state.log_end_offset);
    durable_ = state.log_end_offset;
    restore_epoch();
    check();
  }

  void restore_epoch() { epoch_ = log_->state().leader_epoch; }

  void check() {
    const LogState state = log_->state();
    ASSERT_EQ(state.log_end_offset, model_.end_offset());
    ASSERT_LE(state.durable_offset, state.log_end_offset);
    ASSERT_EQ(read_all(*log_, state.log_start_offset), model_.from(state.log_start_offset));
    const int64_t span = state.log_end_offset - state.log_start_offset;
    const int64_t offset = state.log_start_offset + static_cast<int64_t>(pick(span + 1));
    ASSERT_EQ(read_all(*log_, offset, INT64_MAX, 1 + pick(5000)), model_.from(offset));
    check_timestamp();
    std::map<int64_t, std::pair<int16_t, int32_t>> producers;
    for (const ProducerStateView& view : log_->producers()) {
      producers[view.producer_id] = {view.producer_epoch, view.last_sequence};
    }
    // Those whose records were all deleted may be forgotten, or not.
    for (const auto& [id, expected] : model_.producers()) {
      const auto found = producers.find(id);
      ASSERT_TRUE(found != producers.end()) << "producer " << id;
      ASSERT_EQ(found->second, expected) << "producer " << id;
    }
  }

  void check_timestamp() {
    const int64_t start = log_->state().log_start_offset;
    const int64_t wanted = clock_.wall_ms() - static_cast<int64_t>(pick(2000));
    Result<TimestampOffset> found = log_->offset_for_timestamp(wanted);
    ASSERT_TRUE(found.is_ok()) << found.status().context();
    int64_t expected = -1;
    for (const ModelBatch& batch : model_.batches()) {
      const int64_t base_timestamp = batch.max_timestamp - (batch.last_offset - batch.base_offset);
      for (int64_t offset = batch.base_offset; offset <= batch.last_offset; ++offset) {
        const int64_t timestamp = base_timestamp + (offset - batch.base_offset);
        if (expected < 0 && timestamp >= wanted && offset >= start) expected = offset;
      }
    }
    ASSERT_EQ(found.value().offset, expected) << "timestamp " << wanted;
  }

  std::mt19937_64 random_;
  DirectoryOptions options_;
  LogConfig config_;
  SimulatedFileSystem files_;
  ManualClock clock_;
  LogModel model_;
  std::shared_ptr<LogDirectory> directory_;
  std::shared_ptr<PartitionLog> log_;
  std::map<int64_t, int16_t> epochs_;
  int32_t epoch_ = 0;
  int64_t durable_ = 0;
};

class LogPropertyTest : public ::testing::TestWithParam<std::tuple<WriteMode, FlushPolicy>> {};

TEST_P(LogPropertyTest, HoldsWhatTheModelHolds) {
  const auto [mode, flush] = GetParam();
  const uint64_t first = from_environment("MILLRACE_PROPERTY_SEED", 1);
  const uint64_t runs = from_environment("MILLRACE_PROPERTY_RUNS", 12);
  for (uint64_t seed = first; seed < first + runs && !HasFailure(); ++seed) {
    SCOPED_TRACE("MILLRACE_PROPERTY_SEED=" + std::to_string(seed));
    PropertyRun(seed, mode, flush).steps(500);
  }
}

std::string mode_name(const ::testing::TestParamInfo<LogPropertyTest::ParamType>& info) {
  const std::string mode = std::get<0>(info.param) == WriteMode::kMmap ? "Mmap" : "Pwrite";
  constexpr std::array<const char*, 3> kFlush = {"Group", "Interval", "Os"};
  return mode + kFlush[static_cast<size_t>(std::get<1>(info.param))];
}

INSTANTIATE_TEST_SUITE_P(Modes, LogPropertyTest,
                         ::testing::Combine(::testing::Values(WriteMode::kMmap, WriteMode::kPwrite),
                                            ::testing::Values(FlushPolicy::kGroup,
                                                              FlushPolicy::kInterval,
                                                              FlushPolicy::kOs)),
                         mode_name);

}  // namespace
}  // namespace millrace
