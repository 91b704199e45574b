import { SecretSource } from '../../../../model/secret-source.ts'
import type { NotifierSettings } from '../../settings.ts'

const shape = {
  url: SecretSource.meta({
    description: 'Address of an incoming webhook of Slack, or of Mattermost; it is a secret.',
    examples: [{ file: '/etc/muster/slack.url' }],
  }),
}

export const settings = { shape, address: 'url' } satisfies NotifierSettings
