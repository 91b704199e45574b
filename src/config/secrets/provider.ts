import type { Result } from '../../model/problem.ts'
import type { Secret } from '../../model/secret.ts'
import type { SecretSource } from '../../model/secret-source.ts'

/** What a provider may use of the world. */
export interface SecretIo {
  readonly env: NodeJS.ProcessEnv
  /** What was answered before will do: for those who look again and again. Else the source is asked. */
  readonly remembered?: boolean
}

export interface LoadedSecret {
  readonly secret: Secret
  /** Unwise, but it worked: a file that others may read. */
  readonly warning?: { readonly message: string; readonly next: string }
}

/** One way to get a secret. `kind` is its key in the configuration. */
export interface SecretProvider<Kind extends string = string> {
  readonly kind: Kind
  load(settings: Extract<SecretSource, Record<Kind, unknown>>, io: SecretIo): Promise<Result<LoadedSecret>>
  /** Forgets what was answered before. */
  forget?(): void
}
