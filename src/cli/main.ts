#!/usr/bin/env node
// The file that npm links as `millrace`: takes the program as one joined file where there is one.
import { entryOf } from '../base/joined.js'

const entry = entryOf('program', new URL('./program.js', import.meta.url))
const { main } = (await import(entry.href)) as typeof import('./program.js')
await main(process.argv)
