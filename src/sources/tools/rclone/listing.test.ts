import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type Entry, parseEntry, Tree } from './listing.ts'
import { toSnapshots } from './survey.ts'

const now = new Date('2026-11-25T12:00:00Z')
const entry = (Path: string, Size = 1, ModTime = '2026-11-20T00:00:00Z'): Entry => ({
  Path,
  Size,
  ModTime,
  IsDir: false,
})
const treeOf = (entries: readonly Entry[]): Tree => {
  const tree = new Tree(now)
  for (const one of entries) tree.add(one)
  return tree
}

describe('a listing', () => {
  it('is read line by line', () => {
    expect(parseEntry('[')).toBeUndefined()
    expect(parseEntry(']')).toBeUndefined()
    expect(parseEntry('{"Path":"a","Size":3,"ModTime":"","IsDir":false},')).toMatchObject({ Path: 'a', Size: 3 })
    expect(parseEntry('{"Path":"a"},')).toBeNull()
    expect(parseEntry('{"Path":"a","Si')).toBeNull()
  })
  it('is read whatever it is', () => fc.assert(fc.property(fc.string(), (text) => void parseEntry(text))))
})

describe('the state of a tree', () => {
  const entries = fc.uniqueArray(
    fc.record({
      Path: fc.string({ minLength: 1 }),
      Size: fc.nat(),
      ModTime: fc.constantFrom('2026-11-20T00:00:00Z', '2026-11-21T00:00:00.5Z'),
      IsDir: fc.constant(false),
    }),
    { selector: ({ Path }) => Path },
  )
  it('is the same however it is listed', () =>
    fc.assert(
      fc.property(entries, (list) => {
        expect(treeOf(list.toReversed()).digest).toBe(treeOf(list).digest)
      }),
    ))
  it('is another one with every file that comes, goes, grows or is written anew', () =>
    fc.assert(
      fc.property(entries, (list) => {
        const base = treeOf(list).digest
        expect(treeOf([...list, entry('one more/\u0000', 7)]).digest).not.toBe(base)
        const [first, ...rest] = list
        if (first === undefined) return
        expect(treeOf(rest).digest).not.toBe(base)
        expect(treeOf([{ ...first, Size: first.Size + 1 }, ...rest]).digest).not.toBe(base)
        expect(treeOf([{ ...first, ModTime: '2026-11-22T00:00:00Z' }, ...rest]).digest).not.toBe(base)
      }),
    ))
  it('does not count what a broken-off upload left', () => {
    const whole = treeOf([entry('a')])
    const cut = treeOf([entry('a'), entry('b.0123abcd.partial', 99)])
    expect([cut.files, cut.bytes, cut.digest]).toEqual([whole.files, whole.bytes, whole.digest])
  })
  it('takes no time of the future for the newest', () =>
    expect(treeOf([entry('a'), entry('b', 1, '2037-01-01T00:00:00Z')]).newestMs).toBe(
      Date.parse('2026-11-20T00:00:00Z'),
    ))
})

describe('snapshots of a destination', () => {
  const folders = ['nas', 'nas-2026-11-20', 'nas-2026-11-24', 'nas-old', 'other-2026-11-24']
  it('are its dated folders, and the tree as the newest', () => {
    const found = toSnapshots('nas', treeOf([entry('a', 3)]), folders, now)
    expect(found.map(({ id }) => id.slice(0, 8))).toEqual(['20261120', '20261124', found[2]?.id.slice(0, 8)])
    expect(found[2]).toMatchObject({ host: 'nas', files: 1, sizeBytes: 3, living: 'tree' })
    const times = found.map(({ takenAt }) => takenAt.getTime())
    expect(times).toEqual(times.toSorted((a, b) => a - b))
  })
  it('of which one with a date to come says nothing of the tree', () => {
    const all = toSnapshots('nas', treeOf([entry('a', 3)]), [...folders, 'nas-2099-01-01'], now)
    const without = toSnapshots('nas', treeOf([entry('a', 3)]), folders, now)
    expect(all.find(({ living }) => living)?.takenAt).toEqual(without.find(({ living }) => living)?.takenAt)
    expect(all.find(({ id }) => id === '20990101')?.removal).toBe('remove the folder nas-2099-01-01 beside the tree')
  })
  it('are none where the tree is empty', () => expect(toSnapshots('nas', treeOf([]), ['nas'], now)).toEqual([]))
})
