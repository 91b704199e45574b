/** A secret in the file: where to take it from. Plain text is accepted, with a warning that names the fix. */
import { z } from 'zod'
import { kinds } from './units.ts'

const secretHint =
  'a secret: { file: PATH }, { env: NAME }, { command: [PROGRAM, ARGUMENT…] }, { credential: NAME } or { vault: PATH }'

const sources = [
  z
    .strictObject({
      file: z
        .string()
        .min(1)
        .meta({ description: 'File that holds the secret; its last line end is left out. Mode 0600.' }),
    })
    .meta({ title: 'from a file' }),
  z
    .strictObject({
      env: z
        .string()
        .regex(/^[A-Za-z_]\w*$/, 'Write the name of a variable: letters, digits and _, no digit first')
        .meta({ description: 'Environment variable of Muster.' }),
    })
    .meta({ title: 'from the environment' }),
  z
    .strictObject({
      command: z
        .array(z.string())
        .min(1)
        .meta({ description: 'Program and arguments; what it prints on standard output is the secret. No shell.' }),
    })
    .meta({ title: 'from a command' }),
  z
    .strictObject({
      credential: z
        .string()
        .regex(/^[\w.-]{1,255}$/, 'Write the name of a credential: letters, digits, dot, dash and _')
        .meta({ description: 'Name of a systemd credential (`LoadCredential=`), a file in $CREDENTIALS_DIRECTORY.' }),
    })
    .meta({ title: 'a systemd credential' }),
  z
    .strictObject({
      vault: z
        .string()
        .regex(
          /^\/?[^/\s](?:[^\n]{0,510}[^/\s])?\/?$/,
          'Write the path of a secret inside its mount, such as service/backups/key',
        )
        .meta({ description: 'Path of a secret in the key/value store of HashiCorp Vault, inside its mount.' }),
      key: z.string().min(1).optional().meta({
        description:
          'Key of the secret that holds the value; default: `key`, else `password`, else the only one there is.',
      }),
      mount: z
        .string()
        .regex(/^[^/\s][^\s]*$/, 'Write the mount without slashes around it, such as kv')
        .prefault('kv')
        .meta({ description: 'Where the key/value store is mounted.' }),
      version: z
        .union([z.literal(1), z.literal(2)])
        .optional()
        .meta({
          description: 'Version of the key/value store; default: Vault is asked.',
        }),
    })
    .meta({ title: 'from HashiCorp Vault' }),
  z
    .string()
    .min(1)
    .meta({ title: 'plain text', description: 'Works, but anybody who reads this file has the secret.' }),
] as const

export const SecretSource = z.union(sources, { error: `Write ${secretHint}` }).register(kinds, { kind: 'secret' })
export type SecretSource = z.output<typeof SecretSource>
