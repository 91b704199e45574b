/** Listings that restic prints as one JSON document on one line. */
import { fail, ok, type Problem, type Result } from '../../../model/problem.ts'
import type { Called } from '../called.ts'
import type { OperationIo, RepositoryAccess } from '../tool.ts'
import { type Call, callRestic } from './command.ts'
import { problem } from './problems.ts'

/** Room for some hundred thousand snapshots. */
const maxLineBytes = 256 * 1024 * 1024

/** Keeps the last line that starts like the document wanted; text around it is passed over. */
export class DocumentLine {
  readonly #start: string
  #line: string | undefined

  constructor(start: '[' | '{') {
    this.#start = start
  }

  line(line: string): void {
    if (line.startsWith(this.#start)) this.#line = line
  }

  /** Nothing that starts like the document was printed. */
  get absent(): boolean {
    return this.#line === undefined
  }

  /** The document, or `undefined` when there is none that can be read. Never throws. */
  parse(): unknown {
    try {
      return this.#line === undefined ? undefined : JSON.parse(this.#line)
    } catch {
      return undefined
    }
  }
}

export interface Listed {
  readonly called: Called
  /** `undefined` when there is none that can be read. */
  readonly document: unknown
  /** There was none at all. */
  readonly absent: boolean
}

/** Runs a listing command and answers its document, unchecked. */
export async function callForDocument(
  access: RepositoryAccess,
  io: OperationIo,
  start: '[' | '{',
  call: Call,
): Promise<Listed> {
  const document = new DocumentLine(start)
  const called = await callRestic(access, io, { ...call, maxLineBytes, onLine: (line) => document.line(line) })
  return { called, document: document.parse(), absent: document.absent }
}

/** The document behind its check: the problem of the run, or `restic.output`. */
export function documentOr<T>(
  access: RepositoryAccess,
  listed: Listed,
  parse: (document: unknown) => T | undefined,
): Result<T> {
  if (listed.called.problem !== undefined) return fail(listed.called.problem)
  const value = parse(listed.document)
  return value === undefined ? fail(outputProblem(access)) : ok(value)
}

export const outputProblem = (access: RepositoryAccess): Problem =>
  problem('restic.output', { repository: access.name })
