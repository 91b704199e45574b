import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import { webAddress } from '../../../../model/web-address.ts'
import { ca } from '../../ca.ts'
import type { NotifierSettings } from '../../settings.ts'

const priority = (usual: number, description: string) =>
  z
    .int()
    .min(1)
    .max(5)
    .prefault(usual)
    .meta({ description, examples: [usual] })

const shape = {
  url: webAddress('https://ntfy.example.com', ', and give token, or user and password')
    .prefault('https://ntfy.sh')
    .meta({ description: 'The server.', examples: ['https://ntfy.example.com'] }),
  topic: z
    .string()
    .regex(/^[-_A-Za-z0-9]{1,64}$/, 'Write letters, digits, dash and underscore; at most 64')
    .meta({
      description: 'Whoever knows it can read it: choose one that cannot be guessed.',
      examples: ['backups-4f7a'],
    }),
  token: SecretSource.optional().meta({
    description: 'Access token; counts where there is a user too.',
    examples: [{ file: '/etc/muster/ntfy.token' }],
  }),
  user: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'User, with `password`, in place of a token.', examples: ['muster'] }),
  password: SecretSource.optional().meta({
    description: 'Password of `user`.',
    examples: [{ file: '/etc/muster/ntfy.pass' }],
  }),
  priority: z
    .strictObject({
      critical: priority(4, 'Of what is critical.'),
      warning: priority(3, 'Of what can wait.'),
      good: priority(2, 'Of what is fine again.'),
    })
    .prefault({})
    .meta({ description: 'From 1 to 5, by how much it matters.' }),
  tags: z
    .array(z.string().min(1))
    .prefault([])
    .meta({ description: 'Tags beside the lamp, such as a name for an emoji.', examples: [['floppy_disk']] }),
  lamp: z
    .boolean()
    .prefault(true)
    .meta({ description: 'Whether a lamp stands before the title: a cross, a warning sign, a tick.' }),
  failureTitle: z
    .string()
    .min(1)
    .optional()
    .meta({
      description: 'Title of messages that say that something failed, in place of their own.',
      examples: ['nas - Backup failed'],
    }),
  ca,
}

export const settings = { shape, login: [] } satisfies NotifierSettings
