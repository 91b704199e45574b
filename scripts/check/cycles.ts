import type { Import } from './imports.ts'

/** Circles of imports at run time, as the path that leads back to its first file. Types may refer to each other. */
export function findCycles(imports: readonly Import[]): readonly (readonly string[])[] {
  const edges = Map.groupBy(
    imports.filter((one) => !one.isType),
    (one) => one.from,
  )
  const finished = new Set<string>()
  const cycles: string[][] = []
  const trail: string[] = []
  const walk = (path: string) => {
    const seenAt = trail.indexOf(path)
    if (seenAt !== -1) cycles.push([...trail.slice(seenAt), path])
    if (seenAt !== -1 || finished.has(path)) return
    trail.push(path)
    for (const { to } of edges.get(path) ?? []) if (to !== path) walk(to)
    trail.pop()
    finished.add(path)
  }
  for (const path of edges.keys()) walk(path)
  return cycles
}
