/** The exit code of a script that does what a round did: that of the first command that went wrong. */
import type { Run } from './run.ts'

const interrupted = 130

/** @param runs Of one round, in the order in which they were made. */
export function scriptCode(runs: readonly Run[]): number {
  const bad = runs.find(({ outcome }) => outcome !== 'ok' && outcome !== 'warning')
  // Exit code 0 with something to say is 0 there; the line that says it stands in the log.
  return bad === undefined ? (runs.find(({ exitCode = 0 }) => exitCode !== 0)?.exitCode ?? 0) : codeOf(bad)
}

function codeOf({ problem, exitCode, outcome }: Run): number {
  if (outcome === 'cancelled' || outcome === 'interrupted') return interrupted
  // What was done last is in the problem: a repository that could not be made, a hook.
  const own = problem?.context?.exitCode ?? exitCode
  if (typeof own === 'number' && own > 0) return own
  const code = problem?.code ?? ''
  // As a shell says that there is no such program, and that it may not be run.
  if (code.endsWith('.not-found')) return 127
  if (code.endsWith('.not-executable')) return 126
  // restic before 0.19 says nothing where a source is missing and another is there.
  return code.endsWith('.partial') ? 3 : 1
}
