export { type ActiveAlert, decodeActive, decodeWebhook, type ToldAlert } from './decode.ts'
export { fingerprintOf } from './fingerprint.ts'
export { groupOf } from './group.ts'
