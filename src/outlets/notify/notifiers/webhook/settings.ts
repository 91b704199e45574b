import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import { ca } from '../../ca.ts'
import type { NotifierSettings } from '../../settings.ts'
import { templateFault, templateFields, templateTypes } from './template.ts'

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
  template: z
    .strictObject({
      body: z
        .string()
        .min(1)
        .max(65_536)
        .meta({
          description: `The body; {${templateFields.join('}, {')}} are filled in. In JSON they stand inside quotes.`,
          examples: ['{"text": "{title}"}'],
        }),
      type: z.enum(templateTypes).prefault('application/json').meta({ description: 'What the body is.' }),
    })
    .superRefine(({ body, type }, context) => {
      const fault = type === 'application/json' ? templateFault(body) : undefined
      if (fault !== undefined)
        context.addIssue({
          code: 'custom',
          path: ['body'],
          message: fault,
          params: { next: 'Write each field inside quotes, such as {"text": "{title}"}.' },
        })
    })
    .optional()
    .meta({ description: 'Another body than that of Muster.', examples: [{ body: '{"text": "{title}"}' }] }),
  ca,
}

export const settings = { shape, address: 'url' } satisfies NotifierSettings
