// UpdateFeatures: set the finalised levels of cluster features (KIP-584).
//
// v0   flexible from the start
// v1   upgradeType instead of allowDowngrade, validateOnly (KIP-778)
// v2   no result per feature any more (KIP-1022)
import {
  array,
  bool,
  type Draft,
  defineApi,
  type Infer,
  int8,
  int16,
  int32,
  nullableString,
  optional,
  since,
  string,
  until,
} from '../schema.js'

export const updateFeatures = defineApi({
  key: 57,
  name: 'UpdateFeatures',
  versions: [0, 2],
  flexible: 0,
  request: {
    timeoutMs: optional(int32, 60000),
    featureUpdates: array({
      feature: string,
      maxVersionLevel: int16,
      allowDowngrade: until(0, bool, false),
      // 1 upgrade, 2 safe downgrade, 3 unsafe downgrade
      upgradeType: since(1, int8, 1),
    }),
    validateOnly: since(1, bool, false),
  },
  response: {
    throttleTimeMs: int32,
    errorCode: int16,
    errorMessage: nullableString,
    results: until(
      1,
      array({
        feature: string,
        errorCode: int16,
        errorMessage: nullableString,
      }),
      [],
    ),
  },
})

export type UpdateFeaturesRequest = Infer<typeof updateFeatures.request>
export type UpdateFeaturesRequestDraft = Draft<typeof updateFeatures.request>
export type UpdateFeaturesResponse = Infer<typeof updateFeatures.response>
export type UpdateFeaturesResponseDraft = Draft<typeof updateFeatures.response>
