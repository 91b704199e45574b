/** Loads one secret, whatever its source. */
import { ok, type Result } from '../../model/problem.ts'
import { Secret } from '../../model/secret.ts'
import type { SecretSource } from '../../model/secret-source.ts'
import type { LoadedSecret, SecretIo, SecretProvider } from './provider.ts'
import { providers } from './registry.generated.ts'

/** @returns The secret, or a problem `secret.*` whose message never holds it. */
export async function loadSecret(source: SecretSource, io: SecretIo): Promise<Result<LoadedSecret>> {
  if (typeof source === 'string') return ok({ secret: new Secret(source) })
  const found = (Object.values(providers) as readonly SecretProvider[]).find((provider) => provider.kind in source)
  // The schema lets nothing else through.
  if (found === undefined) throw new Error('secret source without a provider')
  return found.load(source as never, io)
}

/** From here on every source is asked again, also by those who take what is remembered. */
export function forgetSecrets(): void {
  for (const provider of Object.values(providers) as readonly SecretProvider[]) provider.forget?.()
}
