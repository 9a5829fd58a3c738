#include "simulated_directories.h"

#include <algorithm>
#include <set>

namespace millrace {
namespace {

using Entries = std::map<std::string, SimulatedEntry>;
// A name within a directory.
using Slot = std::pair<const SimulatedDirectory*, std::string>;

std::vector<std::string> split(const std::string& path) {
  std::vector<std::string> parts;
  size_t at = 0;
  while (at < path.size()) {
    const size_t end = std::min(path.find('/', at), path.size());
    const std::string part = path.substr(at, end - at);
    if (!part.empty() && part != ".") parts.push_back(part);
    at = end + 1;
  }
  return parts;
}

void set_entry(Entries& entries, const std::string& name,
               const std::optional<SimulatedEntry>& entry) {
  if (entry) {
    entries[name] = *entry;
  } else {
    entries.erase(name);
  }
}

Status missing(const std::string& path) {
  return Status(Code::kNotFound, path + ": no such file or directory", ENOENT);
}

Status in_the_way(const std::string& path) {
  return Status(Code::kExists, path + " exists", EEXIST);
}

void visit_files(const SimulatedDirectory& directory,
                 const std::function<void(SimulatedInode&)>& visit) {
  for (const auto& [name, entry] : directory.live) {
    if (entry.file) visit(*entry.file);
    if (entry.directory) visit_files(*entry.directory, visit);
  }
}

// A fresh tree of what the durable entries of `from` lead to.
Result<std::shared_ptr<SimulatedDirectory>> rebuild(const SimulatedDirectory& from,
                                                    SimulationRandom& random) {
  auto result = std::make_shared<SimulatedDirectory>();
  for (const auto& [name, entry] : from.durable) {
    SimulatedEntry fresh;
    if (entry.file) {
      auto inode = SimulatedInode::create(entry.file->contents_after_crash(random));
      if (!inode.is_ok()) return inode.take_status();
      fresh.file = inode.take();
    } else {
      auto directory = rebuild(*entry.directory, random);
      if (!directory.is_ok()) return directory.take_status();
      fresh.directory = directory.take();
    }
    result->durable[name] = fresh;
  }
  result->live = result->durable;
  return result;
}

}  // namespace

std::optional<SimulatedEntry> SimulatedDirectories::find(const std::string& path) const {
  SimulatedEntry at = {nullptr, root_};
  for (const std::string& part : split(path)) {
    if (!at.directory) return std::nullopt;
    const auto found = at.directory->live.find(part);
    if (found == at.directory->live.end()) return std::nullopt;
    at = SimulatedEntry(found->second);
  }
  return at;
}

Result<std::shared_ptr<SimulatedDirectory>> SimulatedDirectories::directory(
    const std::string& path) const {
  const std::optional<SimulatedEntry> entry = find(path);
  if (!entry) return missing(path);
  if (!entry->directory) return Status(Code::kInvalidArgument, path + " is no directory", ENOTDIR);
  return entry->directory;
}

Result<SimulatedDirectories::Place> SimulatedDirectories::place_of(const std::string& path) const {
  const std::vector<std::string> parts = split(path);
  if (parts.empty()) return Status(Code::kInvalidArgument, path + " is the root", EINVAL);
  std::string parent;
  for (size_t i = 0; i + 1 < parts.size(); ++i) parent += "/" + parts[i];
  auto found = directory(parent);
  if (!found.is_ok()) return found.take_status();
  return Place{found.take(), parts.back()};
}

void SimulatedDirectories::apply(Operation operation) {
  for (const Change& change : operation) {
    set_entry(change.place.parent->live, change.place.name, change.after);
  }
  pending_.push_back(std::move(operation));
}

void SimulatedDirectories::make_durable(const Operation& operation) {
  for (const Change& change : operation) {
    set_entry(change.place.parent->durable, change.place.name, change.after);
  }
}

Status SimulatedDirectories::add(const std::string& path, SimulatedEntry entry) {
  if (find(path)) return in_the_way(path);
  Result<Place> place = place_of(path);
  if (!place.is_ok()) return place.take_status();
  apply({{place.take(), std::move(entry)}});
  return Status::ok();
}

Status SimulatedDirectories::remove(const std::string& path) {
  const std::optional<SimulatedEntry> entry = find(path);
  if (!entry) return missing(path);
  if (entry->directory && !entry->directory->live.empty()) {
    return Status(Code::kExists, path + " is not empty", ENOTEMPTY);
  }
  Result<Place> place = place_of(path);
  if (!place.is_ok()) return place.take_status();
  apply({{place.take(), std::nullopt}});
  return Status::ok();
}

Status SimulatedDirectories::rename(const std::string& from, const std::string& to) {
  const std::optional<SimulatedEntry> entry = find(from);
  if (!entry) return missing(from);
  const std::optional<SimulatedEntry> replaced = find(to);
  if (replaced && (replaced->directory || entry->directory)) return in_the_way(to);
  Result<Place> source = place_of(from);
  Result<Place> target = place_of(to);
  if (!source.is_ok()) return source.take_status();
  if (!target.is_ok()) return target.take_status();
  apply({{source.take(), std::nullopt}, {target.take(), *entry}});
  return Status::ok();
}

// Makes durable what touches the directory, and what went before it under the same names; other
// directories' changes stay pending, which real file systems allow and few do.
Status SimulatedDirectories::sync(const std::string& path) {
  auto synced = directory(path);
  if (!synced.is_ok()) return synced.take_status();
  std::set<Slot> needed;
  std::vector<bool> keep_pending(pending_.size(), true);
  for (size_t i = pending_.size(); i-- > 0;) {
    const auto concerns = [&](const Change& change) {
      const SimulatedDirectory* const parent = change.place.parent.get();
      return parent == synced.value().get() || needed.contains({parent, change.place.name});
    };
    if (std::none_of(pending_[i].begin(), pending_[i].end(), concerns)) continue;
    keep_pending[i] = false;
    for (const Change& change : pending_[i]) {
      needed.insert({change.place.parent.get(), change.place.name});
    }
  }
  std::vector<Operation> left;
  for (size_t i = 0; i < pending_.size(); ++i) {
    if (keep_pending[i]) {
      left.push_back(std::move(pending_[i]));
    } else {
      make_durable(pending_[i]);
    }
  }
  pending_ = std::move(left);
  return Status::ok();
}

void SimulatedDirectories::sync_everything() {
  for (const Operation& operation : pending_) make_durable(operation);
  pending_.clear();
  for_each_file([](SimulatedInode& inode) { inode.sync(); });
}

void SimulatedDirectories::for_each_file(const std::function<void(SimulatedInode&)>& visit) const {
  visit_files(*root_, visit);
}

// A change that is lost takes with it those that came later under the same names.
Status SimulatedDirectories::crash(SimulationRandom& random) {
  std::set<Slot> lost;
  for (const Operation& operation : pending_) {
    const auto depends = [&](const Change& change) {
      return lost.contains({change.place.parent.get(), change.place.name});
    };
    if (random() % 2 == 0 && std::none_of(operation.begin(), operation.end(), depends)) {
      make_durable(operation);
      continue;
    }
    for (const Change& change : operation) {
      lost.insert({change.place.parent.get(), change.place.name});
    }
  }
  auto rebuilt = rebuild(*root_, random);
  if (!rebuilt.is_ok()) return rebuilt.take_status();
  pending_.clear();
  root_ = rebuilt.take();
  return Status::ok();
}

}  // namespace millrace
