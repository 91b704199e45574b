/** Names made from the name of a host. */

/** A name that the configuration takes, as near to the host as it can be. */
export const nameOf = (host: string): string =>
  host
    .replaceAll(/[^\w.-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 63) || 'backup'

/** Kubernetes draws no vowels, so that no word comes out. Source: its `util/rand`. */
const drawn = '[bcdfghjklmnpqrstvwxz2456789]'
/** Pods of a Deployment (`emby-6d4cf56db6-x8k2p`), of a CronJob (`emby-29012345-x8k2p`). */
const twoParts = new RegExp(`^(.+)-(${drawn}{6,10}|\\d{8})-(${drawn}{5})$`)
/** Of a Job or DaemonSet (`emby-x8k2p`). */
const onePart = new RegExp(`^(.+)-(${drawn}{5})$`)

/** The pattern that the names of all pods of this one's kind fit, and few others; the name itself where it stays the same. */
export function podsLike(host: string): string {
  const [, name, hash = '', end = ''] = twoParts.exec(host) ?? []
  if (name !== undefined) return `${name}-${'?'.repeat(hash.length)}-${'?'.repeat(end.length)}`
  const alone = onePart.exec(host)?.[1]
  return alone === undefined ? host : `${alone}-?????`
}
