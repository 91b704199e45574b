/** How Vault is reached: the variables of its own command line, and two more for AppRole, each also as `…_FILE`. */
import { createHash } from 'node:crypto'
import { ok, type Result } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import { loadSecretFile } from '../file/index.ts'
import { refuse } from './problems.ts'

export interface VaultPlace {
  readonly address: URL
  readonly namespace?: string
  /** File of the authority, PEM. */
  readonly caFile?: string
}

export type Credentials =
  | { readonly by: 'token'; readonly token: Secret }
  | { readonly by: 'role'; readonly roleId: Secret; readonly secretId: Secret }

const names = [
  ...['VAULT_ADDR', 'VAULT_NAMESPACE', 'VAULT_CACERT'],
  ...['VAULT_TOKEN', 'VAULT_ROLE_ID', 'VAULT_SECRET_ID'].flatMap((name) => [name, `${name}_FILE`]),
]

/** The same for the same variables; says nothing of them. */
export const fingerprint = (env: NodeJS.ProcessEnv): string =>
  createHash('sha256')
    .update(JSON.stringify(names.map((name) => env[name])))
    .digest('hex')

export function readPlace(env: NodeJS.ProcessEnv, path: string): Result<VaultPlace> {
  const text = env.VAULT_ADDR
  if (text === undefined || text === '') return refuse('vault.no-address', { path })
  const address = URL.parse(text)
  if (address === null || !/^https?:$/.test(address.protocol)) return refuse('vault.bad-address')
  // No part of it belongs into a message.
  address.username = ''
  address.password = ''
  const { VAULT_NAMESPACE: namespace, VAULT_CACERT: caFile } = env
  return ok({ address, ...(namespace && { namespace }), ...(caFile && { caFile }) })
}

/** Asked for at every login, so that a file that was written anew counts. A token goes before a role. */
export async function loadCredentials(env: NodeJS.ProcessEnv): Promise<Result<Credentials>> {
  const token = await loadOne(env, 'VAULT_TOKEN')
  if (token !== undefined) return token.ok ? ok({ by: 'token', token: token.value }) : token
  const roleId = await loadOne(env, 'VAULT_ROLE_ID')
  const secretId = await loadOne(env, 'VAULT_SECRET_ID')
  if (roleId === undefined || secretId === undefined) return refuse('vault.no-login')
  if (!roleId.ok) return roleId
  return secretId.ok ? ok({ by: 'role', roleId: roleId.value, secretId: secretId.value }) : secretId
}

async function loadOne(env: NodeJS.ProcessEnv, name: string): Promise<Result<Secret> | undefined> {
  const given = env[name]
  if (given !== undefined && given !== '') return ok(new Secret(given))
  const file = env[`${name}_FILE`]
  if (file === undefined || file === '') return undefined
  const loaded = await loadSecretFile(file)
  return loaded.ok ? ok(loaded.value.secret) : loaded
}
