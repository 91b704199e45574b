/** A dead man's switch: somebody else notices when Muster itself is gone. */
import { z } from 'zod'
import { SecretSource } from '../../model/secret-source.ts'
import { Duration } from '../../model/units.ts'

export const Heartbeat = z
  .strictObject({
    url: SecretSource.meta({
      description:
        'Address that is asked for, such as that of a check of Healthchecks or a push monitor of Uptime Kuma.',
      examples: [{ file: '/etc/muster/heartbeat.url' }],
    }),
    every: Duration.prefault('5m').meta({
      description: 'How often, while Muster works and is heard; whoever listens should wait for three times as long.',
      examples: ['5m'],
    }),
    timeout: Duration.prefault('10s').meta({ description: 'How long one may take.', examples: ['10s'] }),
    ca: z
      .string()
      .min(1)
      .optional()
      .meta({ description: 'File with the authorities that are trusted.', examples: ['/etc/muster/ca.pem'] }),
  })
  .meta({ description: 'Signs of life for a service that tells somebody when they stop.' })
export type Heartbeat = z.output<typeof Heartbeat>
