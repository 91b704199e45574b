import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import { webAddress } from '../../../../model/web-address.ts'

const shape = {
  token: SecretSource.meta({ description: 'Token of the bot.', examples: [{ file: '/etc/muster/telegram.token' }] }),
  chat: z
    .string()
    .min(1)
    .meta({ description: 'Number of the chat, or the @name of a channel.', examples: ['-1001234567890'] }),
  server: webAddress('https://api.telegram.org')
    .prefault('https://api.telegram.org')
    .meta({ description: 'Server of the bot API.', examples: ['https://api.telegram.org'] }),
}

export const settings = { shape }
