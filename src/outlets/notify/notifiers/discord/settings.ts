import { z } from 'zod'
import { SecretSource } from '../../../../model/secret-source.ts'
import type { NotifierSettings } from '../../settings.ts'

const shape = {
  url: SecretSource.meta({
    description: 'Address of a webhook of a channel; it is a secret.',
    examples: [{ file: '/etc/muster/discord.url' }],
  }),
  username: z.string().min(1).max(80).prefault('Muster').meta({ description: 'Name that it is told under.' }),
}

export const settings = { shape, address: 'url' } satisfies NotifierSettings
