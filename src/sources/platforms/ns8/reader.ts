/** Reads keys of Redis one by one: sizes first, and what cannot be read is told, once, and stops nobody. */
import type { Problem } from '../../../model/problem.ts'
import type { Fields } from './found.ts'
import { problemOf, type ReadCommand, type Redis } from './redis.ts'
import { redisProblem, saidOf, type Trouble, troubleOf } from './redis-problems.ts'
import type { Ns8Settings } from './settings.ts'

const mostValueBytes = 64 * 1024
const mostFields = 10_000
/** Names of fields may be long too. */
const mostHashBytes = 16 * 1024 * 1024

/** What concerns one key alone; the next can be read all the same. */
const ofOneKey: readonly Trouble[] = ['type', 'denied', 'too-large']

/** `essential`: without it nobody can say how a backup ended. */
type Weight = 'essential' | 'nice'

export class Reader {
  /** The first that keeps from knowing. */
  problem: Problem | undefined
  readonly notes: string[] = []
  /** Nothing more will come. */
  isBroken = false
  readonly #redis: Redis
  readonly #settings: Pick<Ns8Settings, 'redis'>
  readonly #signal: AbortSignal

  constructor(redis: Redis, settings: Pick<Ns8Settings, 'redis'>, signal: AbortSignal) {
    this.#redis = redis
    this.#settings = settings
    this.#signal = signal
  }

  /** @throws What Redis answered; at the signal at once. */
  async #ask(command: ReadCommand, ...args: readonly string[]): Promise<unknown> {
    this.#signal.throwIfAborted()
    const { promise: aborted, reject } = Promise.withResolvers<never>()
    const onAbort = (): void => reject(this.#signal.reason)
    this.#signal.addEventListener('abort', onAbort, { once: true })
    try {
      return await Promise.race([this.#redis.ask(command, ...args), aborted])
    } finally {
      this.#signal.removeEventListener('abort', onAbort)
    }
  }

  /** Keeps what was wrong. undefined: it could not be read. */
  async attempt<T>(key: string, weight: Weight, read: () => Promise<T>): Promise<T | undefined> {
    if (this.isBroken) return undefined
    try {
      return await read()
    } catch (error) {
      const problem =
        error instanceof TooLarge
          ? redisProblem('too-large', this.#settings.redis, error.message)
          : this.#isOfOneKey(error)
            ? redisProblem(troubleOf(error), this.#settings.redis, `${key}: ${saidOf(error)}`)
            : problemOf(error, this.#settings, this.#signal)
      const isOne = error instanceof TooLarge || this.#isOfOneKey(error)
      if (!isOne) this.isBroken = true
      this.notes.push(isOne ? `${key} could not be read: ${saidOf(error)}.` : problem.message)
      if (!isOne || weight === 'essential') this.problem ??= problem
      return undefined
    }
  }

  #isOfOneKey = (error: unknown): boolean => !this.#signal.aborted && ofOneKey.includes(troubleOf(error))

  /** `keys` whose names fit; a `pattern` that is written here, and never came from outside. */
  async scan(pattern: string, most: number, keep: (key: string) => boolean): Promise<readonly string[]> {
    const keys = new Set<string>()
    await this.attempt(pattern, 'essential', async () => {
      let cursor = '0'
      do {
        const [next, page] = pairOf(await this.#ask('SCAN', cursor, 'MATCH', pattern, 'COUNT', '1000'))
        for (const key of page) if (keep(key)) keys.add(key)
        if (keys.size > most) throw new TooLarge(`more than ${most} keys fit ${pattern}`)
        cursor = next
      } while (cursor !== '0')
    })
    return [...keys].slice(0, most)
  }

  /** @returns undefined where it is there and cannot be read, null where there is none. */
  async hash(key: string, wanted: readonly string[], weight: Weight = 'essential'): Promise<Fields | null | undefined> {
    return this.attempt(key, weight, async () => {
      if ((await this.#lengthOf(key)) === 0) return null
      return this.#fields(key, wanted, weight)
    })
  }

  /** All fields of a hash, whatever their names are. */
  async wholeHash(key: string, keep: (field: string) => boolean): Promise<Fields | null | undefined> {
    return this.attempt(key, 'essential', async () => {
      if ((await this.#lengthOf(key)) === 0) return null
      const bytes = await this.#ask('MEMORY', 'USAGE', key, 'SAMPLES', '0')
      if (Number(bytes) > mostHashBytes) throw new TooLarge(`${key} takes ${bytes} bytes`)
      const names = textsOf(await this.#ask('HKEYS', key))
      return this.#fields(key, names.filter(keep), 'essential')
    })
  }

  async text(key: string): Promise<string | undefined> {
    return this.attempt(key, 'nice', async () => {
      const bytes = Number(await this.#ask('STRLEN', key))
      if (bytes === 0) return undefined
      if (bytes > mostValueBytes) throw new TooLarge(`${key} has ${bytes} bytes`)
      return textOf(await this.#ask('GET', key))
    })
  }

  async isMember(key: string, member: string): Promise<boolean> {
    return (await this.attempt(key, 'essential', () => this.#ask('SISMEMBER', key, member))) === 1
  }

  async #lengthOf(key: string): Promise<number> {
    const length = Number(await this.#ask('HLEN', key))
    if (length > mostFields) throw new TooLarge(`${key} has ${length} fields`)
    return length
  }

  /** A field that is too large is left out, and said. */
  async #fields(key: string, wanted: readonly string[], weight: Weight): Promise<Fields> {
    const fields: [string, string][] = []
    for (let from = 0; from < wanted.length; from += mostAtOnce) {
      const some = wanted.slice(from, from + mostAtOnce)
      const sizes = await Promise.all(some.map((field) => this.#ask('HSTRLEN', key, field)))
      const small = some.filter((_, at) => Number(sizes[at]) <= mostValueBytes)
      for (const [at, field] of some.entries())
        if (Number(sizes[at]) > mostValueBytes)
          await this.attempt(key, weight, async () => {
            throw new TooLarge(`field ${field} of ${key} has ${sizes[at]} bytes`)
          })
      if (small.length === 0) continue
      const values = await this.#ask('HMGET', key, ...small)
      if (!Array.isArray(values)) throw new TypeError('HMGET answered no list')
      for (const [at, field] of small.entries()) if (typeof values[at] === 'string') fields.push([field, values[at]])
    }
    return Object.fromEntries(fields)
  }
}

const mostAtOnce = 200

class TooLarge extends Error {}

/** Runs so many side by side; they travel together. */
export async function forAll<T, R>(items: readonly T[], work: (item: T) => Promise<R>): Promise<R[]> {
  const results: R[] = []
  for (let from = 0; from < items.length; from += mostAtOnce)
    results.push(...(await Promise.all(items.slice(from, from + mostAtOnce).map(work))))
  return results
}

function pairOf(answer: unknown): [string, string[]] {
  if (!Array.isArray(answer) || typeof answer[0] !== 'string') throw new TypeError('SCAN answered no cursor')
  return [answer[0], textsOf(answer[1])]
}

function textsOf(answer: unknown): string[] {
  if (!Array.isArray(answer)) throw new TypeError('it answered no list')
  return answer.filter((item) => typeof item === 'string')
}

const textOf = (answer: unknown): string | undefined => (typeof answer === 'string' ? answer : undefined)
