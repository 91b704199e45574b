export { type ActiveAlert, decodeActive, decodeWebhook, type ToldAlert, type Webhook } from './decode.ts'
export { fingerprintOf } from './fingerprint.ts'
export { groupOf } from './group.ts'
export { countsBy, parseMatcher, usualNames } from './matchers.ts'
