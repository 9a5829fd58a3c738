// millrace bench: how fast is a broker on this machine?
import { type Command, InvalidArgumentError, Option } from 'commander'
import type { BenchFlags } from '../bench/run.js'

export function registerBench(program: Command): void {
  program
    .command('bench')
    .description(
      'measure throughput and latency over Kafka and WebSocket; starts a broker of its own unless told one',
    )
    .option('--kafka <HOST:PORT>', 'the Kafka address of a running broker')
    .option('--url <URL>', 'the WebSocket URL of the same broker')
    .addOption(
      new Option('--over <TRANSPORT>', 'what to measure')
        .choices(['kafka', 'websocket', 'both'])
        .default('both'),
    )
    .addOption(
      new Option('--flush <POLICY>', 'flush policy of its own broker')
        .choices(['group', 'interval', 'os'])
        .default('group'),
    )
    .option('--seconds <N>', 'length of each run', whole, 5)
    .option('--size <BYTES>', 'bytes of a record', whole, 1024)
    .option('--batch <N>', 'records in a batch', whole, 100)
    .option('--connections <N>', 'connections that produce', whole, 2)
    .option('--partitions <N>', 'partitions of the topic', whole, 6)
    .option('--rate <N>', 'records a second of the latency runs', whole, 1000)
    .option('--out <DIR>', 'where bench.json and bench.svg go', 'millrace-bench')
    .option('--json', 'print the results as JSON')
    .action(async (flags: BenchFlags) => {
      const { bench } = await import('../bench/run.js')
      await bench(flags)
    })
}

function whole(text: string): number {
  if (!/^[1-9]\d*$/.test(text)) throw new InvalidArgumentError('It must be a whole number above 0.')
  return Number(text)
}
