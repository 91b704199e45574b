import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'

const shape = {
  url: SecretSource.meta({
    description: 'Address the message is posted to; many hold a secret.',
    examples: [{ file: '/etc/muster/hook.url' }],
  }),
  headers: z
    .record(z.string().regex(/^[\w-]+$/, 'Write the name of a header'), SecretSource)
    .prefault({})
    .meta({ description: 'Further headers.', examples: [{ Authorization: { file: '/etc/muster/hook.auth' } }] }),
  secret: SecretSource.optional().meta({
    description: 'Signs the body: `X-Muster-Signature: sha256=…` is its HMAC in hex.',
    examples: [{ file: '/etc/muster/hook.secret' }],
  }),
  ca: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'File with the authorities that are trusted.', examples: ['/etc/muster/ca.pem'] }),
}

export const settings = { shape }
