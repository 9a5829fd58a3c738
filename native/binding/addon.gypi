{
  # What every flavour of the addon shares.
  "dependencies": [
    "log_core",
    "native/third_party/third_party.gyp:codecs",
    "<!(node -p \"require('node-addon-api').targets\"):node_addon_api_except_all"
  ],
  "defines": [
    "NAPI_VERSION=9",
    # A worker that is being terminated refuses to throw: that must not end the process.
    "NODE_API_SWALLOW_UNTHROWABLE_EXCEPTIONS"
  ],
  "ldflags": [
    # Native threads run on when the worker that loaded the addon is gone: never unload it.
    "-Wl,-z,nodelete",
    # Node exports symbols of its own zlib: ours are bound here, and none of ours goes out.
    "-Wl,-Bsymbolic",
    "-Wl,--exclude-libs,ALL"
  ]
}
