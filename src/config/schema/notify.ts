/** Who is told of what, and how. */
import { z } from 'zod'
import { severities } from '../../model/incident.ts'
import { Duration, kinds } from '../../model/units.ts'
import { notifierSettings } from '../../outlets/notify/notifiers/settings.generated.ts'
import { Name } from './repository.ts'
import { Zone } from './schedule.ts'

const Clock = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'Write a time of the day, such as 22:00')

const QuietHours = z
  .strictObject({
    from: Clock.meta({ description: 'When they begin.', examples: ['22:00'] }),
    to: Clock.meta({ description: 'When they end; then it is told what waited.', examples: ['07:00'] }),
    timezone: Zone.optional().meta({
      description: 'Default: the `timezone` of the file.',
      examples: ['Europe/Berlin'],
    }),
    critical: z.boolean().prefault(false).meta({ description: 'Whether critical things wait too.' }),
  })
  .meta({ description: 'Hours in which nobody is disturbed.' })

const common = {
  severity: z.enum(severities).prefault('warning').meta({
    description: '`critical` for missing and doubtful backups alone; `warning` for all that somebody has to look at.',
  }),
  of: z
    .array(z.string().min(1).max(256))
    .prefault([])
    .meta({
      description: 'Names of jobs, repositories and backup sets, as patterns; default: all.',
      examples: [['nfs-*', 'offsite']],
    }),
  groupWait: z
    .union([Duration, z.literal('0s').transform(() => 0)], { error: 'Write a duration, such as 1m, or 0s' })
    .register(kinds, { kind: 'duration' })
    .prefault('1m')
    .meta({
      description: 'How long the first waits for others, so that one message names them all.',
      examples: ['1m'],
    }),
  remindEvery: z
    .union([Duration, z.literal('never'), z.literal('failure')], {
      error: 'Write a duration, such as 1d, or never, or failure',
    })
    .register(kinds, { kind: 'duration' })
    .prefault('1d')
    .meta({
      description:
        'How often it is told again while nothing changed, `never`, or with each `failure`: whenever a run fails again.',
      examples: ['1d'],
    }),
  resolved: z.boolean().prefault(true).meta({ description: 'Whether it is told when something is fine again.' }),
  quietHours: QuietHours.optional(),
  timeout: Duration.prefault('20s').meta({
    description: 'How long one try may take. Whoever does not answer holds a run up no longer.',
    examples: ['20s'],
  }),
  fallback: Name.optional().meta({
    description: 'Another notifier, which takes over what this one cannot deliver.',
    examples: ['phone-email'],
  }),
} as const

const shapes = Object.entries(notifierSettings).map(([kind, { shape }]) =>
  z
    .strictObject({
      kind: z.literal(kind).meta({ description: 'What tells.' }),
      ...common,
      ...(shape as Record<never, never>),
    })
    .meta({ title: `${kind} notifier` }),
)

export const Notify = z.discriminatedUnion('kind', shapes as [(typeof shapes)[number], ...typeof shapes], {
  error: (issue) =>
    issue.code === 'invalid_union' ? `Write one of: ${Object.keys(notifierSettings).join(', ')}` : undefined,
})
export type Notify = z.output<typeof Notify>
