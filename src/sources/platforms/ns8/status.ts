/** How one module ended, in any of the three shapes. Pure. */
import type { PartState } from '../../../model/diagnosis.ts'
import type { Fields, FoundStatus } from './found.ts'

export interface ModuleStatus {
  readonly state: PartState
  readonly at?: Date
  readonly errors?: number
  /** As it stands there. */
  readonly message?: string
  /** What is odd about it. */
  readonly note?: string
}

/** A clock may be so far ahead. */
const aheadMs = 3_600_000
/** Beyond it there are no dates. */
const lastSecond = 8_640_000_000_000

export function decodeStatus({ shape, content }: Pick<FoundStatus, 'shape' | 'content'>, now: Date): ModuleStatus {
  if (content === undefined) return { state: 'unknown', note: 'could not be read' }
  const fields = typeof content === 'string' ? parsedFields(content) : content
  if (fields === undefined) return { state: 'unknown', note: 'is no JSON object' }
  return timed(shape === 'own' ? ownStatus(fields) : countedStatus(fields), now)
}

/** `result timestamp error`, sometimes `errors`. Source: ns8-backup-monitor, "Redis key structure". */
function ownStatus(fields: Fields): ModuleStatus {
  const { result = '', timestamp = '', error = '' } = fields
  const at = isoDate(timestamp)
  const errors = countOf(fields.errors)
  const base = {
    ...(at && { at }),
    ...(errors !== undefined && { errors }),
    ...(error.trim() !== '' && { message: error }),
  }
  const word = result.trim().toLowerCase()
  if (/^(?:error|failed|failure|fail)$/.test(word) || (errors !== undefined && errors > 0))
    return { ...base, state: 'failed' }
  if (word === 'warning') return { ...base, state: 'warning' }
  if (/^(?:success|ok)$/.test(word))
    // A run that says both is not called well.
    return base.message === undefined
      ? { ...base, state: 'ok' }
      : { ...base, state: 'warning', note: 'says success and an error' }
  return { ...base, state: 'unknown', note: 'has no result that is known' }
}

/** `errors start end` in seconds, and more. Source: ns8-core, `module-backup` (3.2.3 to 3.19) and `run-backup` (from 3.20). */
function countedStatus(fields: Fields): ModuleStatus {
  const errors = countOf(fields.errors)
  const at = secondsDate(fields.end) ?? secondsDate(fields.start)
  const message = fields.error?.trim()
  const base = { ...(at && { at }), ...(errors !== undefined && { errors }), ...(message && { message }) }
  if (errors === undefined) return { ...base, state: 'unknown', note: 'has no count of errors' }
  return { ...base, state: errors > 0 ? 'failed' : 'ok' }
}

/** What has no time, or one to come, is of no run that anybody knows: no success. */
function timed(status: ModuleStatus, now: Date): ModuleStatus {
  const { at, ...rest } = status
  if (at !== undefined && at.getTime() <= now.getTime() + aheadMs) return status
  const note = at === undefined ? 'has no time' : `has a time to come: ${at.toISOString()}`
  const state = status.state === 'failed' ? 'failed' : 'unknown'
  return { ...rest, state, note: status.note === undefined ? note : `${status.note}, ${note}` }
}

function countOf(text: string | undefined): number | undefined {
  return text !== undefined && /^\d{1,15}$/.test(text) ? Number(text) : undefined
}

function secondsDate(text: string | undefined): Date | undefined {
  if (text === undefined || !/^\d{1,15}(?:\.\d{1,9})?$/.test(text)) return undefined
  const seconds = Number(text)
  return seconds > 0 && seconds <= lastSecond ? new Date(seconds * 1000) : undefined
}

/** A time without a zone is UTC, whatever this machine's is. */
function isoDate(text: string): Date | undefined {
  const parts = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d:\d\d(?::\d\d(?:[.,]\d{1,9})?)?) ?(Z|[+-]\d\d:?\d\d)?)?$/i.exec(
    text.trim(),
  )
  if (parts === null) return secondsDate(text.trim())
  const [, day, time = '00:00', zone = 'Z'] = parts
  const offset = /^[+-]\d{4}$/.test(zone) ? `${zone.slice(0, 3)}:${zone.slice(3)}` : zone.toUpperCase()
  const date = new Date(`${day}T${time.replace(',', '.')}${offset}`)
  return Number.isNaN(date.getTime()) ? undefined : date
}

/** Numbers and texts of one JSON object. */
function parsedFields(text: string): Fields | undefined {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch {
    return undefined
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return undefined
  return Object.fromEntries(
    Object.entries(value).flatMap(([name, item]) =>
      typeof item === 'string' || typeof item === 'number' ? [[name, String(item)]] : [],
    ),
  )
}
