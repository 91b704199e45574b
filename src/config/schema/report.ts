/** What is told by the calendar, whether or not anything is wrong. */
import { z } from 'zod'
import { Duration } from '../../model/units.ts'
import { Name } from './repository.ts'
import { Cron, Zone } from './schedule.ts'

export const Report = z.strictObject({
  schedule: Cron.meta({ description: 'When it is sent.', examples: ['0 7 * * *', '0 7 * * 1'] }),
  notify: z
    .array(Name)
    .min(1)
    .meta({ description: 'Who gets it: names of entries under `notify`.', examples: [['phone']] }),
  covers: Duration.optional().meta({
    description: 'How far it looks back; default: to the report before.',
    examples: ['1d'],
  }),
  timezone: Zone.optional().meta({
    description: 'Zone of the schedule and of the times in it; default: the `timezone` of the file.',
    examples: ['Europe/Berlin'],
  }),
})
export type Report = z.output<typeof Report>
