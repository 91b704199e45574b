import { z } from 'zod'
import { SecretSource } from '../../model/secret-source.ts'

export const Server = z
  .strictObject({
    listen: z
      .string()
      .regex(/^(?:\[[\da-fA-F:]+\]|[\w.-]*|\*):\d{1,5}$/, {
        error: 'Write address:port, such as 127.0.0.1:9121 or [::1]:9121',
        abort: true,
      })
      .refine((text) => Number(text.slice(text.lastIndexOf(':') + 1)) < 65_536, 'Write a port from 0 to 65535')
      .prefault('127.0.0.1:9121')
      .meta({
        description: 'Address and port of the page and the metrics. A wider address than loopback needs `auth`.',
      }),
    hosts: z
      .array(z.string().min(1))
      .prefault([])
      .meta({
        description:
          'Further names under which the page is asked for, such as that of a reverse proxy; `*`, with `auth`, for any: pods have addresses that nobody knows before.',
        examples: [['backups.example.com']],
      }),
    auth: z
      .strictObject({
        users: z
          .record(z.string().regex(/^[^:\s]{1,64}$/, 'Use at most 64 characters, no colon and no blank'), SecretSource)
          .prefault({})
          .meta({
            description: 'Users and their passwords, for basic authentication.',
            examples: [{ admin: { file: '/etc/muster/admin.pass' } }],
          }),
        tokens: z
          .array(SecretSource)
          .prefault([])
          .meta({
            description: 'Bearer tokens, say for Prometheus.',
            examples: [[{ file: '/etc/muster/prometheus.token' }]],
          }),
      })
      .refine((auth) => Object.keys(auth.users).length + auth.tokens.length > 0, {
        error: 'names neither a user nor a token',
        params: { next: 'Name at least one: users: { admin: { file: /etc/muster/admin.pass } }.' },
      })
      .optional()
      .meta({ description: 'Who may see the page, the metrics and the API. Health checks need no login.' }),
  })
  .prefault({})
  .meta({ description: 'The page, the metrics and the API of `muster serve`.' })
export type Server = z.output<typeof Server>
