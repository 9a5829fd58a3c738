// Turns a schema into the source of a decoder for one version: straight-line code with one call site
// per field, and every message of the same shape, whatever its version.
import { CodeBuilder, identifier } from './code-builder.js'
import { ProtocolError } from './protocol-error.js'
import type { FrameReader } from './reader.js'
import {
  type ArrayType,
  type Field,
  inVersion,
  type StructType,
  takesNull,
  type WireType,
} from './schema.js'
import { minimumBytes, type Version } from './wire-facts.js'

export type Decoder = (reader: FrameReader) => unknown

export function compileDecoder(type: StructType, at: Version, title: string): Decoder {
  const source = new DecoderSource(at)
  source.code.line(`return ${source.struct(type, '')}`)
  const decode = source.code.build(['r'], `${title} decode`)
  const { paths } = source.code
  return (reader) => {
    try {
      return decode(reader)
    } catch (error) {
      if (error instanceof ProtocolError) throw error.locate(title, paths[reader.field] ?? '')
      throw error
    }
  }
}

class DecoderSource {
  readonly code = new CodeBuilder()

  constructor(private readonly at: Version) {}

  /** Emits the reading of a struct's fields; returns the expression that makes the object. */
  struct(type: StructType, path: string): string {
    const variables = type.fields.map((field) => this.plainField(field, path))
    if (this.at.flexible) this.taggedFields(type, variables, path)
    const entries = type.fields.map(
      (field, index) => `${identifier(field.name)}: ${variables[index]}`,
    )
    return `{ ${entries.join(', ')} }`
  }

  /** Returns the variable, or the default, that holds the field. */
  private plainField(field: Field, parent: string): string {
    if (!inVersion(field, this.at.version)) return this.code.constant(field.default)
    const variable = this.code.fresh()
    if (field.tag !== undefined) {
      this.code.line(`let ${variable} = ${this.code.constant(field.default)}`)
      return variable
    }
    const path = join(parent, field.name)
    this.code.enter('r', path)
    this.code.line(`let ${variable}`)
    this.read(field.type, variable, path)
    return variable
  }

  private taggedFields(type: StructType, variables: readonly string[], parent: string): void {
    const { code } = this
    const known = type.fields.flatMap((field, index) =>
      field.tag !== undefined && inVersion(field, this.at.version)
        ? [{ field, variable: variables[index] ?? '' }]
        : [],
    )
    const path = join(parent, 'taggedFields')
    code.enter('r', path)
    if (known.length === 0) {
      code.line('r.skipTaggedFields()')
      return
    }
    const tag = code.fresh()
    const end = code.fresh()
    const count = code.fresh()
    code.line(`for (let ${count} = r.readUnsignedVarint(); ${count} > 0; ${count}--) {`)
    code.enter('r', path)
    code.line(`const ${tag} = r.readUnsignedVarint(), ${end} = r.readTaggedEnd()`)
    code.line(`switch (${tag}) {`)
    for (const { field, variable } of known) {
      code.line(`case ${field.tag}: {`)
      const fieldPath = join(parent, field.name)
      code.enter('r', fieldPath)
      this.read(field.type, variable, fieldPath)
      code.enter('r', fieldPath)
      code.line(`r.expectTaggedEnd(${end}); break }`)
    }
    code.line(`default: r.skipTo(${end}) } }`)
  }

  /** Emits the reading of a value into `variable`. */
  private read(type: WireType, variable: string, path: string): void {
    switch (type.kind) {
      case 'struct':
        this.code.line('{')
        this.code.line(`${variable} = ${this.struct(type, path)} }`)
        return
      case 'nullableStruct':
        this.code.line('if (r.readPresence()) {')
        this.code.line(`${variable} = ${this.struct(type, path)}`)
        this.code.line(`} else ${this.nullOf(type, variable)}`)
        return
      case 'array':
      case 'nullableArray':
        this.array(type, variable, path)
        return
      default: {
        this.code.line(`${variable} = r.${readMethod(type.kind, this.at.flexible)}()`)
        const mayBeNull = type.kind.startsWith('nullable')
        if (mayBeNull && !takesNull(type, this.at.version)) {
          this.code.line(`if (${variable} === null) ${this.nullOf(type, variable)}`)
        }
      }
    }
  }

  private array(type: ArrayType, variable: string, path: string): void {
    const { code } = this
    const count = code.fresh()
    const index = code.fresh()
    const element = code.fresh()
    const minimum = minimumBytes(type.element, this.at)
    const nullable = type.kind === 'nullableArray'
    const method = `read${this.at.flexible ? 'Compact' : ''}${nullable ? 'Nullable' : ''}ArrayLength`
    code.line(`const ${count} = r.${method}(${minimum})`)
    if (nullable) code.line(`if (${count} === -1) ${this.nullOf(type, variable)}; else {`)
    code.line(`${variable} = []`)
    const elementPath = `${path}[]`
    if (!isStruct(type.element)) code.enter('r', elementPath)
    code.line(`for (let ${index} = 0; ${index} < ${count}; ${index}++) {`)
    if (isStruct(type.element) && type.element.kind === 'nullableStruct') {
      code.enter('r', elementPath)
    }
    code.line(`let ${element}`)
    this.read(type.element, element, elementPath)
    code.line(`${variable}.push(${element}) }`)
    if (nullable) code.line('}')
  }

  private nullOf(type: WireType, variable: string): string {
    if (takesNull(type, this.at.version)) return `${variable} = null`
    return "fail('null is not allowed')"
  }
}

function isStruct(type: WireType): type is StructType {
  return type.kind === 'struct' || type.kind === 'nullableStruct'
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`
}

/** "readInt32", "readCompactNullableString": FrameReader's method for a primitive. */
function readMethod(kind: string, flexible: boolean): string {
  const hasLength = /string|bytes|records/i.test(kind)
  return `read${flexible && hasLength ? 'Compact' : ''}${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
}
