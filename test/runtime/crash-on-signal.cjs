// Preloaded into a broker: SIGUSR2 makes the thread io-1 throw where nothing catches it.
const { BroadcastChannel, isMainThread, workerData } = require('node:worker_threads')

const channel = new BroadcastChannel('crash')
channel.unref()
if (isMainThread) {
  process.on('SIGUSR2', () => channel.postMessage('now'))
} else if (workerData?.setup?.name === 'io-1') {
  channel.onmessage = () => {
    throw new Error('planted')
  }
}
