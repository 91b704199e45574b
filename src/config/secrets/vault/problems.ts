/** What can be wrong with a credential that Vault holds. No message holds a token or a secret. */
import { fail, type Problem, type Result } from '../../../model/problem.ts'

interface Row {
  readonly message: string
  readonly next: string
  readonly retry: Problem['retry']
}

/** `{name}` is filled in from the context. */
const table = {
  'vault.no-address': {
    message: 'Credential unavailable: {path} is to come from Vault, and VAULT_ADDR is not set.',
    next: 'Set VAULT_ADDR, such as https://vault.example.com:8200, where Muster is started.',
    retry: 'never',
  },
  'vault.bad-address': {
    message: 'Credential unavailable: VAULT_ADDR is no address that Vault can be asked at.',
    next: 'Write it as https://vault.example.com:8200.',
    retry: 'never',
  },
  'vault.no-login': {
    message: 'Credential unavailable: there is nothing to log in to Vault with.',
    next: 'Set VAULT_TOKEN or VAULT_TOKEN_FILE, or VAULT_ROLE_ID and VAULT_SECRET_ID (or each with _FILE).',
    retry: 'never',
  },
  'vault.unreachable': {
    message: 'Credential unavailable: Vault at {address} does not answer ({why}).',
    next: 'Check the address, the network and, for https, the authority in VAULT_CACERT.',
    retry: 'soon',
  },
  'vault.slow': {
    message: 'Credential unavailable: Vault at {address} gave no answer within {seconds} s.',
    next: 'See how Vault is, and the network to it; the next reading or run asks again.',
    retry: 'soon',
  },
  'vault.sealed': {
    message: 'Credential unavailable: Vault at {address} is sealed or not ready.',
    next: 'Unseal it: `vault operator unseal`.',
    retry: 'soon',
  },
  'vault.busy': {
    message: 'Credential unavailable: Vault at {address} takes no more requests now (HTTP 429).',
    next: 'Wait, or raise its rate limit quota.',
    retry: 'soon',
  },
  'vault.login': {
    message: 'Credential unavailable: Vault at {address} refuses the role and secret id (HTTP {status}).',
    next: 'Check VAULT_ROLE_ID, VAULT_SECRET_ID and VAULT_NAMESPACE; make a new secret id if it has ended.',
    retry: 'next-run',
  },
  'vault.token': {
    message: 'Credential unavailable: the token for Vault at {address} has ended or was revoked.',
    next: 'Make a new token and set it (VAULT_TOKEN or VAULT_TOKEN_FILE); an AppRole renews itself.',
    retry: 'next-run',
  },
  'vault.denied': {
    message: 'Credential unavailable: Vault at {address} does not let this token read {path}.',
    next: 'Give its policy the capability `read` on this path; for version 2 that is {mount}/data/….',
    retry: 'next-run',
  },
  'vault.missing': {
    message: 'Credential unavailable: Vault at {address} has no secret {path}.',
    next: 'Check path and mount, and whether the newest version was deleted.',
    retry: 'next-run',
  },
  'vault.no-key': {
    message: 'Credential unavailable: the secret {path} in Vault has no text under {key}.',
    next: 'Name its key: { vault: PATH, key: NAME }.',
    retry: 'next-run',
  },
  'vault.unexpected': {
    message: 'Credential unavailable: Vault at {address} answered with something that is not understood ({why}).',
    next: 'Check that VAULT_ADDR leads to Vault itself and not to a page before it.',
    retry: 'next-run',
  },
} as const satisfies Record<string, Row>

export type VaultCode = keyof typeof table

function vaultProblem(code: VaultCode, context: Readonly<Record<string, string | number>> = {}): Problem {
  const filled = (text: string): string =>
    text.replaceAll(/\{([a-z]+)\}/g, (whole, name) => String(context[name] ?? whole))
  const { message, next, retry } = table[code]
  return { code, message: filled(message), next: filled(next), retry, context }
}

export const refuse = (code: VaultCode, context?: Readonly<Record<string, string | number>>): Result<never> =>
  fail(vaultProblem(code, context))
