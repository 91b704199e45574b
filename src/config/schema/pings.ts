/** Backups that another program runs and tells of: each is a job with a deadline, and with an address of its own to be told at. */
import { z } from 'zod'
import { SecretSource } from '../../model/secret-source.ts'
import { Duration } from '../../model/units.ts'
import { due, Tags } from './job.ts'
import { Cron } from './schedule.ts'

export const Ping = z.strictObject({
  key: SecretSource.meta({
    description:
      'The secret in the address that it is told at, `/ping/KEY`: 16 characters or more of A to Z, a to z, 0 to 9, dot, dash, underscore and tilde, such as a UUID.',
    examples: [{ file: '/etc/muster/laptop.key' }],
  }),
  schedule: Cron.optional().meta({
    description: 'When the other program runs it. Muster does not start it.',
    examples: ['15 2 * * *'],
  }),
  timezone: due.timezone,
  grace: due.grace,
  maxAge: due.maxAge,
  stallLimit: Duration.optional().meta({
    description: 'A run that began and was not heard of for this long is stalled; default: `grace`.',
    examples: ['6h'],
  }),
  timeLimit: Duration.prefault('24h').meta({
    description: 'A run that began and whose end was not told for this long counts as timed out.',
  }),
  tags: Tags.meta({ description: 'Tags, for the labels of metrics that are handed on.', examples: [['laptop']] }),
})
