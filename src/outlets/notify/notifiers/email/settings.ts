import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import type { NotifierSettings } from '../../settings.ts'

/** One plain address: a comma, a quote or a bracket could name another one beside it. */
const Address = z
  .string()
  .max(254)
  .regex(/^[^\s@,;:<>()[\]"\\]+@[^\s@,;:<>()[\]"\\]+$/, 'Write one address, such as ops@example.com')

const shape = {
  to: z
    .array(Address)
    .min(1)
    .meta({ description: 'Who gets it.', examples: [['ops@example.com']] }),
  from: Address.optional().meta({
    description: 'Whom it is from; default: `muster@` and the name of this machine.',
    examples: ['muster@example.com'],
  }),
  smtp: z
    .strictObject({
      url: z
        .string()
        .regex(
          /^smtps?:\/\/(?:\[[\da-f:]+\]|[\w.-]+)(?::\d{1,5})?\/?$/i,
          'Write smtps://HOST or smtp://HOST, with :PORT where it is another one; user and password have settings of their own',
        )
        .meta({
          description: 'The server; `smtps` speaks TLS from the first byte, `smtp` turns to it.',
          examples: ['smtps://mail.example.com'],
        }),
      user: z
        .string()
        .min(1)
        .optional()
        .meta({ description: 'User to log in as.', examples: ['muster'] }),
      password: SecretSource.optional().meta({
        description: 'Password of `user`.',
        examples: [{ file: '/etc/muster/mail.pass' }],
      }),
      tls: z.enum(['required', 'if-offered', 'none']).prefault('required').meta({
        description: 'Whether a server that does not offer TLS gets the message in clear.',
      }),
      ca: z
        .string()
        .min(1)
        .optional()
        .meta({ description: 'File with the authorities that are trusted.', examples: ['/etc/muster/ca.pem'] }),
    })
    .optional()
    .meta({ description: 'A mail server; it counts where there is `ns8` too. Default: `sendmail` of this machine.' }),
  sendmail: z.array(z.string().min(1)).min(1).prefault(['/usr/sbin/sendmail', '-i', '-t']).meta({
    description: 'Program that takes the whole mail on standard input, where there is neither `smtp` nor `ns8`.',
  }),
  ns8: z
    .literal(true)
    .optional()
    .meta({
      description: 'By the smarthost of NethServer 8: `runagent ns8-sendmail`, once for each recipient.',
      examples: [true],
    }),
}

export const settings = { shape, login: ['smtp'] } satisfies NotifierSettings
