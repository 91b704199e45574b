/** The cron text of restic-reporter: 5 or 6 fields, descriptors, durations of Go, a zone in front. */
import { fail, ok, type Result } from '../../../model/problem.ts'
import { isZone } from '../../../verdict/schedule/next.ts'
import { parseSchedule } from '../../../verdict/schedule/parse.ts'

export interface ReporterCron {
  /** In our words; fits `read.every`. */
  readonly schedule: string
  readonly timezone?: string
}

const goUnitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1e3,
  m: 6e4,
  h: 36e5,
}

/** Source: robfig/cron v3, which gocron reads these texts with. */
export function readCron(text: string): Result<ReporterCron> {
  const [, zone, rest = ''] = /^\s*(?:(?:CRON_)?TZ=(\S*)\s+)?(.*)$/s.exec(text) ?? []
  if (zone !== undefined && zone !== 'Local' && !isZone(zone))
    return fail({
      code: 'schedule.zone',
      message: `There is no time zone ${JSON.stringify(zone.slice(0, 64))}.`,
      next: 'Write the name of a time zone, such as TZ=Europe/Berlin.',
      retry: 'never',
    })
  const every = /^@every\s+(\S+)\s*$/i.exec(rest)?.[1]
  const seconds = every === undefined ? undefined : goSeconds(every)
  const schedule = seconds === undefined ? rest.trim() : `@every ${seconds}s`
  const parsed = parseSchedule(schedule)
  if (!parsed.ok) return parsed
  return ok({ schedule, ...(zone !== undefined && zone !== 'Local' && { timezone: zone }) })
}

/** `1h30m`, `1.5h`, `500ms`: whole seconds, at least one. Undefined for what is no duration of Go. */
function goSeconds(text: string): number | undefined {
  if (!/^\+?(?:\d{1,9}(?:\.\d{1,9})?(?:ns|us|µs|μs|ms|s|m|h))+$/.test(text)) return undefined
  let ms = 0
  for (const [, count, unit = ''] of text.matchAll(/([\d.]+)(ns|us|µs|μs|ms|s|m|h)/g))
    ms += Number(count) * (goUnitMs[unit] ?? 0)
  return Math.max(1, Math.floor(ms / 1000))
}
