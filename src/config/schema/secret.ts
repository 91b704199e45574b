/** A secret in the file: where to take it from. Plain text is accepted, with a warning that names the fix. */
import { z } from 'zod'
import { kinds } from '../../model/units.ts'

const secretHint = 'a secret: { file: PATH }, { env: NAME }, { command: [PROGRAM, ARGUMENT…] } or { credential: NAME }'

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
    .string()
    .min(1)
    .meta({ title: 'plain text', description: 'Works, but anybody who reads this file has the secret.' }),
] as const

export const SecretSource = z.union(sources, { error: `Write ${secretHint}` }).register(kinds, { kind: 'secret' })
export type SecretSource = z.output<typeof SecretSource>
