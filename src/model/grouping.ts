/** The group that a push is put into: labels in order, and the path that a gateway knows it by. Pure. */

export type Labels = Readonly<Record<string, string>>

/** What stands in braces in the job and instance of a group. */
export const placeholders = ['job', 'variant', 'tag', 'hostname', 'host'] as const
export type Placeholder = (typeof placeholders)[number]

/** What is filled in for one job. */
export type Filling = Readonly<Record<Placeholder, string>>

export interface FillingOf {
  readonly job: string
  readonly tags: readonly string[]
  /** As the job records it, where it names one. */
  readonly host?: string | undefined
  /** Of this machine. */
  readonly hostname: string
}

/** A job without a tag is told apart by its name. */
export function fillingOf({ job, tags, host, hostname }: FillingOf): Filling {
  const tag = tags[0] ?? job
  return { job, variant: tag, tag, hostname, host: host ?? hostname }
}

/** Texts in braces that are no placeholder. */
export const unknownPlaceholders = (template: string): readonly string[] =>
  [...template.matchAll(/\{([^{}]*)\}/g)].flatMap(([whole, name]) =>
    (placeholders as readonly (string | undefined)[]).includes(name) ? [] : [whole],
  )

export const filled = (template: string, filling: Filling): string =>
  template.replace(/\{(\w+)\}/g, (whole, name: string) =>
    Object.hasOwn(filling, name) ? filling[name as Placeholder] : whole,
  )

/** Where one name set puts what it tells. */
export interface GroupWish {
  readonly job: string
  readonly instance: string
  readonly grouping: Labels
}

/** Labels of a group, `job` first; an empty instance is none. */
export function groupOf({ job, instance, grouping }: GroupWish, filling: Filling): Labels {
  const at = filled(instance, filling)
  const more = Object.entries(grouping).map(([label, value]) => [label, filled(value, filling)] as const)
  return { job: filled(job, filling), ...(at !== '' && { instance: at }), ...Object.fromEntries(more) }
}

/**
 * `metrics/job/nfs_backup/instance/daily`: the path of a group, behind the address of the gateway.
 *
 * A value that is empty or holds a slash goes in URL-safe base64 behind `label@base64`, the empty one as `=`; others are
 * percent-encoded. So do `.` and `..`, which every client and proxy takes for steps in the path.
 * Source: prometheus/pushgateway, README.md, "URL".
 */
export const pathOf = (group: Labels): string =>
  `metrics/${Object.entries(group)
    .map(([label, value]) => segmentOf(label, value.toWellFormed()))
    .join('/')}`

function segmentOf(label: string, value: string): string {
  if (value === '') return `${label}@base64/=`
  if (value.includes('/') || value === '.' || value === '..')
    return `${label}@base64/${btoa(String.fromCharCode(...new TextEncoder().encode(value)))
      .replaceAll('+', '-')
      .replaceAll('/', '_')}`
  return `${label}/${encodeURIComponent(value)}`
}

/** The labels of a path that `pathOf` made. */
export function labelsAt(path: string): Labels {
  const parts = path.split('/').slice(1)
  const pairs = parts.flatMap((label, at) => (at % 2 === 0 ? [[label, parts[at + 1] ?? ''] as const] : []))
  return Object.fromEntries(
    pairs.map(([label, value]) =>
      label.endsWith('@base64')
        ? [label.slice(0, -'@base64'.length), fromBase64(value)]
        : [label, decodeURIComponent(value)],
    ),
  )
}

const fromBase64 = (text: string): string =>
  new TextDecoder().decode(
    Uint8Array.from(atob(text.replaceAll('-', '+').replaceAll('_', '/').replace(/^=+$/, '')), (sign) =>
      sign.charCodeAt(0),
    ),
  )

/** The same for the same group, whatever the order; a label that is empty is none. */
export const groupKeyOf = (labels: Labels): string =>
  JSON.stringify(
    Object.entries(labels)
      .filter(([, value]) => value !== '')
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  )
