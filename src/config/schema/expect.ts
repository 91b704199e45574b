/** What is expected of backup sets that no job here writes: for a whole repository, and for some of its sets by pattern. */
import { z } from 'zod'
import { Duration } from '../../model/units.ts'
import { Retention } from './retention.ts'
import { Cron, Zone } from './schedule.ts'

const maxAge = Duration.optional().meta({
  description: 'A backup set whose newest snapshot is older than this is late.',
  examples: ['36h'],
})
const every = Duration.optional().meta({
  description:
    'At least one snapshot in each period of this length, counted from the newest one: the next is late once the period and `grace` have passed.',
  examples: ['1d'],
})
const schedule = Cron.optional().meta({
  description: 'When new snapshots are due, for repositories that something else writes.',
  examples: ['0 2 * * *'],
})
const timezone = Zone.optional().meta({
  description: 'Zone of `schedule`; default: the `timezone` of the file.',
  examples: ['Europe/Berlin'],
})
const archived = z
  .boolean()
  .prefault(false)
  .meta({ description: 'Kept on purpose and not written any more: never late, and without a deadline.' })

const ways = ['maxAge', 'every', 'schedule'] as const

type Deadline = Readonly<Partial<Record<(typeof ways)[number], unknown>> & { archived: boolean }>

/** One deadline, from one of the ways to say it. */
function oneWay(value: Deadline, context: z.RefinementCtx): void {
  const given = [...ways.filter((way) => value[way] !== undefined), ...(value.archived ? ['archived'] : [])]
  if (given.length < 2) return
  context.addIssue({
    code: 'custom',
    message: `has ${given.join(' and ')}, and each says something else about when the next snapshot is due`,
    params: { next: 'Keep one of them.' },
  })
}

const SetExpect = z
  .strictObject({
    match: z
      .string()
      .min(1)
      .max(256, 'Write at most 256 characters')
      .meta({
        description:
          'The sets it is for, as `host/user`, with tags and paths behind them where `sets.by` has them; `*` stands for any characters, `?` for one. Without a slash it is the host alone.',
        examples: ['web-*/root', 'old-nas'],
      }),
    maxAge,
    every,
    schedule,
    timezone,
    grace: Duration.optional().meta({ description: 'As above; default: the `grace` of the repository.' }),
    archived,
    learn: z
      .boolean()
      .optional()
      .meta({ description: 'Whether a deadline is learned from the history of these sets where none is declared.' }),
  })
  .superRefine(oneWay)
  .refine((value) => value.archived || value.learn !== undefined || ways.some((way) => value[way] !== undefined), {
    error: 'says nothing about these sets',
    params: { next: 'Add one of maxAge, every, schedule, archived: true or learn: false.' },
  })

export const Expect = z
  .strictObject({
    maxAge,
    every,
    schedule,
    timezone,
    grace: Duration.prefault('2h').meta({
      description: 'How long after a scheduled instant, or the end of a period, its snapshot may still arrive.',
    }),
    archived,
    learn: z
      .boolean()
      .prefault(true)
      .meta({ description: 'Whether a deadline is learned from the history of a set where none is declared.' }),
    sets: z
      .array(SetExpect)
      .prefault([])
      .meta({
        description: 'What is expected of some sets; the first pattern that fits counts, else what is said above.',
        examples: [
          [
            { match: 'web-*/root', every: '1d' },
            { match: 'old-nas', archived: true },
          ],
        ],
      }),
    retention: Retention.meta({
      description: 'What others keep here; a snapshot that this keeps and that is gone all the same is told.',
    }).optional(),
    keys: z.enum(['fixed', 'may-change']).prefault('fixed').meta({
      description: 'Whether keys of the repository come and go by plan; `fixed` tells each that does.',
    }),
  })
  .superRefine(oneWay)
  .meta({ description: 'What is expected of backup sets in this repository that no job here writes.' })
export type Expect = z.output<typeof Expect>
export type SetExpect = z.output<typeof SetExpect>
