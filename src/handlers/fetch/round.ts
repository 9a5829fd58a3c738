// One request's part in a session: which partitions it reads, and what of the result it answers.
import { kafkaError } from '../error-mapping.js'
import {
  type FetchSession,
  FINAL_EPOCH,
  type ForgottenPartition,
  INITIAL_EPOCH,
  NO_SESSION_ID,
} from './session.js'
import type { FetchSessionCache } from './session-cache.js'
import type { FetchedPartition, FetchTarget } from './target.js'

export interface FetchAsked {
  readonly sessionId: number
  readonly sessionEpoch: number
  readonly usesTopicIds: boolean
  readonly targets: readonly FetchTarget[]
  readonly forgotten: readonly ForgottenPartition[]
}

export interface RoundAnswer {
  readonly errorCode: number
  readonly sessionId: number
  readonly partitions: readonly FetchedPartition[]
}

export interface FetchRound {
  /** Not NONE: nothing is read, and the answer is this error. */
  readonly errorCode: number
  /** In the order of reading. */
  readonly targets: readonly FetchTarget[]
  /** Once, with what became of `targets`. */
  answer(fetched: readonly FetchedPartition[]): RoundAnswer
}

export function beginRound(asked: FetchAsked, cache: FetchSessionCache): FetchRound {
  if (asked.sessionEpoch === FINAL_EPOCH || asked.sessionEpoch === INITIAL_EPOCH) {
    if (asked.sessionId !== NO_SESSION_ID) cache.remove(asked.sessionId)
    return asked.sessionEpoch === FINAL_EPOCH ? withoutSession(asked.targets) : full(asked, cache)
  }
  const session = cache.get(asked.sessionId)
  if (session === undefined) return refused(kafkaError.FETCH_SESSION_ID_NOT_FOUND)
  if (session.epoch !== asked.sessionEpoch) return refused(kafkaError.INVALID_FETCH_SESSION_EPOCH)
  if (session.usesTopicIds !== asked.usesTopicIds) {
    return refused(kafkaError.FETCH_SESSION_TOPIC_ID_ERROR)
  }
  session.update(asked.targets, asked.forgotten)
  if (session.size === 0) {
    cache.remove(session.id)
    return withoutSession(asked.targets)
  }
  if (!cache.touch(session)) return withoutSession(session.targets())
  session.advanceEpoch()
  return incremental(session)
}

function refused(errorCode: number): FetchRound {
  return {
    errorCode,
    targets: [],
    answer: () => ({ errorCode, sessionId: NO_SESSION_ID, partitions: [] }),
  }
}

function withoutSession(targets: readonly FetchTarget[]): FetchRound {
  return {
    errorCode: kafkaError.NONE,
    targets,
    answer: (partitions) => ({ errorCode: 0, sessionId: NO_SESSION_ID, partitions }),
  }
}

function full(asked: FetchAsked, cache: FetchSessionCache): FetchRound {
  return {
    errorCode: kafkaError.NONE,
    targets: asked.targets,
    answer(partitions) {
      const session = cache.create(partitions.length, asked.usesTopicIds)
      session?.update(asked.targets, [])
      session?.remember(partitions)
      return { errorCode: 0, sessionId: session?.id ?? NO_SESSION_ID, partitions }
    },
  }
}

function incremental(session: FetchSession): FetchRound {
  const expectedEpoch = session.epoch
  return {
    errorCode: kafkaError.NONE,
    targets: session.targets(),
    answer(fetched) {
      if (session.epoch !== expectedEpoch) {
        const errorCode = kafkaError.INVALID_FETCH_SESSION_EPOCH
        return { errorCode, sessionId: session.id, partitions: [] }
      }
      return { errorCode: 0, sessionId: session.id, partitions: session.news(fetched) }
    },
  }
}
