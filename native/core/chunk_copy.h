// Moving through a list of chunks as if they were joined.
#pragma once

#include <array>
#include <cstring>
#include <span>
#include <vector>

#include "bytes.h"

namespace millrace {

// A list of views that allocates only when it is long.
class ByteViews {
 public:
  void push_back(ByteView view) {
    if (size_ < inline_.size()) {
      inline_[size_++] = view;
      return;
    }
    if (many_.empty()) many_.assign(inline_.begin(), inline_.end());
    many_.push_back(view);
  }
  std::span<const ByteView> span() const {
    return many_.empty() ? std::span<const ByteView>(inline_.data(), size_)
                         : std::span<const ByteView>(many_);
  }

 private:
  std::array<ByteView, 20> inline_;  // a batch of 1 MiB in the pieces that Node delivers
  std::vector<ByteView> many_;
  size_t size_ = 0;
};

// The chunks must hold what is asked for.
class ChunkCursor {
 public:
  explicit ChunkCursor(std::span<const ByteView> chunks) : chunks_(chunks) {}

  void skip(size_t count) {
    advance(count, [](ByteView) {});
  }
  void copy(uint8_t* target, size_t count) {
    advance(count, [&target](ByteView piece) {
      std::memcpy(target, piece.data(), piece.size());
      target += piece.size();
    });
  }
  void take(size_t count, ByteViews& pieces) {
    advance(count, [&pieces](ByteView piece) { pieces.push_back(piece); });
  }

 private:
  template <typename Visit>
  void advance(size_t count, Visit visit) {
    while (count > 0) {
      const ByteView rest = chunks_[index_].subspan(at_);
      const size_t step = rest.size() < count ? rest.size() : count;
      if (step > 0) visit(rest.first(step));
      count -= step;
      at_ += step;
      if (at_ == chunks_[index_].size()) {
        ++index_;
        at_ = 0;
      }
    }
  }

  std::span<const ByteView> chunks_;
  size_t index_ = 0;
  size_t at_ = 0;
};

inline std::vector<uint8_t> join_chunks(std::span<const ByteView> chunks, size_t from,
                                        size_t length) {
  std::vector<uint8_t> joined(length);
  ChunkCursor cursor(chunks);
  cursor.skip(from);
  cursor.copy(joined.data(), length);
  return joined;
}

}  // namespace millrace
