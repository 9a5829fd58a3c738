// Makes the node that everything lies under, and those above it.
import { fail, succeed } from '../../base/errors.js'
import { failureOf, NODE_EXISTS } from './error-codes.js'
import { type MultiOperation, multi } from './multi.js'
import type { Link, Reading } from './nodes.js'
import { ancestorsOf } from './paths.js'

export async function makeRoot(link: Link, root: string): Promise<Reading<void>> {
  for (const path of [...ancestorsOf(root, ''), root]) {
    const create: MultiOperation = {
      type: 'create',
      path,
      data: new Uint8Array(0),
      ephemeral: false,
    }
    const reply = await link.connection.request(multi([create]), link.withinMs)
    if (reply.status === 'unsent' || reply.status === 'lost') {
      return { ok: false, failure: reply.failure, again: true }
    }
    if (reply.status === 'error') {
      return { ok: false, failure: failureOf(`the making of ${path}`, reply.code) }
    }
    if (!reply.value.applied && reply.value.code !== NODE_EXISTS) {
      return fail('UNEXPECTED', failureOf(`the making of ${path}`, reply.value.code).message)
    }
  }
  return succeed(undefined)
}
