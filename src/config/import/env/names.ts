/** Names made from the name of a host. */

/** A name that the configuration takes, as near to the host as it can be. */
export const nameOf = (host: string): string =>
  host
    .replaceAll(/[^\w.-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63) || 'backup'

/** Pods of a Deployment (`emby-6d4cf56db6-x8k2p`), of a CronJob (`emby-29012345-x8k2p`). */
const twoParts = /^(.+)-([a-z0-9]{6,10})-([a-z0-9]{5})$/
/** Of a Job or DaemonSet (`emby-x8k2p`). Vowels are not drawn, so that no word is taken for one. Source: Kubernetes `util/rand`. */
const onePart = /^(.+)-([bcdfghjklmnpqrstvwxz2456789]{5})$/

/** The pattern that the names of all pods of this one's kind fit, and few others; the name itself where it stays the same. */
export function podsLike(host: string): string {
  const [, name, hash = '', end = ''] = twoParts.exec(host) ?? []
  if (name !== undefined) return `${name}-${'?'.repeat(hash.length)}-${'?'.repeat(end.length)}`
  const alone = onePart.exec(host)?.[1]
  return alone === undefined ? host : `${alone}-?????`
}
