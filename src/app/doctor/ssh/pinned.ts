/** What Muster pinned, beside what the server shows. Pure. */
import type { Finding } from '../../../model/finding.ts'
import { fingerprintOf, typeName } from '../../../system/ssh/known-hosts.ts'
import type { PinnedKey, Pins } from '../../ssh/pins.ts'
import { error, fine, warning } from '../findings.ts'

const sayKeys = (keys: readonly PinnedKey[]): string =>
  keys.map((key) => `${typeName(key.type)} ${fingerprintOf(key)}`).join(', ')

/** @param host As `muster hostkeys` takes it. */
export function judgePins(
  subject: string,
  host: string,
  { keys, changed }: Pins,
  shown: readonly PinnedKey[],
): Finding[] {
  if (changed !== undefined)
    return [
      error(
        subject,
        `the pinned host keys of ${host} were changed by something else than Muster: ${[
          ...(changed.lost.length === 0 ? [] : [`lost ${sayKeys(changed.lost)}`]),
          ...(changed.foreign.length === 0 ? [] : [`new ${sayKeys(changed.foreign)}`]),
        ].join('; ')}`,
        `Find out what did; then pin it anew: muster hostkeys trust ${host}`,
        'ssh.pins-changed',
      ),
    ]
  if (keys.length === 0)
    return [
      error(
        subject,
        `no host key of ${host} is pinned`,
        `Pin it once: muster hostkeys trust ${host}`,
        'ssh.host-key-unknown',
      ),
    ]
  const ofType = (type: string): PinnedKey | undefined => shown.find((one) => one.type === type)
  const other = keys.filter(({ type, key }) => ofType(type) !== undefined && ofType(type)?.key !== key)
  const gone = keys.filter(({ type }) => ofType(type) === undefined)
  const fresh = shown.filter(({ type }) => !keys.some((one) => one.type === type))
  const good = keys.filter(({ key }) => shown.some((one) => one.key === key))
  const found: Finding[] = []
  if (good.length > 0) found.push(fine(subject, `${host} shows the pinned host key: ${sayKeys(good)}`))
  for (const { type } of other)
    found.push(
      error(
        subject,
        `${host} shows another ${typeName(type)} key than is pinned: ${sayKeys(shown.filter((one) => one.type === type))}. It was exchanged, or somebody is in between`,
        `Ask its provider for the fingerprint. Only if it is this one: muster hostkeys trust ${host} --fingerprint ${fingerprintOf(ofType(type) ?? { key: '' })}`,
        'ssh.host-key-changed',
      ),
    )
  if (gone.length > 0)
    found.push({
      ...(good.length > 0 ? warning : error)(
        subject,
        `${host} no longer shows the pinned ${gone.map(({ type }) => typeName(type)).join(', ')} key${good.length > 0 ? '' : ', and no other that is pinned'}`,
        `Ask its provider whether the key was taken out; then pin what is left: muster hostkeys trust ${host}`,
      ),
      code: 'ssh.host-key-gone',
    })
  if (fresh.length > 0)
    found.push(
      fine(
        subject,
        `${host} also shows ${sayKeys(fresh)}, not pinned; Muster asks for what is pinned. To pin it too: muster hostkeys trust ${host}`,
      ),
    )
  return found
}
