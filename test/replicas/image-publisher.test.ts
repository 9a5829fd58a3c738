// What the threads are told: of this broker's own part only while it is let in.
import assert from 'node:assert/strict'
import { test } from 'node:test'
import { Touched } from '../../src/cluster/touched.js'
import { ImagePublisher } from '../../src/replicas/image-publisher.js'
import { brokerState, clusterWith, register, TOPIC } from '../controller/cluster-fixture.js'

const replicas = { handle: (_: string, index: number) => 70 + index }

function published() {
  const state = clusterWith(
    [1, 2],
    [
      [1, 2],
      [2, 1],
    ],
  )
  const publisher = new ImagePublisher({ brokerId: 1, state, replicas })
  const touched = new Touched()
  touched.addTopic(TOPIC)
  touched.brokers = true
  publisher.publish(touched)
  const partitions = () => publisher.image().topic('orders')?.partitions ?? []
  const told = () => partitions().map(({ leaderId, logHandle }) => [leaderId, logHandle])
  return { state, publisher, told }
}

test('leaders are told with the handles of what this broker holds', () => {
  assert.deepEqual(published().told(), [
    [1, 70],
    [2, 71],
  ])
})

test('whose registration is over is told to lead nothing: it is not its disk that failed', () => {
  const { state, publisher, told } = published()
  state.replay({ type: 'broker-state', brokerId: 1, record: brokerState({ isFenced: true }) })
  publisher.publish(new Touched())
  assert.deepEqual(told(), [
    [-1, undefined],
    [2, undefined],
  ])
  register(state, 1, { epoch: 2 })
  publisher.publish(new Touched())
  assert.deepEqual(told(), [
    [1, 70],
    [2, 71],
  ])
})
