import { join } from 'node:path'
import { fail } from '../../../model/problem.ts'
import { loadSecretFile } from '../file/index.ts'
import type { SecretProvider } from '../provider.ts'

/** Takes a secret from systemd's `LoadCredential=`. Source: systemd.exec(5), "CREDENTIALS". */
export const provider: SecretProvider<'credential'> = {
  kind: 'credential',
  async load({ credential }, io) {
    const folder = io.env.CREDENTIALS_DIRECTORY
    if (folder !== undefined && folder !== '') {
      const loaded = await loadSecretFile(join(folder, credential))
      // systemd sets owner and mode of these files itself; a warning about them would name a fix nobody can carry out.
      return loaded.ok ? { ok: true, value: { secret: loaded.value.secret } } : loaded
    }
    return fail({
      code: 'secret.credential',
      message: `The systemd credential ${credential} was asked for, but there is no $CREDENTIALS_DIRECTORY.`,
      next: `Add LoadCredential=${credential}:PATH to the unit and start Muster by systemd.`,
      retry: 'never',
      context: { credential },
    })
  },
}
