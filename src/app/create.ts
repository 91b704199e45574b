/** Makes a repository, only when asked and only when it was never there before. */
import { fail, ok, type Problem, type Result } from '../model/problem.ts'
import { Secret } from '../model/secret.ts'
import { newId } from '../system/id.ts'
import type { Reached } from './access.ts'
import type { App } from './context.ts'
import { wasSeenThere } from './identity.ts'
import { recorded } from './record.ts'

export interface CreateWish {
  /** The person asked for it just now (`--init`); else `create: true` has to. */
  readonly asked: boolean
  readonly signal: AbortSignal
  readonly reached: Reached
  /** Just before one is made. */
  readonly onMaking?: (() => void) | undefined
}

/** Called only after opening failed because there is no repository. Recorded as a run of its own. */
export async function createRepository(app: App, name: string, wish: CreateWish): Promise<Result<void>> {
  const { tool, access, repository } = wish.reached
  if (!wish.asked && !repository.create)
    return fail((await wasSeenThere(app, name, new Secret(repository.url))) ? wasThere(name) : notThere(name))
  // A disk that is not mounted looks like a repository that was never made. The ledger knows better, and without it nobody does.
  const { degraded } = app.ledger
  if (degraded !== undefined && !wish.asked) return fail(forgotten(name))
  if (await wasSeenThere(app, name, new Secret(repository.url))) return fail(wasThere(name))
  wish.onMaking?.()
  const id = newId(app.now())
  const { run } = await recorded(
    app,
    { id, roundId: id, repository: name, operation: 'init', trigger: 'manual', exclusive: true },
    (recorder) =>
      tool.init(access, { signal: wish.signal, timeLimitMs: repository.read.timeLimit, onSpawn: recorder.onSpawn }),
  )
  return run.problem === undefined ? ok(undefined) : fail(run.problem)
}

const notThere = (name: string): Problem => ({
  code: 'repository.not-there',
  message: `There is no repository at the address of ${name}.`,
  next: `If it is to be made, run: muster run --init. Else check its url, and that its disk is mounted.`,
  retry: 'never',
})

const forgotten = (name: string): Problem => ({
  code: 'repository.unknown',
  message: `There is no repository at the address of ${name}, and the ledger that would know whether one was there is damaged; none is made.`,
  next: 'Check that its disk is mounted. If it is to be made, run: muster run --init',
  retry: 'never',
})

const wasThere = (name: string): Problem => ({
  code: 'repository.vanished',
  message: `The repository ${name} was there before and is gone; a new one is not put in its place.`,
  next: 'Check that its disk is mounted and its url is right. If it is really to begin anew, give it another name in the configuration.',
  retry: 'next-run',
})
