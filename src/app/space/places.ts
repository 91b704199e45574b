/** How the room of a repository's store is learned: by what the configuration says, else by its address. */
import type { Repository } from '../../config/schema.ts'
import type { Tool } from '../../sources/tools/tool.ts'
import { isStorageBox, type SshPlace } from '../../system/ssh/place.ts'
import { placeOf } from '../ssh/reach.ts'

export type SpaceWay = 'local' | 'sftp' | 'df' | 'rclone'

/** The path of a store on this machine; undefined where it is elsewhere. */
export function localPath(url: string): string | undefined {
  const path = url.replace(/^(?:local:|file:\/\/)/, '')
  if (path === '') return undefined
  return path !== url || /^\.{0,2}\//.test(url) || !url.includes(':') ? path : undefined
}

/** @returns Undefined where nothing is known that tells. */
export function spaceWay(tool: Tool, { url, space, ...repository }: Repository): SpaceWay | undefined {
  const by = space?.by ?? 'auto'
  if (by === 'off') return undefined
  if (by !== 'auto') return by
  if (localPath(url) !== undefined) return 'local'
  if (url.startsWith('sftp:')) return 'sftp'
  if (placeOf(tool, { url, space, ...repository } as Repository) !== undefined) return 'df'
  return tool.name === 'rclone' || url.startsWith('rclone:') ? 'rclone' : undefined
}

/** Where `df` is asked: at the address, and of a storage box at the port that knows commands. */
export function spacePlace(tool: Tool, repository: Repository): SshPlace | undefined {
  const place = placeOf(tool, repository)
  if (place === undefined) return undefined
  const own = repository.space?.ssh.port
  // The user's own arguments may name a port; the one that is meant for commands wins.
  const port = own ?? (isStorageBox(place.host) ? 23 : place.port)
  return { ...place, ...(port !== undefined && { port }) }
}
