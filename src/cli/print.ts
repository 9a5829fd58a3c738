/** What a command has to say: as JSON for programs, or as text for people. */
export function printResult(
  flags: { readonly json?: boolean },
  value: unknown,
  text: string,
): void {
  process.stdout.write(`${flags.json ? JSON.stringify(value) : text}\n`)
}
