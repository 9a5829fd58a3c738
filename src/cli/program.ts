// The command `millrace`. Each command is a file; what it needs is imported when it runs, so that
// serving starts fast and `--help` faster.
import { readFileSync } from 'node:fs'
import { Command, CommanderError } from 'commander'
import { registerBench } from './commands/bench.js'
import { registerCluster } from './commands/cluster.js'
import { registerConsume } from './commands/consume.js'
import { registerDev } from './commands/dev.js'
import { registerLog } from './commands/log.js'
import { registerProduce } from './commands/produce.js'
import { registerServe } from './commands/serve.js'
import { registerTopic } from './commands/topic.js'
import { ExitCode, reportFailure } from './exit.js'

const MANIFEST = new URL('../../../package.json', import.meta.url)

function buildProgram(): Command {
  const manifest = JSON.parse(readFileSync(MANIFEST, 'utf8')) as { version: string }
  const program = new Command('millrace')
    .description('An event-streaming broker for TypeScript and for everything that speaks Kafka.')
    .showHelpAfterError('(millrace --help lists the commands)')
    .enablePositionalOptions()
    .exitOverride()
    .addHelpText(
      'after',
      `
Exit codes: 0 done · 1 failed · 2 wrong usage or configuration · 3 broker not reachable
            4 not found · 5 damaged data found

Begin with:  millrace serve
then:        millrace topic create events --partitions 3
             millrace produce events < file.log
             millrace consume events --until-end`,
    )
  for (const register of [
    registerServe,
    registerTopic,
    registerProduce,
    registerConsume,
    registerCluster,
    registerDev,
    registerLog,
    registerBench,
  ]) {
    register(program)
  }
  answerVersion(program, manifest.version)
  return program
}

function answerVersion(command: Command, version: string): void {
  command.version(version, '-V, --version', 'print the version')
  for (const below of command.commands) answerVersion(below, version)
}

// Whoever read the output has seen enough (`millrace … | head`): no failure of ours.
function endWhenNobodyReads(error: Error): void {
  if (!('code' in error) || error.code !== 'EPIPE') throw error
  process.exit(ExitCode.done)
}

export async function main(argv: readonly string[]): Promise<void> {
  process.stdout.on('error', endWhenNobodyReads)
  try {
    await buildProgram().parseAsync([...argv])
  } catch (error) {
    if (error instanceof CommanderError) {
      process.exitCode = error.exitCode === 0 ? ExitCode.done : ExitCode.usage
      return
    }
    reportFailure(error)
  }
}
