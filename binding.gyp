{
  # `node-gyp rebuild` makes build/Release/millrace.node; `node-gyp rebuild -- -Dsimulation=1` makes
  # millrace_test.node beside it: the same objects, and a simulated file layer to run them over.
  # -Dsanitize=1 builds under AddressSanitizer and UndefinedBehaviorSanitizer (native/binding/asan.sh).
  "variables": {
    "simulation%": 0,
    "sanitize%": 0,
    "sources_of": "node -p \"const [folder, part] = process.argv.slice(1); require('fs').readdirSync(folder).filter(f => f.endsWith('.cc') && f.startsWith('simulat') === (part === 'simulation')).map(f => folder + '/' + f).join(' ')\""
  },
  "target_defaults": {
    "include_dirs": ["native", "native/core"],
    "cflags!": ["-fno-exceptions"],
    "cflags_cc!": ["-fno-exceptions", "-fno-rtti", "-std=gnu++17", "-std=gnu++20"],
    "cflags": ["-fPIC", "-fvisibility=hidden"],
    "cflags_cc": ["-std=c++20", "-Wall", "-Wextra", "-Werror", "-O3", "-fvisibility-inlines-hidden"],
    "conditions": [
      ["sanitize==1", {
        "cflags": ["-fsanitize=address,undefined", "-fno-omit-frame-pointer", "-g"],
        "cflags_cc": ["-fsanitize=address,undefined", "-O1"],
        "ldflags": ["-fsanitize=address,undefined"]
      }]
    ]
  },
  "targets": [
    {
      "target_name": "log_core",
      "type": "static_library",
      "sources": ["<!@(<(sources_of) native/core production)"]
    },
    {
      "target_name": "millrace",
      "sources": ["<!@(<(sources_of) native/binding production)"],
      "includes": ["native/binding/addon.gypi"]
    }
  ],
  "conditions": [
    ["simulation==1", {
      "targets": [
        {
          "target_name": "millrace_test",
          "sources": [
            "<!@(<(sources_of) native/binding production)",
            "<!@(<(sources_of) native/binding simulation)",
            "<!@(<(sources_of) native/core simulation)"
          ],
          "defines": ["MILLRACE_SIMULATION"],
          "includes": ["native/binding/addon.gypi"]
        }
      ]
    }]
  ]
}
