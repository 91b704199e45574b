/** The keys of config.yml. Source: README of ns8-backup-monitor, "Configuration", with the values of its example as defaults. */
import type { ConfigFinding } from '../../finding.ts'
import { keysOf, valueAt } from '../../values.ts'

export interface Fields {
  readonly from: string | undefined
  readonly to: readonly string[]
  readonly subjectPrefix: string
  readonly host: string
  readonly port: number
  readonly waitSeconds: number
  readonly recentWindow: number
  readonly socket: string | undefined
  readonly isChecked: boolean
  readonly timeout: number
  readonly level: 'debug' | 'info' | 'warn' | 'error'
  readonly file: string
}

const known: Readonly<Record<string, readonly string[]>> = {
  mail: ['from', 'to', 'subject_prefix'],
  receiver: ['host', 'port'],
  correlator: ['wait_seconds', 'recent_window'],
  redis: ['socket'],
  repo_check: ['enabled', 'timeout'],
  logging: ['level', 'file'],
}

const levels: Readonly<Record<string, Fields['level']>> = {
  DEBUG: 'debug',
  INFO: 'info',
  WARNING: 'warn',
  WARN: 'warn',
  ERROR: 'error',
  CRITICAL: 'error',
}
const yes = ['true', 'yes', 'on', '1']
const no = ['false', 'no', 'off', '0']

export interface ReadFields {
  readonly fields: Fields
  readonly errors: readonly ConfigFinding[]
  readonly warnings: readonly ConfigFinding[]
}

export function readFields(raw: unknown): ReadFields {
  const errors: ConfigFinding[] = []
  const wrong = (path: readonly string[], message: string, next: string): void =>
    void errors.push({ path, message, next })
  const textAt = (block: string, key: string): string | undefined => {
    const value = valueAt(raw, [block, key])
    if (value === undefined || value === null) return undefined
    if (typeof value === 'object') {
      wrong([block, key], 'is no text', `Write one value: ${key}: …`)
      return undefined
    }
    return String(value).trim()
  }
  const number = (block: string, key: string, usual: number, [least, most]: readonly [number, number]): number => {
    const text = textAt(block, key)
    if (text === undefined || text === '') return usual
    const value = Number(text)
    if (Number.isFinite(value) && value >= least && value <= most) return value
    wrong([block, key], `is no number from ${least} to ${most}`, `Write a whole number, such as ${usual}.`)
    return usual
  }
  const fields: Fields = {
    from: textAt('mail', 'from') || undefined,
    to: recipients(valueAt(raw, ['mail', 'to'])),
    subjectPrefix: textAt('mail', 'subject_prefix') ?? '[NS8 Backup]',
    host: textAt('receiver', 'host') || '127.0.0.1',
    port: number('receiver', 'port', 9099, [1, 65_535]),
    waitSeconds: number('correlator', 'wait_seconds', 30, [0, 86_400]),
    recentWindow: number('correlator', 'recent_window', 3600, [1, 31_536_000]),
    socket: textAt('redis', 'socket') || undefined,
    isChecked: flag(textAt('repo_check', 'enabled'), () =>
      wrong(['repo_check', 'enabled'], 'is neither true nor false', 'Write enabled: true or enabled: false.'),
    ),
    timeout: number('repo_check', 'timeout', 60, [1, 86_400]),
    level: level(textAt('logging', 'level'), () =>
      wrong(['logging', 'level'], 'is no level', 'Write DEBUG, INFO, WARNING or ERROR.'),
    ),
    file: textAt('logging', 'file') ?? '',
  }
  if (fields.to.length === 0)
    wrong(['mail', 'to'], 'names nobody', 'Name at least one recipient: to: ["admin@example.com"].')
  for (const block of Object.keys(known)) {
    const value = valueAt(raw, [block])
    if (value !== undefined && value !== null && (typeof value !== 'object' || Array.isArray(value)))
      wrong([block], 'is no block of keys', `Write its keys below ${block}:.`)
  }
  return { fields, errors, warnings: strange(raw) }
}

/** A list, or one text with one or several. */
function recipients(value: unknown): string[] {
  const list = Array.isArray(value) ? value : typeof value === 'string' ? value.split(',') : []
  return list.map((item) => String(item).trim()).filter((item) => item !== '')
}

function flag(text: string | undefined, bad: () => void): boolean {
  const word = text?.toLowerCase()
  if (word === undefined || word === '' || yes.includes(word)) return true
  if (!no.includes(word)) bad()
  return false
}

function level(text: string | undefined, bad: () => void): Fields['level'] {
  const found = levels[(text ?? 'INFO').toUpperCase() || 'INFO']
  if (found === undefined) bad()
  return found ?? 'info'
}

function strange(raw: unknown): ConfigFinding[] {
  const finding = (path: readonly string[]): ConfigFinding => ({
    path,
    message: 'is no key of ns8-backup-monitor, and is not carried',
    next: 'Take it out, or see whether it is written wrong.',
  })
  return keysOf(raw).flatMap((block) =>
    known[block] === undefined
      ? [finding([block])]
      : keysOf(valueAt(raw, [block])).flatMap((key) => (known[block]?.includes(key) ? [] : [finding([block, key])])),
  )
}
