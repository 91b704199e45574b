import { z } from 'zod'
import { parseMatcher } from '../../model/matcher.ts'
import { SecretSource } from '../../model/secret-source.ts'
import { Duration } from '../../model/units.ts'

const shape = /^\s*[a-zA-Z_][\w]*\s*(?:=~|!~|!=|=)\s*(?:"(?:[^"\\]|\\.)*"|[^"{},\s]+)\s*$/s

/** One matcher as an Alertmanager's route has it. Source: Alertmanager, "Configuration", "Matcher". */
const Matcher = z
  .string()
  .regex(shape, 'Write NAME="VALUE", with =, !=, =~ or !~')
  .refine(
    (text) => !shape.test(text) || parseMatcher(text) !== undefined,
    'Write a regular expression behind =~ or !~, such as NAME=~"Velero.*"',
  )

export const Inbox = z
  .strictObject({
    alerts: z
      .array(z.array(Matcher).min(1).max(20))
      .max(100)
      .prefault([])
      .meta({
        description:
          'Further alerts that are about backups: each entry is a list of matchers that all have to fit. `NsBackupFailed`, `NsBackupMissing`, `backup_failed`, `BackupFailed` and those of `muster rules` always are.',
        examples: [[['alertname=~"Velero.*"', 'severity="critical"']]],
      }),
    tokens: z
      .array(SecretSource)
      .prefault([])
      .meta({
        description:
          'Bearer tokens that may post alerts and nothing else; without any, whoever `server.auth` admits may. With basic authentication it is the password, of any user.',
        examples: [[{ file: '/etc/muster/alertmanager.token' }]],
      }),
    poll: z
      .strictObject({
        url: z
          .url({ protocol: /^https?$/ })
          .prefault('http://127.0.0.1:9093')
          .meta({ description: 'The Alertmanager that is asked.', examples: ['http://127.0.0.1:9093'] }),
        every: Duration.prefault('30s').meta({ description: 'How often it is asked.' }),
        timeout: Duration.prefault('10s').meta({ description: 'How long one answer may take.' }),
        token: SecretSource.optional().meta({
          description: 'Bearer token of it.',
          examples: [{ file: '/etc/muster/alertmanager.token' }],
        }),
        ca: z
          .string()
          .min(1)
          .optional()
          .meta({ description: 'File with the authorities that are trusted.', examples: ['/etc/muster/ca.pem'] }),
      })
      .optional()
      .meta({
        description:
          'Asks an Alertmanager for its alerts, where it cannot be told to post them: NethServer 8 writes its configuration anew.',
        examples: [{ url: 'http://127.0.0.1:9093' }],
      }),
    mostPerMinute: z.int().min(1).max(10_000_000).prefault(1_200_000).meta({
      description: 'Alerts that are taken within a minute; more are asked to come again (503).',
    }),
  })
  .meta({ description: 'Alerts of an Alertmanager: posted to `/alert`, or asked for.' })
export type Inbox = z.output<typeof Inbox>
