// The language in which messages/<api>.ts describe the Kafka protocol. A schema is data that spans all
// versions of an API: the order of its fields is their order on the wire, a field's name is Kafka's
// with a small first letter. The types of requests and responses are inferred from it.
//
//   Infer<F>  what decoding gives: every field is there; one that its version lacks has its default.
//   Draft<F>  what encoding takes: a field that has a default may be left out; one that the version
//             lacks is dropped.

declare const valueBrand: unique symbol
declare const draftBrand: unique symbol

export type PrimitiveKind =
  | 'bool'
  | 'int8'
  | 'int16'
  | 'uint16'
  | 'int32'
  | 'uint32'
  | 'int64'
  | 'clampedInt64'
  | 'float64'
  | 'uuid'
  | 'string'
  | 'nullableString'
  | 'bytes'
  | 'nullableBytes'
  | 'records'

export interface PrimitiveType {
  readonly kind: PrimitiveKind
  /** A nullable type that becomes so only in this version: null is refused before. */
  readonly nullableSince?: number
}

export interface ArrayType {
  readonly kind: 'array' | 'nullableArray'
  readonly element: WireType
  readonly nullableSince?: number
}

export interface StructType {
  readonly kind: 'struct' | 'nullableStruct'
  readonly fields: readonly Field[]
  readonly nullableSince?: number
}

export type WireType = PrimitiveType | ArrayType | StructType

/** A field of a struct, with the versions that have it, both ends included. */
export interface Field {
  readonly name: string
  readonly type: WireType
  readonly since: number
  readonly until: number
  readonly tag: number | undefined
  /** What a version without the field decodes to; undefined when every version has it. */
  readonly default: unknown
}

/** A wire type that knows its TypeScript types. The brands exist for the compiler only. */
export type Typed<Value, DraftValue = Value> = WireType & {
  readonly [valueBrand]?: Value
  readonly [draftBrand]?: DraftValue
}

/** A type with the versions it appears in: what since, until, between and tagged return. */
export interface Versioned<T extends WireType = WireType> {
  readonly type: T
  readonly since: number
  readonly until: number
  readonly tag: number | undefined
  readonly default: unknown
}

/** The fields of a struct in wire order. */
export type Fields = { readonly [name: string]: WireType | Versioned }

type ValueOf<T> = T extends { readonly [valueBrand]?: infer V } ? V : never
type DraftOf<T> = T extends { readonly [draftBrand]?: infer V } ? V : never
type TypeIn<T> = T extends Versioned<infer W> ? W : T
type VersionedKeys<F> = { [K in keyof F]: F[K] extends Versioned ? K : never }[keyof F]

export type Infer<F extends Fields> = { readonly [K in keyof F]: ValueOf<TypeIn<F[K]>> }
export type Draft<F extends Fields> = {
  readonly [K in Exclude<keyof F, VersionedKeys<F>>]: DraftOf<F[K]>
} & {
  readonly [K in VersionedKeys<F>]?: DraftOf<TypeIn<F[K]>> | undefined
}

export const bool: Typed<boolean> = { kind: 'bool' }
export const int8: Typed<number> = { kind: 'int8' }
export const int16: Typed<number> = { kind: 'int16' }
export const uint16: Typed<number> = { kind: 'uint16' }
export const int32: Typed<number> = { kind: 'int32' }
export const uint32: Typed<number> = { kind: 'uint32' }
/** A safe integer; a value beyond 2^53 - 1 is a ProtocolError. */
export const int64: Typed<number> = { kind: 'int64' }
/**
 * An int64 in which a client may well put a bound such as Long.MAX_VALUE: beyond the safe integers it
 * is read as their end, and their end is written as int64's.
 */
export const clampedInt64: Typed<number> = { kind: 'clampedInt64' }
export const float64: Typed<number> = { kind: 'float64' }
/** 22 letters of base64url, as Kafka prints it; ZERO_UUID is none. */
export const uuid: Typed<string> = { kind: 'uuid' }
export const string: Typed<string> = { kind: 'string' }
export const nullableString: Typed<string | null> = { kind: 'nullableString' }
/** Decoded as a copy. */
export const bytes: Typed<Uint8Array> = { kind: 'bytes' }
export const nullableBytes: Typed<Uint8Array | null> = { kind: 'nullableBytes' }
/** Record batches, not looked into: decoded as views of the frame, encoded without a copy. */
export const records: Typed<readonly Uint8Array[] | null> = { kind: 'records' }

type ElementValue<E> = E extends WireType ? ValueOf<E> : E extends Fields ? Infer<E> : never
type ElementDraft<E> = E extends WireType ? DraftOf<E> : E extends Fields ? Draft<E> : never

export function array<E extends WireType | Fields>(
  element: E,
): Typed<readonly ElementValue<E>[], readonly ElementDraft<E>[]> {
  return { kind: 'array', element: elementType(element) }
}

export function nullableArray<E extends WireType | Fields>(
  element: E,
): Typed<readonly ElementValue<E>[] | null, readonly ElementDraft<E>[] | null> {
  return { kind: 'nullableArray', element: elementType(element) }
}

export function struct<F extends Fields>(fields: F): Typed<Infer<F>, Draft<F>> {
  return { kind: 'struct', fields: fieldList(fields) }
}

export function nullableStruct<F extends Fields>(
  fields: F,
): Typed<Infer<F> | null, Draft<F> | null> {
  return { kind: 'nullableStruct', fields: fieldList(fields) }
}

/** A nullable type that does not take null before `version`. */
export function nullableSince<T extends WireType>(version: number, type: T): T {
  return { ...type, nullableSince: version }
}

const LAST_VERSION = 32_767

/** A field that `version` added. Before, it decodes to `otherwise` and is not encoded. */
export function since<T extends WireType>(
  version: number,
  type: T,
  otherwise: ValueOf<T>,
): Versioned<T> {
  return versioned(type, otherwise, { since: version })
}

/** A field whose last version is `version`. */
export function until<T extends WireType>(
  version: number,
  type: T,
  otherwise: ValueOf<T>,
): Versioned<T> {
  return versioned(type, otherwise, { until: version })
}

/** A field of the versions `[first, last]`. */
export function between<T extends WireType>(
  [first, last]: readonly [number, number],
  type: T,
  otherwise: ValueOf<T>,
): Versioned<T> {
  return versioned(type, otherwise, { since: first, until: last })
}

/** A tagged field (KIP-482) that `version` added: encoded only when it differs from `otherwise`. */
export function tagged<T extends WireType>(
  tag: number,
  version: number,
  type: T,
  otherwise: ValueOf<T>,
): Versioned<T> {
  return versioned(type, otherwise, { since: version, tag })
}

/** A field of every version that may be left out of a draft. */
export function optional<T extends WireType>(type: T, otherwise: ValueOf<T>): Versioned<T> {
  return versioned(type, otherwise, {})
}

export interface ApiDefinition<Q extends Fields, S extends Fields> {
  /** Kafka's number of the API. */
  readonly key: number
  /** Kafka's name of the API, as in its documentation. */
  readonly name: string
  /** The versions that the schema covers, both ends included. */
  readonly versions: readonly [first: number, last: number]
  /** The first version with compact lengths and tagged fields. */
  readonly flexible: number | 'none'
  /** From this version on Kafka does not offer it to clients yet. */
  readonly unstable?: number
  readonly request: Q
  readonly response: S
}

export interface Api<Q extends Fields = Fields, S extends Fields = Fields>
  extends Omit<ApiDefinition<Q, S>, 'flexible'> {
  readonly flexible: number
  readonly requestType: StructType
  readonly responseType: StructType
}

export function defineApi<const Q extends Fields, const S extends Fields>(
  definition: ApiDefinition<Q, S>,
): Api<Q, S> {
  const { flexible, request, response } = definition
  return {
    ...definition,
    flexible: flexible === 'none' ? Number.POSITIVE_INFINITY : flexible,
    requestType: { kind: 'struct', fields: fieldList(request) },
    responseType: { kind: 'struct', fields: fieldList(response) },
  }
}

/** True if a field is on the wire in `version`. */
export function inVersion(field: Field, version: number): boolean {
  return field.since <= version && version <= field.until
}

/** False for a type that does not take null in `version`. */
export function takesNull(type: WireType, version: number): boolean {
  if (type.kind === 'records') return true
  return type.kind.startsWith('nullable') && (type.nullableSince ?? 0) <= version
}

function versioned<T extends WireType>(
  type: T,
  otherwise: ValueOf<T>,
  versions: { readonly since?: number; readonly until?: number; readonly tag?: number },
): Versioned<T> {
  return {
    type,
    since: versions.since ?? 0,
    until: versions.until ?? LAST_VERSION,
    tag: versions.tag,
    default: deepFreeze(otherwise),
  }
}

function elementType(element: WireType | Fields): WireType {
  return isWireType(element) ? element : { kind: 'struct', fields: fieldList(element) }
}

// A field may be called "kind", but then its value is a type, not a string.
function isWireType(candidate: WireType | Fields): candidate is WireType {
  return typeof candidate.kind === 'string'
}

function fieldList(fields: Fields): readonly Field[] {
  return Object.entries(fields).map(([name, spec]) =>
    isVersioned(spec) ? { name, ...spec } : { name, ...everyVersion(spec) },
  )
}

function isVersioned(spec: WireType | Versioned): spec is Versioned {
  return !('kind' in spec)
}

function everyVersion(type: WireType): Versioned {
  return { type, since: 0, until: LAST_VERSION, tag: undefined, default: undefined }
}

/** Defaults are shared by every message that is decoded. */
function deepFreeze<T>(value: T): T {
  if (typeof value === 'object' && value !== null && !ArrayBuffer.isView(value)) {
    Object.values(value).forEach(deepFreeze)
    Object.freeze(value)
  }
  return value
}
