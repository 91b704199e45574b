/** The key/value store of Vault, versions 1 and 2: which one a mount is, is asked once. */
import { z } from 'zod'
import { ok, type Result } from '../../../model/problem.ts'
import type { Secret } from '../../../model/secret.ts'
import { refuse } from './problems.ts'
import type { Answer, Ask } from './request.ts'
import type { TokenKeeper } from './token.ts'

type Version = 1 | 2
export type Document = Readonly<Record<string, unknown>>

export interface Place {
  readonly mount: string
  readonly path: string
  readonly version?: Version | undefined
}

const Content = z.record(z.string(), z.unknown())
const Stored = { 1: z.object({ data: Content }), 2: z.object({ data: z.object({ data: Content }) }) }
const Mount = z.object({ data: z.object({ options: z.object({ version: z.string() }).nullish().catch(undefined) }) })

export function openStore(
  ask: Ask,
  address: string,
  tokens: TokenKeeper,
): { read(place: Place): Promise<Result<Document>> } {
  const versions = new Map<string, Version>()

  /** Readable for every token that may read anything in the mount; else it is found out by trying. */
  const versionOf = async (mount: string, token: Secret): Promise<Result<Version | undefined>> => {
    const known = versions.get(mount)
    if (known !== undefined) return ok(known)
    const answer = await ask({ method: 'GET', path: `sys/internal/ui/mounts/${mount}`, token })
    if (!answer.ok) return answer
    const told = answer.value.status === 200 ? Mount.safeParse(answer.value.body).data : undefined
    if (told === undefined) return ok(undefined)
    const version = told.data.options?.version === '2' ? 2 : 1
    versions.set(mount, version)
    return ok(version)
  }

  const readOnce = async (place: Place, token: Secret): Promise<Result<Document>> => {
    const told = place.version === undefined ? await versionOf(place.mount, token) : ok(place.version)
    if (!told.ok) return told
    const refusals: Answer[] = []
    for (const version of told.value === undefined ? ([2, 1] as const) : [told.value]) {
      const answer = await ask({ method: 'GET', path: pathOf(place, version), token })
      if (!answer.ok) return answer
      const document = answer.value.status === 200 ? contentOf(answer.value.body, version) : undefined
      if (document !== undefined) {
        versions.set(place.mount, version)
        return ok(document)
      }
      refusals.push(answer.value)
    }
    return notThere(refusals, place)
  }

  const notThere = (refusals: readonly Answer[], { mount, path }: Place): Result<never> => {
    const odd = refusals.find(({ status }) => status !== 403 && status !== 404)
    if (odd !== undefined) return refuse('vault.unexpected', { address, why: `HTTP ${odd.status}` })
    const isDenied = refusals.some(({ status }) => status === 403)
    return refuse(isDenied ? 'vault.denied' : 'vault.missing', { address, mount, path: `${mount}/${path}` })
  }

  return {
    async read(place) {
      for (let tries = 1; ; tries++) {
        const token = await tokens.get()
        if (!token.ok) return token
        const document = await readOnce(place, token.value)
        if (document.ok || document.problem.code !== 'vault.denied') return document
        // The same answer means two things: this path is closed, or the token has ended.
        const good = await tokens.isGood(token.value)
        if (!good.ok) return good
        if (good.value) return document
        if (tries > 1) return refuse('vault.token', { address })
      }
    },
  }
}

const pathOf = ({ mount, path }: Place, version: Version): string =>
  version === 2 ? `${mount}/data/${path}` : `${mount}/${path}`

/** Of a deleted version the data are null, with the status of what is missing. */
function contentOf(body: unknown, version: Version): Document | undefined {
  return version === 2 ? Stored[2].safeParse(body).data?.data.data : Stored[1].safeParse(body).data?.data
}
