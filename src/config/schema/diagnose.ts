import { z } from 'zod'
import { SecretSource } from '../../model/secret-source.ts'
import { Duration, kinds } from '../../model/units.ts'

export const Diagnose = z
  .strictObject({
    wait: z
      .union([Duration, z.literal('0s').transform(() => 0)], { error: 'Write a duration, such as 30s, or 0s' })
      .register(kinds, { kind: 'duration' })
      .prefault('30s')
      .meta({
        description: 'How long the first alert of a group waits for others, and for what backups still write down.',
        examples: ['30s'],
      }),
    notify: z
      .array(z.string().min(1))
      .prefault([])
      .meta({ description: 'Names under `notify` that get the answer; none: all.', examples: [['ops']] }),
    subjectPrefix: z
      .string()
      .max(60)
      .prefault('[Backup]')
      .meta({ description: 'In front of the subject of a mail.', examples: ['[NS8 Backup]'] }),
    success: z
      .boolean()
      .prefault(true)
      .meta({ description: 'Whether an alert is answered where everything turns out to be well.' }),
    resolved: z.boolean().prefault(false).meta({ description: 'Whether it is told that an alert is over.' }),
    probe: z
      .strictObject({
        enabled: z.boolean().prefault(true).meta({
          description: 'Whether repositories are looked at when something is wrong. Nothing is written there.',
        }),
        timeout: Duration.prefault('60s').meta({ description: 'How long the look at one repository may take.' }),
        atOnce: z
          .int()
          .min(1)
          .max(16)
          .prefault(2)
          .meta({ description: 'Repositories that are looked at side by side.' }),
        budget: Duration.prefault('5m').meta({
          description: 'How long all looks for one answer may take; the others are named as not looked at.',
        }),
        check: z.boolean().prefault(false).meta({
          description: 'Whether the tool checks the repository too, which may take long.',
        }),
      })
      .prefault({})
      .meta({ description: 'The look at repositories before an answer.' }),
    alertmanager: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/ })
          .meta({ description: 'The Alertmanager.', examples: ['http://127.0.0.1:9093'] }),
        silence: Duration.prefault('4h').meta({
          description: 'How long the alerts that were answered are silent there.',
        }),
        token: SecretSource.optional().meta({
          description: 'Bearer token of it.',
          examples: [{ file: '/etc/muster/alertmanager.token' }],
        }),
      })
      .optional()
      .meta({
        description:
          'Silences the alerts that were answered, with the answer as comment, so that nobody is woken twice for one thing. Absent: nothing is written there.',
        examples: [{ url: 'http://127.0.0.1:9093' }],
      }),
  })
  .prefault({})
  .meta({ description: 'What is done with alerts about backups: they are looked into, and answered once a group.' })
export type Diagnose = z.output<typeof Diagnose>
