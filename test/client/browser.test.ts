// millrace/client in a page of a browser, joined to one module as a web project does it.
import assert from 'node:assert/strict'
import { join } from 'node:path'
import { test } from 'node:test'
import { build } from 'esbuild'
import type * as ClientModule from '../../src/client/index.js'
import { startBroker } from '../support/broker.js'
import { withPage } from '../support/browser.js'
import { projectRoot } from '../support/project.js'

const { outputFiles, metafile } = await build({
  entryPoints: [join(projectRoot, 'dist/src/client/index.js')],
  absWorkingDir: projectRoot,
  bundle: true,
  platform: 'browser',
  format: 'esm',
  write: false,
  metafile: true,
})
const module = outputFiles[0]?.text ?? ''

test('nothing of the broker and no package comes along', () => {
  const strangers = Object.keys(metafile.inputs).filter(
    (file) => !/^(\(disabled\):)?dist\/src\/(client|protocol|base)\//.test(file),
  )
  assert.deepEqual(strangers, [])
})

// Runs in the page: nothing from outside is in reach but the arguments.
async function writeAndRead(source: string, url: string, count: number): Promise<string[]> {
  const address = URL.createObjectURL(new Blob([source], { type: 'text/javascript' }))
  const { connect }: typeof ClientModule = await import(address)
  const client = await connect(url)
  const producer = await client.producer('from-a-page')
  const acknowledged: Promise<unknown>[] = []
  for (let n = 0; n < count; n++) {
    acknowledged.push(producer.send({ key: `k${n}`, value: `record ${n}` }))
    await producer.ready()
    if (n % 1000 === 0) await acknowledged.at(-1)
    if (n !== count / 2 + 1) continue
    // What was sent since is on its way or not even that; the test kills the broker and says so.
    document.title = 'half of it is sent'
    while (document.title !== 'killed') await new Promise((resolve) => setTimeout(resolve, 10))
  }
  await Promise.all(acknowledged)
  const values: string[] = []
  const decoder = new TextDecoder()
  for await (const { value } of await client.reader('from-a-page', { until: 'end' }))
    values.push(decoder.decode(value ?? new Uint8Array()))
  await client.close()
  return values
}

test('a page writes and reads, through a killed broker, each record once and in order', async (t) => {
  const COUNT = 20_000
  let broker = await startBroker()
  t.after(() => broker.stop())
  const seen = await withPage(broker, async (page) => {
    const call = `(${writeAndRead})(${JSON.stringify(module)}, '${broker.websocket}', ${COUNT})`
    const running = page.evaluate<string[]>(call)
    await page.waitForFunction("document.title === 'half of it is sent'")
    await broker.crash()
    await page.evaluate("document.title = 'killed'")
    broker = await broker.restart()
    return running
  })
  assert.deepEqual(
    seen,
    Array.from({ length: COUNT }, (_, n) => `record ${n}`),
  )
})
