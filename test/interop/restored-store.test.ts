// A coordination service that an operator brought back from an old copy: it would give out epochs a second
// time. A broker that was there refuses it, also when it did not run meanwhile.
import assert from 'node:assert/strict'
import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { after, before, test } from 'node:test'
import { startBroker, temporaryDirectory } from '../support/broker.js'
import { type EtcdMember, startEtcd } from '../support/etcd.js'
import { kafkaJs } from './kafkajs.js'

let etcd: EtcdMember
let flags: readonly string[]

before(async () => {
  etcd = await startEtcd()
  flags = ['--id', '1', '--store', `etcd://127.0.0.1:${etcd.port}/millrace`, '--workers', '1']
})
after(() => etcd.crash())

async function createTopics(kafka: string, count: number): Promise<void> {
  const admin = kafkaJs(kafka).admin()
  await admin.connect()
  for (let made = 0; made < count; made++) {
    await admin.createTopics({ topics: [{ topic: `topic-${made}`, replicationFactor: 1 }] })
  }
  await admin.disconnect()
}

async function copyOfStore(): Promise<string> {
  await etcd.crash()
  const copy = etcd.copyData()
  await etcd.start()
  return copy
}

async function restore(copy: string): Promise<void> {
  await etcd.crash()
  etcd.restoreData(copy)
  await etcd.start()
}

test('an older controller epoch, and an older version, are refused; without the note the operator has his way', async () => {
  const dataDirectory = temporaryDirectory()
  const first = await startBroker({ flags, dataDirectory })
  await first.stop()
  const beforeSecond = await copyOfStore()
  const second = await startBroker({ flags, dataDirectory })
  const duringSecond = await copyOfStore()
  await createTopics(second.kafka, 20)
  await second.stop()
  await restore(beforeSecond)
  await assert.rejects(
    startBroker({ flags, dataDirectory }),
    /went back in time \(controller epoch 1 there, and this broker has seen 2\)/,
  )
  await restore(duringSecond)
  await assert.rejects(
    startBroker({ flags, dataDirectory }),
    /went back in time \(version \d+ there, and this broker has seen \d+\)/,
  )
  rmSync(join(dataDirectory, 'metadata-seen'))
  const forced = await startBroker({ flags, dataDirectory })
  await forced.stop()
})
