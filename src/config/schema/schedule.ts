import { z } from 'zod'
import { parseSchedule } from '../../verdict/schedule/parse.ts'
import { isZone } from '../../verdict/schedule/zone.ts'

/** A cron expression as written; what uses it parses it again, which costs nothing. */
export const Cron = z.string().superRefine((text, context) => {
  const parsed = parseSchedule(text)
  if (!parsed.ok)
    context.addIssue({ code: 'custom', message: parsed.problem.message, params: { next: parsed.problem.next } })
})

export const Zone = z.string().refine(isZone, 'Write the name of a time zone, such as Europe/Berlin or UTC')
