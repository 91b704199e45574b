/** How many repositories this process works on at once. Work on a repository that has a slot shares it. */
export interface Slots {
  /** Waits for a slot; false when aborted first. */
  take(repository: string, signal: AbortSignal): Promise<boolean>
  free(repository: string): void
}

/** Slow ones beside the slots: so many times the slots, all told. */
const mostTimes = 8

/**
 * @param patienceMs Whoever holds a slot for longer keeps it, and others get one beside it, so that what hangs delays nobody; default:
 *   as long as it takes.
 */
export function openSlots(most: () => number, patienceMs = Number.POSITIVE_INFINITY): Slots {
  const users = new Map<string, { count: number; readonly since: number }>()
  const waiting: { readonly repository: string; readonly go: () => void }[] = []
  let timer: NodeJS.Timeout | undefined

  const quick = (): number[] => {
    const now = performance.now()
    return [...users.values()].map(({ since }) => since + patienceMs - now).filter((leftMs) => leftMs > 0)
  }
  const may = (repository: string): boolean =>
    users.has(repository) || (quick().length < most() && users.size < mostTimes * most())
  const enter = (repository: string): void => {
    const user = users.get(repository)
    if (user === undefined) users.set(repository, { count: 1, since: performance.now() })
    else user.count += 1
  }
  const admit = (): void => {
    for (const place of [...waiting]) {
      if (!may(place.repository)) continue
      waiting.splice(waiting.indexOf(place), 1)
      place.go()
    }
    clearTimeout(timer)
    timer = undefined
    const leftMs = Math.min(...quick())
    if (waiting.length > 0 && Number.isFinite(leftMs)) timer = setTimeout(admit, leftMs + 1).unref()
  }
  return {
    take(repository, signal) {
      if (signal.aborted) return Promise.resolve(false)
      if (may(repository)) {
        enter(repository)
        return Promise.resolve(true)
      }
      return new Promise((resolve) => {
        const place = {
          repository,
          go: () => {
            signal.removeEventListener('abort', leave)
            enter(repository)
            resolve(true)
          },
        }
        const leave = (): void => {
          waiting.splice(waiting.indexOf(place), 1)
          resolve(false)
        }
        signal.addEventListener('abort', leave, { once: true })
        waiting.push(place)
        admit()
      })
    },
    free(repository) {
      const user = users.get(repository)
      if (user === undefined) return
      user.count -= 1
      if (user.count <= 0) users.delete(repository)
      admit()
    },
  }
}
