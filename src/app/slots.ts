/** How many repositories this process works on at once. Work on a repository that has a slot shares it. */
export interface Slots {
  /** Waits for a slot; false when aborted first. */
  take(repository: string, signal: AbortSignal): Promise<boolean>
  free(repository: string): void
}

export function openSlots(most: () => number): Slots {
  const users = new Map<string, number>()
  const waiting: { readonly repository: string; readonly go: () => void }[] = []
  const may = (repository: string): boolean => users.has(repository) || users.size < most()
  const enter = (repository: string): void => void users.set(repository, (users.get(repository) ?? 0) + 1)
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
      })
    },
    free(repository) {
      const left = (users.get(repository) ?? 1) - 1
      if (left > 0) users.set(repository, left)
      else users.delete(repository)
      for (const place of waiting.filter((candidate) => may(candidate.repository))) {
        if (!may(place.repository)) break
        waiting.splice(waiting.indexOf(place), 1)
        place.go()
      }
    },
  }
}
