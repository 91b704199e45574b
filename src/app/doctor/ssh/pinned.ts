/** What Muster pinned, beside what the server shows. Pure. */
import type { Finding } from '../../../model/finding.ts'
import { fingerprintOf, typeName } from '../../../system/ssh/known-hosts.ts'
import type { FiledKey, PinnedKey, Pins } from '../../ssh/pins.ts'
import { coded, fine } from '../findings.ts'

const sayKeys = (keys: readonly PinnedKey[]): string =>
  keys.map((key) => `${typeName(key.type)} ${fingerprintOf(key)}`).join(', ')

const sayFiled = (keys: readonly FiledKey[]): string =>
  keys
    .map((key) => {
      const marker = { 'cert-authority': 'an authority of host keys, ', revoked: 'a key taken back, ' }
      return `${key.marker === undefined ? '' : marker[key.marker]}${sayKeys([key])}`
    })
    .join(', ')

/** @param host As `muster hostkeys` takes it. */
export function judgePins(
  subject: string,
  host: string,
  { keys, changed }: Pins,
  shown: readonly PinnedKey[],
): Finding[] {
  if (changed !== undefined) {
    const lost = changed.lost.length === 0 ? [] : [`lost ${sayKeys(changed.lost)}`]
    const foreign = changed.foreign.length === 0 ? [] : [`new ${sayFiled(changed.foreign)}`]
    const what = [...lost, ...foreign].join('; ')
    return [
      coded(
        'error',
        subject,
        'ssh.pins-changed',
        `the pinned host keys of ${host} were changed by something else than Muster: ${what}`,
        `Find out what did; then pin it anew: muster hostkeys trust ${host}`,
      ),
    ]
  }
  if (keys.length === 0)
    return [
      coded(
        'error',
        subject,
        'ssh.host-key-unknown',
        `no host key of ${host} is pinned`,
        `Pin it once: muster hostkeys trust ${host}`,
      ),
    ]
  const good = keys.filter(({ key }) => shown.some((one) => one.key === key))
  const gone = keys.filter(({ type }) => !shown.some((one) => one.type === type))
  const fresh = shown.filter(({ type }) => !keys.some((one) => one.type === type))
  const others = shown.filter(
    ({ type, key }) => keys.some((one) => one.type === type) && !keys.some((one) => one.key === key),
  )
  return [
    ...(good.length === 0 ? [] : [fine(subject, `${host} shows the pinned host key: ${sayKeys(good)}`)]),
    ...others.map((key) => changedKey(subject, host, key)),
    ...(gone.length === 0 ? [] : [goneKeys(subject, host, gone, good.length > 0)]),
    ...(fresh.length === 0
      ? []
      : [
          fine(
            subject,
            `${host} also shows ${sayKeys(fresh)}, not pinned; Muster asks for what is pinned. To pin it too: muster hostkeys trust ${host}`,
          ),
        ]),
  ]
}

const changedKey = (subject: string, host: string, key: PinnedKey): Finding =>
  coded(
    'error',
    subject,
    'ssh.host-key-changed',
    `${host} shows another ${typeName(key.type)} key than is pinned: ${fingerprintOf(key)}. It was exchanged, or somebody is in between`,
    `Ask its provider for the fingerprint. Only if it is this one: muster hostkeys trust ${host} --fingerprint ${fingerprintOf(key)}`,
  )

/** Another pinned key will do, for now. */
function goneKeys(subject: string, host: string, gone: readonly PinnedKey[], hasOther: boolean): Finding {
  const types = gone.map(({ type }) => typeName(type)).join(', ')
  return coded(
    hasOther ? 'warning' : 'error',
    subject,
    'ssh.host-key-gone',
    `${host} no longer shows the pinned key: ${types}`,
    `Ask its provider whether it was taken out; then pin what is left: muster hostkeys trust ${host}`,
  )
}
