/** Whether a tree and its source lie in one another: `sync` refuses that, and `copy` would copy its own copies. Pure. */
import { resolve } from 'node:path'
import type { SettingFault } from '../settings.ts'
import { destinationOf } from './destination.ts'

/** Remote and path, such that one place has one spelling. */
interface Place {
  readonly remote: string
  readonly path: string
}

function whereIs(address: string): Place {
  const { parent, name } = destinationOf(address.replace(/^:?local:/, ''))
  const [remote, above] = parent.startsWith('/') ? ['', parent] : [parent.slice(0, parent.indexOf(':') + 1), parent]
  const path = above.slice(remote.length)
  return { remote, path: resolve('/', path, name) }
}

/** The way from `outer` to `inner`; empty where they are one, undefined where `inner` lies elsewhere. */
function wayInto(outer: Place, inner: Place): string | undefined {
  if (outer.remote !== inner.remote) return undefined
  if (outer.path === inner.path) return ''
  const start = outer.path === '/' ? '/' : `${outer.path}/`
  return inner.path.startsWith(start) ? inner.path.slice(start.length) : undefined
}

/** What is wrong with a source for a tree at `url`; nothing where patterns leave the tree out. */
export function overlapFault(source: string, url: string, exclude: readonly string[]): SettingFault | undefined {
  const [from, to] = [whereIs(source), whereIs(url)]
  const down = wayInto(from, to)
  const next = 'Let source and tree lie beside each other'
  if (down === '') return { path: ['sources'], message: 'is the tree itself', next: `${next}.` }
  if (wayInto(to, from) !== undefined)
    return { path: ['sources'], message: 'lies inside the tree it is to be copied into', next: `${next}.` }
  if (down === undefined || exclude.some((pattern) => leavesOut(pattern, down))) return undefined
  return {
    path: ['sources'],
    message: 'holds the tree it is to be copied into, so that each run would copy the copies of the last',
    next: `${next}, or leave the tree out: exclude: ["/${down}/**"].`,
  }
}

const leavesOut = (pattern: string, way: string): boolean => {
  const folder = /^\/(.+)\/\*\*$/.exec(pattern)?.[1]
  return folder !== undefined && (way === folder || way.startsWith(`${folder}/`))
}
