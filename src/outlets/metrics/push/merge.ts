import type { Family } from '../family.ts'

/** Families of several name sets as one list: one of each name, the first says what it means. */
export function merged(lists: readonly (readonly Family[])[]): readonly Family[] {
  const all = new Map<string, Family>()
  for (const family of lists.flat()) {
    const before = all.get(family.name)
    all.set(family.name, before === undefined ? family : { ...before, samples: [...before.samples, ...family.samples] })
  }
  return [...all.values()]
}
