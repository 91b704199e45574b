/** Which versions of a tool may work for us. */
import { fail, type Problem, type Result } from '../model/problem.ts'
import type { OperationIo, Tool } from '../sources/tools/tool.ts'
import type { Reached } from './access.ts'

/** @returns The version of the tool; `tool.too-old` where its output and exit codes would be read by guess. */
export async function usableVersion({ tool, access }: Reached, io: OperationIo): Promise<Result<string>> {
  const version = await tool.version(access, io)
  return version.ok && isOlder(version.value, tool.versions.oldest) ? fail(tooOld(tool, version.value)) : version
}

/** Compares `0.18.0` and its like, part by part. */
export function isOlder(left: string, right: string): boolean {
  const [a, b] = [left, right].map((text) => text.split('.').map((part) => Number.parseInt(part, 10) || 0)) as [
    number[],
    number[],
  ]
  for (let at = 0; at < Math.max(a.length, b.length); at++)
    if ((a[at] ?? 0) !== (b[at] ?? 0)) return (a[at] ?? 0) < (b[at] ?? 0)
  return false
}

export const tooOld = (tool: Pick<Tool, 'name' | 'versions'>, version: string): Problem => ({
  code: 'tool.too-old',
  message: `${tool.name} ${version} is too old; Muster works with ${tool.versions.oldest} to ${tool.versions.newestTested}.`,
  next: `Install ${tool.name} ${tool.versions.oldest} or newer, or name the program with program: PATH at the repository.`,
  retry: 'never',
})
