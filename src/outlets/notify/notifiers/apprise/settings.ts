import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import { ca } from '../../ca.ts'
import type { NotifierSettings } from '../../settings.ts'

const shape = {
  urls: z
    .array(SecretSource)
    .min(1)
    .optional()
    .meta({
      description:
        'Addresses in the syntax of apprise, for its program on this machine; default: those of its own configuration.',
      examples: [[{ file: '/etc/muster/apprise.url' }]],
    }),
  program: z
    .string()
    .min(1)
    .prefault('apprise')
    .meta({ description: 'The program.', examples: ['/usr/local/bin/apprise'] }),
  api: SecretSource.optional().meta({
    description:
      'Address of an Apprise API, which counts in place of the program and `urls`: `http://HOST:8000/notify/KEY`.',
    examples: [{ file: '/etc/muster/apprise-api.url' }],
  }),
  tag: z
    .string()
    .min(1)
    .max(128)
    .optional()
    .meta({ description: 'Only what bears this tag there.', examples: ['backups'] }),
  ca,
}

export const settings = { shape, address: 'api' } satisfies NotifierSettings
