// Each stock way to read a partition from its beginning to its end, as one string of bytes.
import { millrace, type TestBroker } from '../support/broker.js'
import { runKafkaTool } from '../support/kafka-server.js'
import { runOrFail } from '../support/processes.js'

export async function readWithKcat(
  broker: TestBroker,
  topic: string,
  ...more: string[]
): Promise<Buffer> {
  const fixed = ['-C', '-p', '0', '-o', 'beginning', '-e', '-q']
  return (await runOrFail('kcat', ['-b', broker.kafka, '-t', topic, ...fixed, ...more])).stdout
}

export async function readWithMillrace(
  broker: TestBroker,
  topic: string,
  ...more: string[]
): Promise<Buffer> {
  const flags = ['--from', 'earliest', '--until-end', '--url', broker.websocket]
  const args = [millrace, 'consume', topic, ...flags, ...more]
  return (await runOrFail(process.execPath, args)).stdout
}

export async function readWithConsoleConsumer(
  broker: TestBroker,
  topic: string,
  count: number,
): Promise<Buffer> {
  const { stdout, stderr, code } = await runKafkaTool('console-consumer', [
    '--bootstrap-server',
    broker.kafka,
    '--topic',
    topic,
    '--partition',
    '0',
    '--offset',
    'earliest',
    '--max-messages',
    `${count}`,
    '--timeout-ms',
    '60000',
  ])
  if (code !== 0) throw new Error(stderr)
  return stdout
}
