/** The token that Muster asks with: got by login or given, renewed in the background, in memory only. */
import { z } from 'zod'
import { ok, type Result } from '../../../model/problem.ts'
import { Secret } from '../../../model/secret.ts'
import type { Credentials } from './environment.ts'
import { refuse } from './problems.ts'
import type { Ask } from './request.ts'

/** @returns Ends the wait. */
export type After = (ms: number, then: () => void) => () => void

export interface TokenKeeper {
  /** A token that should be good; logs in where there is none. Whoever asks meanwhile waits for the same login. */
  get(): Promise<Result<Secret>>
  /** Whether Vault takes the token still; a refused one is dropped. */
  isGood(token: Secret): Promise<Result<boolean>>
}

const Lease = z.object({ lease_duration: z.number().catch(0), renewable: z.boolean().catch(false) })
const Login = z.object({ auth: Lease.extend({ client_token: z.string().min(1) }) })
const Renewed = z.object({ auth: Lease })
const Own = z.object({ data: z.object({ ttl: z.number().catch(0), renewable: z.boolean().catch(false) }) })

/** A timer holds no more; and to look once a day is no load. */
const longestWaitMs = 86_400_000
const shortestWaitMs = 1_000
/** Renewed when this share of a lease is over: what is left is time to try again. */
const renewAt = 2 / 3

interface Held {
  readonly token: Secret
  readonly by: Credentials['by']
  /** Seconds that the first lease had; one that comes back much shorter nears the end that Vault allows at all. */
  readonly fullSeconds: number
}

export function keepToken(
  ask: Ask,
  address: string,
  credentials: () => Promise<Result<Credentials>>,
  after: After,
): TokenKeeper {
  let held: Held | undefined
  let pending: Promise<Result<Secret>> | undefined
  let stop = (): void => {}

  const drop = (): void => {
    stop()
    held = undefined
  }

  const login = async (): Promise<Result<Secret>> => {
    const given = await credentials()
    if (!given.ok) return given
    const lease = given.value.by === 'role' ? await byRole(given.value) : await byToken(given.value.token)
    if (!lease.ok) return lease
    const { token, seconds, renewable } = lease.value
    held = { token, by: given.value.by, fullSeconds: seconds }
    plan(seconds, renewable)
    return ok(token)
  }

  const byRole = async ({ roleId, secretId }: Extract<Credentials, { by: 'role' }>) => {
    const body = { role_id: roleId.reveal(), secret_id: secretId.reveal() }
    const answer = await ask({ method: 'POST', path: 'auth/approle/login', body })
    if (!answer.ok) return answer
    const { status } = answer.value
    if (status === 400 || status === 403 || status === 404) return refuse('vault.login', { address, status })
    const auth = Login.safeParse(answer.value.body).data?.auth
    if (status !== 200 || auth === undefined)
      return refuse('vault.unexpected', { address, why: `login, HTTP ${status}` })
    return ok({ token: new Secret(auth.client_token), seconds: auth.lease_duration, renewable: auth.renewable })
  }

  const byToken = async (token: Secret) => {
    const answer = await ask({ method: 'GET', path: 'auth/token/lookup-self', token })
    if (!answer.ok) return answer
    const { status, body } = answer.value
    if (status === 403) return refuse('vault.token', { address })
    const data = Own.safeParse(body).data?.data
    if (status !== 200 || data === undefined)
      return refuse('vault.unexpected', { address, why: `token, HTTP ${status}` })
    return ok({ token, seconds: data.ttl, renewable: data.renewable })
  }

  /** A lease of 0 never ends. One that cannot be renewed is left to end, or replaced before it does by a new login. */
  const plan = (seconds: number, renewable: boolean): void => {
    stop()
    if (seconds <= 0 || held === undefined) return
    const nearsItsEnd = !renewable || seconds < held.fullSeconds / 2
    if (nearsItsEnd && held.by === 'token' && !renewable) return
    const leftMs = seconds * 1000
    const next = nearsItsEnd && held.by === 'role' ? again : renew
    stop = after(
      Math.min(longestWaitMs, Math.max(shortestWaitMs, leftMs * renewAt)),
      () => void next(leftMs * (1 - renewAt)),
    )
  }

  /** @param leftMs What the lease has left: half of it until the next try, when this one fails. */
  const renew = async (leftMs: number): Promise<void> => {
    const mine = held
    if (mine === undefined) return
    const answer = await ask({ method: 'POST', path: 'auth/token/renew-self', token: mine.token, body: {} })
    if (held !== mine) return
    const auth = answer.ok && answer.value.status === 200 ? Renewed.safeParse(answer.value.body).data?.auth : undefined
    if (auth !== undefined) return plan(auth.lease_duration, auth.renewable)
    // Refused, not unanswered: a role makes a new one, and a given token ends when it ends.
    if (answer.ok && mine.by === 'role') return again(leftMs)
    if (leftMs > shortestWaitMs) stop = after(Math.max(shortestWaitMs, leftMs / 2), () => void renew(leftMs / 2))
  }

  /** A new login while the old token is good still, so that there is no moment without one. */
  const again = async (leftMs: number): Promise<void> => {
    const answer = await login()
    if (!answer.ok && leftMs > shortestWaitMs)
      stop = after(Math.max(shortestWaitMs, leftMs / 2), () => void again(leftMs / 2))
  }

  return {
    async get() {
      if (held !== undefined) return ok(held.token)
      pending ??= login().finally(() => {
        pending = undefined
      })
      return pending
    },
    async isGood(token) {
      const answer = await ask({ method: 'GET', path: 'auth/token/lookup-self', token })
      if (!answer.ok) return answer
      const good = answer.value.status !== 403
      if (!good && held?.token === token) drop()
      return ok(good)
    },
  }
}
