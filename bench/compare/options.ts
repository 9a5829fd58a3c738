// What a comparison is told on its command line.
import { Argument, Command, InvalidArgumentError, Option } from 'commander'
import type { WriteMode } from '../../src/log/types.js'

export interface Options {
  readonly rounds: number
  readonly writeMode: WriteMode
  /** Of the event-loop scenario. */
  readonly volumeGibibytes: number
  /** Multiplies the volume of the scenarios that do not say otherwise; below 1 only to try them out. */
  readonly scale: number
}

/** Ends the process with a line that says why where the arguments are not right, and after --help. */
export function parseOptions(
  args: readonly string[],
  scenarios: readonly string[],
): { options: Options; chosen: readonly string[] } {
  const program = new Command('npm run bench -- compare')
    .description('Millrace beside the real Kafka and floors in C, on this machine, in one run.')
    .addArgument(new Argument('[scenario...]', 'all, when none is named').choices(scenarios))
    .option('--rounds <number>', 'measured A B A B, the median counts', positive, 3)
    .addOption(
      new Option('--write-mode <mode>', 'how Millrace writes its segments')
        .choices(['mmap', 'pwrite'])
        .default('mmap'),
    )
    .option('--volume-gib <number>', 'what event-loops writes each time', positive, 8)
    .option('--scale <number>', 'multiplies the volumes, to try a scenario out', positive, 1)
    .parse(args, { from: 'user' })
  const { volumeGib, ...options } = program.opts<
    Omit<Options, 'volumeGibibytes'> & {
      volumeGib: number
    }
  >()
  return { options: { ...options, volumeGibibytes: volumeGib }, chosen: program.args }
}

function positive(text: string): number {
  const value = Number(text)
  if (!(value > 0)) throw new InvalidArgumentError('It must be a number above 0.')
  return value
}
