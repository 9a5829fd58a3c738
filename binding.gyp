{
  # `node-gyp rebuild` makes build/Release/millrace.node; `node-gyp rebuild -- -Dsimulation=1` makes
  # millrace_test.node beside it: the same objects, over a simulated file layer as well.
  "variables": {
    "simulation%": 0,
    "sources_of": "node -p \"const [d, skip] = process.argv.slice(1); require('fs').readdirSync(d).filter(f => f.endsWith('.cc') && !f.startsWith(skip)).map(f => d + '/' + f).join(' ')\""
  },
  "target_defaults": {
    "include_dirs": ["native/core"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags": ["-fPIC", "-fvisibility=hidden"],
    "cflags_cc": ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-O3", "-fvisibility-inlines-hidden"]
  },
  "targets": [
    {
      "target_name": "log_core",
      "type": "static_library",
      "sources": ["<!@(<(sources_of) native/core simulat)"],
      "include_dirs": ["native"]
    },
    {
      "target_name": "millrace",
      "sources": ["<!@(<(sources_of) native/binding simulat)"],
      "includes": ["native/binding/addon.gypi"]
    }
  ],
  "conditions": [
    ["simulation==1", {
      "targets": [
        {
          "target_name": "millrace_test",
          "sources": ["<!@(<(sources_of) native/binding -)", "<!@(node -p \"require('fs').readdirSync('native/core').filter(f => f.startsWith('simulat') && f.endsWith('.cc')).map(f => 'native/core/' + f).join(' ')\")"],
          "defines": ["MILLRACE_SIMULATION"],
          "includes": ["native/binding/addon.gypi"]
        }
      ]
    }]
  ]
}
