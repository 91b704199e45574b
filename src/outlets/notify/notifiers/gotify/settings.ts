import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import { webAddress } from '../../../../model/web-address.ts'

const shape = {
  url: webAddress('https://gotify.example.com').meta({
    description: 'The server.',
    examples: ['https://gotify.example.com'],
  }),
  token: SecretSource.meta({
    description: 'Token of the application.',
    examples: [{ file: '/etc/muster/gotify.token' }],
  }),
  ca: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'File with the authorities that are trusted.', examples: ['/etc/muster/ca.pem'] }),
}

export const settings = { shape }
