import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import { webAddress } from '../../../../model/web-address.ts'
import { ca } from '../../ca.ts'

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
  ca,
}

export const settings = { shape }
