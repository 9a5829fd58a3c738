#!/bin/sh
# Runs the log's TypeScript tests over an addon built under AddressSanitizer and
# UndefinedBehaviorSanitizer. Compile the TypeScript first; $1 names its folder (dist).
#   native/binding/asan.sh [dist]
set -e
cd "$(dirname "$0")/../.."
compiled=${1:-dist}
gyp="node node_modules/node-gyp/bin/node-gyp.js"
prefix=$(dirname "$(dirname "$(command -v node)")")
test -f "$prefix/include/node/node_api.h" && gyp="$gyp --nodedir=$prefix"

# A Debug build lies beside the Release build; its flags must not stay in the makefiles.
trap '$gyp configure --loglevel=error' EXIT
$gyp configure --debug --loglevel=error -- -Dsanitize=1
$gyp build --debug --jobs 2 --loglevel=error >/dev/null

# No leak check: Node itself never frees what it keeps to the end. SIGBUS belongs to the log.
LD_PRELOAD="$(g++ -print-file-name=libasan.so) $(g++ -print-file-name=libubsan.so)" \
ASAN_OPTIONS=detect_leaks=0:handle_sigbus=0 \
UBSAN_OPTIONS=halt_on_error=1:print_stacktrace=1 \
MILLRACE_ADDON="$PWD/build/Debug/millrace.node" \
  node --expose-gc --enable-source-maps --test --test-concurrency=2 \
  "$compiled"/test/log/*.test.js "$compiled"/test/log/lifecycle/*.test.js
