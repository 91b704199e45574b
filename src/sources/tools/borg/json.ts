/** Calls that print one JSON document over several lines. */
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { type Call, type Called, callBorg, programOf } from './command.ts'
import { parseDocument } from './messages.ts'
import { problem } from './problems.ts'

/** A document of some hundred thousand archives; more is no document of ours. */
const mostLines = 5_000_000

export interface Listed {
  readonly called: Called
  /** `undefined` when there is none that can be read. */
  readonly document: unknown
}

/** Runs a command and answers its document, unchecked. */
export async function callForDocument(access: RepositoryAccess, io: OperationIo, call: Call): Promise<Listed> {
  const lines: string[] = []
  const called = await callBorg(access, io, {
    ...call,
    onLine: (line) => {
      if (lines.length < mostLines) lines.push(line)
    },
  })
  return { called, document: parseDocument(lines) }
}

/** The document behind its check: the problem of the run, or `borg.output`. A warning spoils nothing that can be read. */
export function documentOr<T>(
  access: RepositoryAccess,
  { called, document }: Listed,
  parse: (document: unknown) => T | undefined,
): Result<T> {
  if (called.problem !== undefined && !called.warned) return fail(called.problem)
  const value = parse(document)
  return value === undefined ? fail(called.problem ?? outputProblem(access)) : ok(value)
}

const outputProblem = (access: RepositoryAccess): Problem =>
  problem('borg.output', { repository: access.name, program: programOf(access) })
