/** What rclone says: JSON lines on standard error, and now and then a plain one (before 1.63 its last word). */
import { z } from 'zod'

const Stats = z.object({
  bytes: z.number().catch(0),
  totalBytes: z.number().optional().catch(undefined),
  transfers: z.number().catch(0),
  totalTransfers: z.number().optional().catch(undefined),
  checks: z.number().catch(0),
  deletes: z.number().catch(0),
  renames: z.number().catch(0),
  errors: z.number().catch(0),
  /** Not in `bytes`; where it is absent, as with 1.60, they are. */
  serverSideMoveBytes: z.number().optional().catch(undefined),
  /** Not with 1.60. */
  listed: z.number().catch(0),
  eta: z.number().nullish().catch(undefined),
  transferring: z
    .array(z.object({ name: z.string() }))
    .nullish()
    .catch(undefined),
})
export type Stats = z.output<typeof Stats>

const Line = z.object({
  level: z.string(),
  msg: z.string(),
  object: z.string().optional().catch(undefined),
  objectType: z.string().optional().catch(undefined),
  skipped: z.string().optional().catch(undefined),
  size: z.number().optional().catch(undefined),
  stats: Stats.optional().catch(undefined),
})
export type LogLine = z.output<typeof Line>

/** One line as it is meant; undefined for a plain one. Never throws. */
export function parseLogLine(line: string): LogLine | undefined {
  if (!line.startsWith('{')) return undefined
  try {
    return Line.safeParse(JSON.parse(line)).data
  } catch {
    return undefined
  }
}

/** Words that only repeat what lines before them say. */
const echo = /^(?:Attempt \d+\/\d+ |not deleting (?:files|directories) as|There was an error|Can't retry)/

/** What went wrong, as text: one line each, the object before its reason; no reports of progress, nothing of what went well. */
export function failureText(stderr: string): string {
  return stderr
    .split('\n')
    .flatMap((line): string[] => {
      const parsed = parseLogLine(line)
      if (parsed === undefined)
        return line.trim() === '' ? [] : [line.replace(/^\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d /, '')]
      const { level, msg, object, stats } = parsed
      const isBad = /^(?:error|critical|alert|emergency|fatal)$/.test(level) || msg.startsWith('Failed to ')
      if (!isBad || stats !== undefined || echo.test(msg)) return []
      return [object === undefined || object === '' ? msg : `${object}: ${msg}`]
    })
    .filter((line, index, all) => all.indexOf(line) === index)
    .join('\n')
}

/** The part worth showing: its last word, and where that names no cause, what came before. */
export const headline = (text: string): string =>
  text
    .split('\n')
    .slice(-2)
    .join('\n')
    .replace(/(?:CRITICAL|NOTICE|ERROR) *: /g, '')
