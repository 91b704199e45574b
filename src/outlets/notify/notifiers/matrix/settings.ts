import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import { webAddress } from '../../../../model/web-address.ts'

const shape = {
  url: webAddress('https://matrix.example.com').meta({
    description: 'The home server.',
    examples: ['https://matrix.example.com'],
  }),
  room: z
    .string()
    .startsWith('!', 'Write the internal id of the room, which begins with !')
    .meta({ description: 'Internal id of the room.', examples: ['!abcdefg:example.com'] }),
  token: SecretSource.meta({
    description: 'Access token of the account.',
    examples: [{ file: '/etc/muster/matrix.token' }],
  }),
  ca: z
    .string()
    .min(1)
    .optional()
    .meta({ description: 'File with the authorities that are trusted.', examples: ['/etc/muster/ca.pem'] }),
}

export const settings = { shape }
