import { z } from 'zod'
import { Duration, durationPattern, kinds } from '../../model/units.ts'
import { nextAfter } from '../../verdict/schedule/next.ts'
import { parseSchedule } from '../../verdict/schedule/parse.ts'
import { isZone } from '../../verdict/schedule/zone.ts'
import { nearest } from '../nearest.ts'

/** Any moment will do: a schedule that has no instant in the 41 years after it has none at all. */
const anyMoment = new Date(Date.UTC(2024, 0, 1))

/** A schedule as written; what uses it parses it again, which costs nothing. One that never fires is an error. */
export const Cron = z
  .string()
  .superRefine((text, context) => {
    const parsed = parseSchedule(text)
    if (!parsed.ok)
      context.addIssue({ code: 'custom', message: parsed.problem.message, params: { next: parsed.problem.next } })
    else if (nextAfter(parsed.value, 'UTC', anyMoment) === undefined)
      context.addIssue({
        code: 'custom',
        message: 'This schedule never fires.',
        params: { next: 'Look at its day and month: that date does not exist.' },
      })
  })
  .register(kinds, { kind: 'schedule' })

const paceHint = 'Write a duration, such as 15m or 6h, or a schedule, such as "0 6 * * *".'

/** `6h` or `0 6 * * *` in the file; milliseconds, or the text of the schedule, behind it. */
export const Pace = z
  .string()
  .transform((text, context): number | string => {
    const isSchedule = /[\s@]/.test(text)
    const parsed = durationPattern.test(text) ? Duration.safeParse(text) : Cron.safeParse(text)
    if (parsed.success) return parsed.data
    const [issue] = parsed.error.issues
    const said =
      issue?.code === 'custom' && isSchedule
        ? { message: issue.message, params: issue.params }
        : { message: 'this is neither a duration nor a schedule', params: { next: paceHint } }
    context.issues.push({ code: 'custom', input: text, ...said })
    return z.NEVER
  })
  .register(kinds, { kind: 'pace' })

const zoneHint = 'Write the name of a time zone, such as Europe/Berlin or UTC'

export const Zone = z
  .string()
  .superRefine((text, context) => {
    if (isZone(text)) return
    const near = nearest(text, Intl.supportedValuesOf('timeZone'))
    const next = near === undefined ? `${zoneHint}.` : `Did you mean ${JSON.stringify(near)}?`
    context.addIssue({ code: 'custom', message: 'there is no such time zone', params: { next } })
  })
  .register(kinds, { kind: 'zone' })
