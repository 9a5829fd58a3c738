// Faults put into a frame.
import fc from 'fast-check'

export type Mutation =
  | { readonly kind: 'truncate'; readonly at: number }
  | { readonly kind: 'flip'; readonly at: number; readonly bit: number }
  | { readonly kind: 'overwrite'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'insert'; readonly at: number; readonly bytes: Uint8Array }
  | { readonly kind: 'remove'; readonly at: number; readonly count: number }

// Lengths and counts that lie, in both encodings.
const lies = fc.constantFrom(
  Uint8Array.of(0x7f, 0xff, 0xff, 0xff),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0xff, 0xff, 0xff, 0xfe),
  Uint8Array.of(0x80, 0, 0, 0),
  Uint8Array.of(0x7f, 0xff),
  Uint8Array.of(0x80, 0x80, 0x80, 0x80, 0x10),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0x0f),
  Uint8Array.of(0xff, 0xff, 0xff, 0xff, 0xff, 0xff),
  Uint8Array.of(0),
  Uint8Array.of(0, 0, 0, 40),
)
const at = fc.double({ min: 0, max: 1, noNaN: true })

export const arbitraryMutations: fc.Arbitrary<Mutation[]> = fc.array(
  fc.oneof(
    fc.record({ kind: fc.constant('truncate' as const), at }),
    fc.record({ kind: fc.constant('flip' as const), at, bit: fc.nat({ max: 7 }) }),
    fc.record({ kind: fc.constant('overwrite' as const), at, bytes: lies }),
    fc.record({
      kind: fc.constant('insert' as const),
      at,
      bytes: fc.oneof(lies, fc.uint8Array({ maxLength: 9 })),
    }),
    fc.record({ kind: fc.constant('remove' as const), at, count: fc.nat({ max: 9 }) }),
  ),
  { minLength: 1, maxLength: 3 },
)

export function mutated(bytes: Uint8Array, mutations: readonly Mutation[]): Uint8Array {
  return mutations.reduce(mutate, bytes)
}

function mutate(bytes: Uint8Array, mutation: Mutation): Uint8Array {
  const at = Math.floor(mutation.at * bytes.length)
  const before = bytes.slice(0, at)
  switch (mutation.kind) {
    case 'truncate':
      return before
    case 'flip':
      return joined(
        before,
        Uint8Array.of((bytes[at] ?? 0) ^ (1 << mutation.bit)),
        bytes.slice(at + 1),
      )
    case 'overwrite':
      return joined(before, mutation.bytes, bytes.slice(at + mutation.bytes.length))
    case 'insert':
      return joined(before, mutation.bytes, bytes.slice(at))
    case 'remove':
      return joined(before, bytes.slice(at + mutation.count))
  }
}

function joined(...parts: readonly Uint8Array[]): Uint8Array {
  return new Uint8Array(Buffer.concat(parts))
}
