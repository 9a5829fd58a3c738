// The members of a JSON object or array as the text they were written in: to parse a value and to print
// it again would change numbers that JavaScript cannot hold.

export interface JsonMember {
  /** undefined in an array. */
  readonly name: string | undefined
  readonly text: string
}

/** `text` is an object or an array that JSON.parse accepts. */
export function jsonMembers(text: string): JsonMember[] {
  const isObject = text.trimStart().startsWith('{')
  const members: JsonMember[] = []
  let at = afterSpace(text, text.indexOf(isObject ? '{' : '[') + 1)
  while (at < text.length && text[at] !== '}' && text[at] !== ']') {
    let name: string | undefined
    if (isObject) {
      const end = endOfValue(text, at)
      name = JSON.parse(text.slice(at, end)) as string
      at = afterSpace(text, text.indexOf(':', end) + 1)
    }
    const end = endOfValue(text, at)
    members.push({ name, text: text.slice(at, end).trimEnd() })
    at = afterSpace(text, end)
    if (text[at] === ',') at = afterSpace(text, at + 1)
  }
  return members
}

function afterSpace(text: string, from: number): number {
  let at = from
  while (at < text.length && ' \t\n\r'.includes(text[at] ?? '')) at++
  return at
}

/** Where the value that begins at `from` ends. */
function endOfValue(text: string, from: number): number {
  let depth = 0
  for (let at = from; at < text.length; at++) {
    const character = text[at]
    if (character === '"') at = closingQuote(text, at)
    else if (character === '{' || character === '[') depth++
    else if (depth === 0 && (character === ',' || character === '}' || character === ']')) return at
    else if (character === '}' || character === ']') depth--
    else if (depth === 0 && character === ':') return at
    if (depth === 0 && '"}]'.includes(text[at] ?? '')) return at + 1
  }
  return text.length
}

function closingQuote(text: string, from: number): number {
  let at = text.indexOf('"', from + 1)
  while (isEscaped(text, at)) at = text.indexOf('"', at + 1)
  return at
}

function isEscaped(text: string, at: number): boolean {
  let backslashes = 0
  while (text[at - 1 - backslashes] === '\\') backslashes++
  return backslashes % 2 === 1
}
