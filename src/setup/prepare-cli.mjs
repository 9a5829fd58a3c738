// npm run setup: everything that npm start prepares, and nothing more.
import { prepare, withFriendlyErrors } from './prepare.mjs'

await withFriendlyErrors(() => prepare())
