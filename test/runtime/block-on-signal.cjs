// Preloaded into a broker: SIGUSR2 makes the thread io-0 stand still for good. What happened is said on
// standard error, for the test to wait for.
const { BroadcastChannel, isMainThread, workerData } = require('node:worker_threads')

const channel = new BroadcastChannel('block')
channel.unref()
if (isMainThread) {
  process.on('SIGUSR2', () => channel.postMessage('block'))
  process.once('SIGINT', () => setImmediate(() => process.stderr.write('test: first SIGINT\n')))
  channel.onmessage = ({ data }) => process.stderr.write(`test: ${data}\n`)
} else if (workerData?.setup?.name === 'io-0') {
  channel.onmessage = () => {
    channel.postMessage('blocked')
    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  }
}
