// What happened, as one number: two runs of a seed are equal when their hashes are.
export class Trace {
  private low = 0x811c9dc5 | 0
  private high = 0x9e3779b9 | 0
  private readonly codes = new Map<string, number>()
  private readonly time = new Float64Array(1)
  private readonly timeWords = new Uint32Array(this.time.buffer)
  private lastMs = 0

  /** `line` is given each event as text: for comparing two runs that should have been one. */
  constructor(private readonly line?: (text: string) => void) {}

  add(atMs: number, who: string, what: string): void {
    this.lastMs = atMs
    this.time[0] = atMs
    this.mix(this.timeWords[0] ?? 0)
    this.mix(this.timeWords[1] ?? 0)
    this.mix(this.codeOf(who))
    this.mix(this.codeOf(what))
    this.line?.(`${atMs.toFixed(3)} ${who} ${what}`)
  }

  /** What a check or a node under test wants compared, too: a value read, an offset. */
  note(text: string): void {
    for (let index = 0; index < text.length; index++) this.mix(text.charCodeAt(index))
    this.line?.(`${this.lastMs.toFixed(3)} note ${text}`)
  }

  get hash(): string {
    const hex = (word: number) => (word >>> 0).toString(16).padStart(8, '0')
    return hex(this.high) + hex(this.low)
  }

  private mix(word: number): void {
    this.low = Math.imul(this.low ^ word, 0x01000193)
    this.low = (this.low << 13) | (this.low >>> 19)
    this.high = Math.imul(this.high ^ word ^ this.low, 0x85ebca6b)
    this.high ^= this.high >>> 13
  }

  // Names are few: the order of their first use is the same in every run of a seed.
  private codeOf(name: string): number {
    let code = this.codes.get(name)
    if (code === undefined) {
      code = this.codes.size
      this.codes.set(name, code)
      this.note(name)
    }
    return code
  }
}
