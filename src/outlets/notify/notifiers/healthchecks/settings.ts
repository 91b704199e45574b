import { SecretSource } from '../../../../model/secret-source.ts'
import { ca } from '../../ca.ts'
import type { NotifierSettings } from '../../settings.ts'

const shape = {
  url: SecretSource.meta({
    description:
      'Address of a check; with `{job}` in it of one for each job, made when it is first told: `https://hc-ping.com/KEY/backup-{job}`.',
    examples: [{ file: '/etc/muster/check.url' }],
  }),
  ca,
}

export const settings = { shape, tells: 'runs', address: 'url' } as const satisfies NotifierSettings
