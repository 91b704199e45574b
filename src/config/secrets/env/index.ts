import { fail, ok } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import type { SecretProvider } from '../provider.ts'

/** Takes a secret from Muster's own environment. */
export const provider: SecretProvider<'env'> = {
  kind: 'env',
  async load({ env: name }, io) {
    const value = io.env[name]
    if (value !== undefined && value !== '') return ok({ secret: new Secret(value) })
    return fail({
      code: 'secret.env',
      message: `The environment variable ${name} is ${value === '' ? 'empty' : 'not set'}.`,
      next: `Set ${name} where Muster is started (for systemd: EnvironmentFile=).`,
      retry: 'next-run',
      context: { name },
    })
  },
}
