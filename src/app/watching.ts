/** Readings at once where somebody tells that a repository changed; their schedule stays the safety net. */
import type { Config, Repository } from '../config/schema.ts'
import { Secret } from '../model/secret.ts'
import { watchStorage } from '../sources/readers/restic/index.ts'

/** restic writes the snapshot last, then removes its lock: one reading sees both. */
const settleMs = 150

export interface Watching {
  /** Asked before each reading, for as long as there is nothing to watch. */
  begin(name: string, repository: Repository): Promise<void>
  /** Those that are not configured so any more are watched no more. */
  keep(config: Config): void
  close(): void
}

export function openWatching(changed: (repository: string) => void): Watching {
  const open = new Map<string, { readonly url: string; readonly end: () => void }>()
  const timers = new Map<string, NodeJS.Timeout>()
  let isClosed = false
  const soon = (name: string): void => {
    if (timers.has(name) || isClosed) return
    const tell = (): void => {
      timers.delete(name)
      changed(name)
    }
    timers.set(name, setTimeout(tell, settleMs))
  }
  return {
    async begin(name, { url, tool }) {
      if (open.has(name) || tool !== 'restic' || isClosed) return
      // In its place before anything is waited for: it is begun once.
      open.set(name, { url, end: () => {} })
      const end = await watchStorage({ url: new Secret(url), environment: {} }, () => soon(name))
      if (end === undefined) open.delete(name)
      else if (isClosed || open.get(name)?.url !== url) end()
      else open.set(name, { url, end })
    },
    keep({ repositories }) {
      for (const [name, { url, end }] of open) {
        if (repositories[name]?.url === url) continue
        end()
        open.delete(name)
      }
    },
    close() {
      isClosed = true
      for (const { end } of open.values()) end()
      for (const timer of timers.values()) clearTimeout(timer)
    },
  }
}
