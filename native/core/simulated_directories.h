// The directory tree of the simulated file layer. Each change of entries (a creation, a removal, a
// rename) is on disk only after a sync of a directory that it touches; a crash keeps or loses it
// whole. Test builds only; not thread-safe.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "simulated_inode.h"
#include "status.h"

namespace millrace {

struct SimulatedDirectory;

// One of the two is set.
struct SimulatedEntry {
  std::shared_ptr<SimulatedInode> file;
  std::shared_ptr<SimulatedDirectory> directory;
};

struct SimulatedDirectory {
  std::map<std::string, SimulatedEntry> live;
  std::map<std::string, SimulatedEntry> durable;
};

class SimulatedDirectories {
 public:
  // What a path leads to, if anything; "/" is the root.
  std::optional<SimulatedEntry> find(const std::string& path) const;
  Result<std::shared_ptr<SimulatedDirectory>> directory(const std::string& path) const;

  Status add(const std::string& path, SimulatedEntry entry);
  Status remove(const std::string& path);
  Status rename(const std::string& from, const std::string& to);

  Status sync(const std::string& path);
  void sync_everything();
  // Every live file.
  void for_each_file(const std::function<void(SimulatedInode&)>& visit) const;
  // Leaves what a power cut leaves: all files are new ones, so that what still holds an old one can
  // do no harm.
  Status crash(SimulationRandom& random);

 private:
  struct Place {
    std::shared_ptr<SimulatedDirectory> parent;
    std::string name;
  };
  struct Change {
    Place place;
    std::optional<SimulatedEntry> after;
  };
  using Operation = std::vector<Change>;

  Result<Place> place_of(const std::string& path) const;
  void apply(Operation operation);
  void make_durable(const Operation& operation);

  std::shared_ptr<SimulatedDirectory> root_ = std::make_shared<SimulatedDirectory>();
  std::vector<Operation> pending_;  // in the order of their happening
};

}  // namespace millrace
