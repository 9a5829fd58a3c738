// Turns a schema into the source of an encoder for one version: the counterpart of compile-decoder.ts.
import { CodeBuilder, identifier } from './code-builder.js'
import { ProtocolError } from './protocol-error.js'
import {
  type ArrayType,
  type Field,
  inVersion,
  type StructType,
  takesNull,
  type WireType,
} from './schema.js'
import { isDefault, type Version } from './wire-facts.js'
import type { FrameWriter } from './writer.js'

export type Encoder = (writer: FrameWriter, draft: unknown) => void

export function compileEncoder(type: StructType, at: Version, title: string): Encoder {
  const source = new EncoderSource(at)
  source.struct(type, 'd', '')
  const encode = source.code.build(['w', 'd'], `${title} encode`)
  const { paths } = source.code
  return (writer, draft) => {
    try {
      encode(writer, draft)
    } catch (error) {
      if (error instanceof ProtocolError) throw error.locate(title, paths[writer.field] ?? '')
      throw error
    }
  }
}

class EncoderSource {
  readonly code = new CodeBuilder()

  constructor(private readonly at: Version) {}

  /** Emits the writing of the struct that the variable `struct` holds. */
  struct(type: StructType, struct: string, path: string): void {
    const present = type.fields.filter((field) => inVersion(field, this.at.version))
    for (const field of present) {
      if (field.tag !== undefined) continue
      const fieldPath = join(path, field.name)
      const value = this.valueOf(field, struct)
      this.code.enter('w', fieldPath)
      this.write(field.type, value, fieldPath)
    }
    if (!this.at.flexible) return
    const tagged = present
      .filter((field) => field.tag !== undefined)
      .sort((left, right) => (left.tag ?? 0) - (right.tag ?? 0))
    if (tagged.length === 0) this.code.line('w.writeUnsignedVarint(0)')
    else this.taggedFields(tagged, struct, path)
  }

  private taggedFields(fields: readonly Field[], struct: string, path: string): void {
    const { code } = this
    const written = fields.map((field) => {
      const value = this.valueOf(field, struct)
      const needed = code.fresh()
      code.line(`const ${needed} = ${this.differs(field, value)}`)
      return { field, value, needed }
    })
    const count = written.map(({ needed }) => `(${needed} ? 1 : 0)`).join(' + ')
    code.line(`w.writeUnsignedVarint(${count})`)
    for (const { field, value, needed } of written) {
      const begun = code.fresh()
      const fieldPath = join(path, field.name)
      code.line(`if (${needed}) {`)
      code.enter('w', fieldPath)
      code.line(`const ${begun} = w.beginTagged(${field.tag})`)
      this.write(field.type, value, fieldPath)
      code.line(`w.endTagged(${begun}) }`)
    }
  }

  /** Emits the reading of a field of the draft; returns the variable with its value or default. */
  private valueOf(field: Field, struct: string): string {
    const variable = this.code.fresh()
    this.code.line(`let ${variable} = ${struct}.${identifier(field.name)}`)
    if (field.default !== undefined) {
      this.code.line(
        `if (${variable} === undefined) ${variable} = ${this.code.constant(field.default)}`,
      )
    }
    return variable
  }

  /** The expression that is true when a tagged field has to be written. */
  private differs(field: Field, value: string): string {
    const otherwise = this.code.constant(field.default)
    if (typeof field.default !== 'object' || field.default === null)
      return `${value} !== ${otherwise}`
    const same = this.code.constant(isDefault)
    const type = this.code.constant(field.type)
    return `${value} !== ${otherwise} && !${same}(${type}, ${value}, ${otherwise})`
  }

  private write(type: WireType, value: string, path: string): void {
    const { code } = this
    const nullable = type.kind.startsWith('nullable')
    if (nullable && !takesNull(type, this.at.version)) {
      code.line(`if (${value} === null) fail('null is not allowed')`)
    }
    switch (type.kind) {
      case 'struct':
        code.line('{')
        this.struct(type, value, path)
        code.line('}')
        return
      case 'nullableStruct':
        code.line(`w.writePresence(${value} !== null)`)
        code.line(`if (${value} !== null) {`)
        this.struct(type, value, path)
        code.line('}')
        return
      case 'array':
      case 'nullableArray':
        this.array(type, value, path)
        return
      default:
        code.line(`w.${writeMethod(type.kind, this.at.flexible)}(${value})`)
    }
  }

  private array(type: ArrayType, value: string, path: string): void {
    const { code } = this
    const method = this.at.flexible ? 'writeCompactArrayLength' : 'writeArrayLength'
    const index = code.fresh()
    const element = code.fresh()
    const nullable = type.kind === 'nullableArray'
    if (nullable) code.line(`if (${value} === null) w.${method}(-1); else {`)
    const elementPath = `${path}[]`
    code.line(`w.${method}(${value}.length)`)
    if (type.element.kind !== 'struct') code.enter('w', elementPath)
    code.line(`for (let ${index} = 0; ${index} < ${value}.length; ${index}++) {`)
    code.line(`const ${element} = ${value}[${index}]`)
    this.write(type.element, element, elementPath)
    code.line('}')
    if (nullable) code.line('}')
  }
}

function join(parent: string, name: string): string {
  return parent === '' ? name : `${parent}.${name}`
}

/** "writeInt32", "writeCompactNullableString": FrameWriter's method for a primitive. */
function writeMethod(kind: string, flexible: boolean): string {
  const hasLength = /string|bytes|records/i.test(kind)
  return `write${flexible && hasLength ? 'Compact' : ''}${kind.charAt(0).toUpperCase()}${kind.slice(1)}`
}
