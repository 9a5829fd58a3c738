// millrace bench: how fast is a broker on this machine?
import { type Command, Option } from 'commander'
import type { BenchFlags } from '../bench/run.js'
import { positiveNumber } from '../whole-number.js'

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
    .option('--seconds <N>', 'length of each run', positiveNumber, 5)
    .option('--size <BYTES>', 'bytes of a record', positiveNumber, 1024)
    .option('--batch <N>', 'records in a batch', positiveNumber, 100)
    .option('--connections <N>', 'connections that produce', positiveNumber, 2)
    .option('--partitions <N>', 'partitions of the topic', positiveNumber, 6)
    .option('--rate <N>', 'records a second of the latency runs', positiveNumber, 1000)
    .option('--out <DIR>', 'where bench.json and bench.svg go', 'millrace-bench')
    .option('--json', 'print the results as JSON')
    .action(async (flags: BenchFlags) => {
      const { bench } = await import('../bench/run.js')
      await bench(flags)
    })
}
