// Readers of JSON that take a value only if it is what they say. They throw a TypeError that names the
// place; records.ts turns it into a failure.

export type Reader<T> = (json: unknown, where: string) => T
export type Fields<T> = { readonly [K in keyof T]: Reader<T[K]> }

export const text: Reader<string> = (json, where) =>
  typeof json === 'string' ? json : refuse(where, 'a string')

export const boolean: Reader<boolean> = (json, where) =>
  typeof json === 'boolean' ? json : refuse(where, 'true or false')

export const integer: Reader<number> = (json, where) =>
  Number.isSafeInteger(json) ? Number(json) : refuse(where, 'a whole number')

export function optional<T>(reader: Reader<T>): Reader<T | undefined> {
  return (json, where) => (json === undefined ? undefined : reader(json, where))
}

/** What older records have not: then the value given here. */
export function optionalOr<T>(reader: Reader<T>, absent: T): Reader<T> {
  return (json, where) => (json === undefined ? absent : reader(json, where))
}

export function list<T>(reader: Reader<T>): Reader<readonly T[]> {
  return (json, where) =>
    Array.isArray(json)
      ? json.map((element: unknown, index) => reader(element, `${where}[${index}]`))
      : refuse(where, 'a list')
}

export function map<T>(reader: Reader<T>): Reader<Readonly<Record<string, T>>> {
  return (json, where) => {
    const entries = Object.entries(plainObject(json, where))
    return Object.fromEntries(
      entries.map(([key, value]) => [key, reader(value, `${where}.${key}`)]),
    )
  }
}

/** Fields that are not named are ignored: a later format may add what an older reader need not know. */
export function object<T>(fields: Fields<T>): Reader<T> {
  return (json, where) => {
    const given = plainObject(json, where)
    const read: Partial<T> = {}
    for (const key in fields) read[key] = fields[key](given[key], `${where}.${key}`)
    return read as T
  }
}

function plainObject(json: unknown, where: string): Record<string, unknown> {
  return typeof json === 'object' && json !== null && !Array.isArray(json)
    ? (json as Record<string, unknown>)
    : refuse(where, 'an object')
}

function refuse(where: string, expected: string): never {
  throw new TypeError(`${where} is not ${expected}`)
}
