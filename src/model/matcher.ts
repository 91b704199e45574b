/** Which alerts are about backups. Source of the syntax: Alertmanager, "Configuration", "Matcher". */

/** Of ns8-backup-monitor, and of NethServer 8 itself. */
export const usualNames = ['NsBackupFailed', 'NsBackupMissing', 'backup_failed', 'BackupFailed'] as const

type Matches = (labels: Readonly<Record<string, string>>) => boolean

const pattern = /^\s*([a-zA-Z_]\w*)\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"{},\s]+))\s*$/s

/** @returns undefined for a text that is no matcher, or whose expression is none. */
export function parseMatcher(text: string): Matches | undefined {
  const [, name = '', sign = '', quoted, plain = ''] = pattern.exec(text) ?? []
  if (name === '') return undefined
  const value = quoted === undefined ? plain : unquoted(quoted)
  // A label that is not there is as one that is empty.
  const labelOf = (labels: Readonly<Record<string, string>>): string => labels[name] ?? ''
  if (sign === '=') return (labels) => labelOf(labels) === value
  if (sign === '!=') return (labels) => labelOf(labels) !== value
  try {
    const expression = new RegExp(`^(?:${value})$`, 'su')
    return (labels) => expression.test(labelOf(labels)) === (sign === '=~')
  } catch {
    return undefined
  }
}

const unquoted = (text: string): string => text.replaceAll(/\\(.)/gs, (_, sign: string) => (sign === 'n' ? '\n' : sign))

/**
 * @param names Of alerts that always count.
 * @param wanted Lists of matchers, each of which has to fit as a whole.
 */
export function countsBy(names: readonly string[], wanted: readonly (readonly string[])[]): Matches {
  const known = new Set<string>([...usualNames, ...names])
  const lists = wanted.map((list) => list.map(parseMatcher))
  return (labels) =>
    known.has(labels.alertname ?? '') || lists.some((list) => list.every((matches) => matches?.(labels) === true))
}
