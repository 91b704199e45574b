import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'

const shape = {
  token: SecretSource.meta({
    description: 'Token of the application.',
    examples: [{ file: '/etc/muster/pushover.token' }],
  }),
  user: SecretSource.meta({
    description: 'Key of the user or group.',
    examples: [{ file: '/etc/muster/pushover.user' }],
  }),
  server: z
    .url({ protocol: /^https?$/ })
    .prefault('https://api.pushover.net')
    .meta({ description: 'Server of the API.', examples: ['https://api.pushover.net'] }),
}

export const settings = { shape }
