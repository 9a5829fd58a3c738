// Forward: a client's request, passed on to the broker that is the controller.
import { bytes, defineApi, int16, string } from '../schema.js'
import { FORWARD_KEY } from './keys.js'

export const forward = defineApi({
  key: FORWARD_KEY,
  name: 'Forward',
  versions: [0, 0],
  flexible: 'none',
  request: {
    // Header and body, without the length before them
    frame: bytes,
    // What is known of the client, as JSON
    client: string,
  },
  response: {
    // Not NONE: nobody has looked at the request
    errorCode: int16,
    // As the client gets it, with its length before it
    frame: bytes,
  },
})
