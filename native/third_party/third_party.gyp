{
  "targets": [
    {
      # The codecs of record batches. Hidden symbols: Node exports its own zlib to every addon, and
      # another version's functions would be called instead of these.
      "target_name": "codecs",
      "type": "static_library",
      "sources": [
        "<!@(node -p \"const fs = require('fs'); ['zstd/common', 'zstd/compress', 'zstd/decompress', 'lz4', 'snappy', 'zlib'].flatMap(d => fs.readdirSync(d).filter(f => /[.](c|cc|S)$/.test(f)).map(f => d + '/' + f)).join(' ')\")"
      ],
      "defines": [
        "ZSTDLIB_VISIBLE=", "ZSTDERRORLIB_VISIBLE=", "LZ4LIB_VISIBILITY=", "LZ4FLIB_VISIBILITY=",
        "XXH_NAMESPACE=LZ4_", "HAVE_HIDDEN", "HAVE_UNISTD_H=1", "HAVE_SYS_UIO_H=1",
        "HAVE_BUILTIN_CTZ=1", "HAVE_BUILTIN_EXPECT=1", "HAVE_BUILTIN_PREFETCH=1",
        "HAVE_ATTRIBUTE_ALWAYS_INLINE=1"
      ],
      "cflags": ["-O3", "-w", "-fPIC", "-fvisibility=hidden"],
      "cflags!": ["-Wall", "-Wextra", "-Werror"]
    }
  ]
}
