/** Where a destination is, and how rclone is told: by its environment, so that no address stands in an argument. */
import { resolve } from 'node:path'
import { Secret } from '../../../model/secret.ts'
import { colonOf } from '../../rclone/address.ts'

export interface Destination {
  /** The folder above the tree, in rclone's own syntax; the whole address where it has no name. */
  readonly parent: string
  /** Last part of the path: the name of the tree, before which dated folders put nothing and behind which they put their date. */
  readonly name: string
}

/** A name of its own, not to stand in the way of a remote of the user. */
const remote = 'muster_destination'

/**
 * Takes an address apart: `remote:path/name`, `:backend,option="a:b":path/name`, or a path of this machine.
 *
 * Source: rclone documentation, "Connection strings": values may be quoted with `"` or `'`, and then hold colons.
 */
export function destinationOf(url: string): Destination {
  const at = colonOf(url)
  const [start, path] = at === -1 ? ['', resolve(url)] : [url.slice(0, at + 1), url.slice(at + 1)]
  const bare = path.replace(/\/+$/, '')
  const slash = bare.lastIndexOf('/')
  const name = bare.slice(slash + 1)
  if (name === '') return { parent: `${start}${path}`, name }
  return { parent: `${start}${slash === 0 ? '/' : bare.slice(0, Math.max(0, slash))}`, name }
}

/** The variables that make the folder above the tree a remote. An alias is what it stands for, also for moves inside one store. */
export const remoteVariables = ({ parent }: Destination): Readonly<Record<string, Secret>> => ({
  [`RCLONE_CONFIG_${remote.toUpperCase()}_TYPE`]: new Secret('alias'),
  [`RCLONE_CONFIG_${remote.toUpperCase()}_REMOTE`]: new Secret(parent),
})

/** The tree itself, or a folder beside it, as an argument of rclone. */
export const placeOf = (folder: string): string => `${remote}:${folder}`

/** What rclone says of a destination, with the path that the user knows instead of our remote. */
export const withoutRemote = (text: string): string => text.replaceAll(`${remote}:`, '')

/** What in an address is a secret: passwords, keys and tokens of a connection string. */
export const secretsOf = (url: string): readonly string[] =>
  [...url.matchAll(/(?:pass(?:word)?\d?|secret\w*|token|key\w*|access_key_id)=("[^"]*"|'[^']*'|[^,:]*)/gi)].map(
    ([, value = '']) => value.replace(/^["']|["']$/g, ''),
  )
