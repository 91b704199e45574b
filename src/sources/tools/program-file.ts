/** Versions of programs, asked once for each program file. */
import { statSync } from 'node:fs'

/** One entry a program file; a new file under the same name is asked again. */
export class VersionMemory {
  readonly #known = new Map<string, string>()

  get(path: string): string | undefined {
    return this.#known.get(fileKey(path))
  }

  set(path: string, version: string): void {
    this.#known.set(fileKey(path), version)
  }
}

function fileKey(path: string): string {
  try {
    const { mtimeMs, size, ino } = statSync(path)
    return `${path} ${ino} ${size} ${mtimeMs}`
  } catch {
    return path
  }
}

/** Compares `major.minor.patch` numerically. */
export function isAtLeast(version: string, wanted: string): boolean {
  const [a, b] = [version, wanted].map((text) => text.split('.').map(Number)) as [number[], number[]]
  for (let index = 0; index < 3; index += 1) {
    const difference = (a[index] ?? 0) - (b[index] ?? 0)
    if (difference !== 0) return difference > 0
  }
  return true
}
