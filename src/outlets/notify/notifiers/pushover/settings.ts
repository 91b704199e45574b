import { SecretSource } from '../../../../model/secret-source.ts'
import { webAddress } from '../../../../model/web-address.ts'

const shape = {
  token: SecretSource.meta({
    description: 'Token of the application.',
    examples: [{ file: '/etc/muster/pushover.token' }],
  }),
  user: SecretSource.meta({
    description: 'Key of the user or group.',
    examples: [{ file: '/etc/muster/pushover.user' }],
  }),
  server: webAddress('https://api.pushover.net')
    .prefault('https://api.pushover.net')
    .meta({ description: 'Server of the API.', examples: ['https://api.pushover.net'] }),
}

export const settings = { shape }
