import type { OracleCase } from '../probe.js'
import { badFrameCases } from './bad-frames.js'
import { clusterCases } from './cluster.js'
import { configCases } from './configs.js'
import { fetchCases } from './fetch.js'
import { offsetCases } from './offsets.js'
import { partitionAdminCases } from './partition-admin.js'
import { produceCases } from './produce.js'
import { topicCases } from './topics.js'

export const cases: readonly OracleCase[] = [
  ...produceCases,
  ...fetchCases,
  ...offsetCases,
  ...topicCases,
  ...configCases,
  ...clusterCases,
  ...partitionAdminCases,
  ...badFrameCases,
]
