/** NethServer 8, which runs backups itself: how it is asked about them. */
import { z } from 'zod'
import { SecretSource } from '../../model/secret-source.ts'
import { Duration, kinds } from '../../model/units.ts'

const Redis = z
  .strictObject({
    url: z
      .string()
      .regex(
        /^rediss?:\/\/(?:[\w.-]+|\[[\da-fA-F:.]+\])(?::\d{1,5})?(?:\/\d{1,4})?$/,
        'Write redis://HOST:PORT without a login: user and password have places of their own',
      )
      .register(kinds, { kind: 'url' })
      .optional()
      .meta({
        description: 'Address of Redis; default: redis://127.0.0.1:6379.',
        examples: ['redis://127.0.0.1:6379'],
      }),
    socket: z
      .string()
      .regex(/^\//, 'Write the whole path of the socket')
      .optional()
      .meta({ description: 'Unix socket of Redis, in the place of `url`.', examples: ['/run/redis/redis.sock'] }),
    user: z
      .string()
      .regex(/^[^\s]+$/, 'Write the name without spaces')
      .optional()
      .meta({ description: 'ACL user; default: `default`.', examples: ['muster'] }),
    password: SecretSource.optional().meta({
      description: 'Password of that user. NethServer 8 asks for none where somebody only reads.',
      examples: [{ file: '/etc/muster/redis.pass' }],
    }),
    timeout: Duration.prefault('5s').meta({ description: 'How long all questions for one answer may take.' }),
  })
  .refine(({ url, socket }) => url === undefined || socket === undefined, {
    error: 'has both url and socket',
    params: { next: 'Take one of them out.' },
  })

export const Ns8 = z
  .strictObject({
    redis: Redis.prefault({}).meta({
      description: 'Where it writes down how backups ended. Muster only reads there.',
      examples: [{ url: 'redis://127.0.0.1:6379' }],
    }),
    runagent: z
      .array(z.string().min(1))
      .min(1)
      .prefault(['runagent'])
      .meta({
        description: 'Program, and arguments before its own, that looks at the repository of a module. No shell.',
        examples: [['sudo', '-n', '/usr/local/bin/runagent']],
      }),
    recentWindow: Duration.prefault('1h').meta({
      description: 'How old what a module wrote down may be and still be of the run an alert is about.',
    }),
    subscribe: z.boolean().prefault(true).meta({
      description: 'Whether Redis tells of each backup that ended, so that a failure is looked into without an alert.',
    }),
  })
  .meta({ description: 'NethServer 8, whose own backups are asked about when an alert tells of one.' })
export type Ns8 = z.output<typeof Ns8>
