import { SecretSource } from '../../../../model/secret-source.ts'
import { webAddress } from '../../../../model/web-address.ts'
import { ca } from '../../ca.ts'

const shape = {
  url: webAddress('https://gotify.example.com').meta({
    description: 'The server.',
    examples: ['https://gotify.example.com'],
  }),
  token: SecretSource.meta({
    description: 'Token of the application.',
    examples: [{ file: '/etc/muster/gotify.token' }],
  }),
  ca,
}

export const settings = { shape }
