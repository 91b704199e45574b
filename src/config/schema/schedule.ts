import { z } from 'zod'
import { kinds } from '../../model/units.ts'
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
