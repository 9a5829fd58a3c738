// Collects the source of one compiled function. Everything in it comes from the schemas: field names
// are checked to be plain identifiers, values enter as constants and never as text.
import { ProtocolError } from './protocol-error.js'

const IDENTIFIER = /^[A-Za-z][A-Za-z0-9]*$/

export class CodeBuilder {
  /** Paths of the fields, by the number that the code stores in `field` of its reader or writer. */
  readonly paths: string[] = []
  private readonly constants: unknown[] = []
  private readonly lines: string[] = []
  private names = 0

  line(text: string): void {
    this.lines.push(text)
  }

  /** A variable name that no other part of the function uses. */
  fresh(): string {
    return `v${this.names++}`
  }

  /** The expression of a value that the code refers to. */
  constant(value: unknown): string {
    if (value === null || typeof value === 'boolean' || typeof value === 'number') {
      return String(value)
    }
    this.constants.push(value)
    return `constants[${this.constants.length - 1}]`
  }

  /** Notes in `subject` ("r" or "w") that what follows works on the field at `path`. */
  enter(subject: string, path: string): void {
    this.paths.push(path)
    this.line(`${subject}.field = ${this.paths.length - 1}`)
  }

  /** The collected code as a function of `parameters`; `title` names it in stack traces. */
  build(parameters: readonly string[], title: string): (...given: readonly unknown[]) => unknown {
    const name = title.replace(/\W+/g, '-')
    const body = [
      "'use strict'",
      `return function (${parameters.join(', ')}) {`,
      ...this.lines,
      '}',
      `//# sourceURL=millrace-codec/${name}.js`,
    ]
    const factory = new Function('constants', 'fail', body.join('\n'))
    return factory(this.constants, fail)
  }
}

export function identifier(name: string): string {
  if (!IDENTIFIER.test(name)) throw new TypeError(`'${name}' cannot be the name of a field`)
  return name
}

function fail(reason: string): never {
  throw new ProtocolError(reason)
}
