import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'

/** The sections of a release, in the order of its changelog. */
const changeKinds = ['added', 'changed', 'fixed', 'security'] as const

const fileName = /^(added|changed|fixed|security)\.[a-z0-9]+(-[a-z0-9]+)*\.md$/
const longestText = 400

/** What is wrong with the files in `changes/`, as lines for a person. */
export async function findChangeFaults(folder: string): Promise<readonly string[]> {
  const faults: string[] = []
  for (const name of (await readdir(folder)).sort()) {
    if (name === 'README.md') continue
    const why = fileName.test(name) ? faultOf(await readFile(join(folder, name), 'utf8')) : badName
    if (why !== undefined) faults.push(`changes/${name} ${why}`)
  }
  return faults
}

const badName = `should be named <kind>.<words-with-hyphens>.md; kinds: ${changeKinds.join(', ')}`

/** What is wrong with one text; undefined when nothing is. See changes/README.md for the form. */
export function faultOf(text: string): string | undefined {
  const plain = text.trim()
  if (plain === '') return 'is empty'
  if (/\n\s*\n/.test(plain)) return 'should be one paragraph'
  if (/^[#*-]\s/.test(plain)) return 'should be plain sentences, without heading or list'
  if (!/^[\p{Lu}`]/u.test(plain) || !/[.!?]$/.test(plain))
    return 'should be whole sentences: a capital first, a full stop last'
  if (plain.length > longestText)
    return `has ${plain.length} characters; ${longestText} are enough for one or two sentences`
  return undefined
}
