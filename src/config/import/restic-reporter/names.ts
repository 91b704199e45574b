/** Names for repositories that have only an address. */
import { createHash } from 'node:crypto'
import { maskUrl } from '../../show.ts'

const longest = 63

/**
 * `rest:https://user:pass@backups.example.com/my-repo` → `backups.example.com-my-repo`. A name depends on the address alone and
 * on no password, so history stays with it; where two addresses would share one, both get a piece of their hash.
 */
export function namesOf(urls: readonly string[]): string[] {
  const plain = urls.map(plainName)
  const masked = urls.map(maskUrl)
  const owners = Map.groupBy(masked.keys(), (at) => plain[at] ?? '')
  return plain.map((name, at) => {
    const isShared = (owners.get(name) ?? []).some((other) => masked[other] !== masked[at])
    return isShared || name.length > longest ? `${name.slice(0, longest - 9)}-${digest(urls[at] ?? '')}` : name
  })
}

function plainName(url: string): string {
  const words = maskUrl(url)
    .replace(/^[a-z0-9]+:(?=.)/i, '')
    .replace(/^[a-z+]+:\/\//i, '')
    .replace(/^[^/]*@/, '')
    .split(/[^A-Za-z0-9._-]+/)
    .filter((word) => word !== '')
  return words.join('-').replace(/^[^A-Za-z0-9]+/, '') || 'repository'
}

const digest = (url: string): string => createHash('sha256').update(maskUrl(url)).digest('hex').slice(0, 8)
