/** The exit code of a script in whose place Muster runs: that of the first command that went wrong. */
import type { Run } from '../model/run.ts'
import { exitCodes } from './exit.ts'

/** @param runs In the order in which they were made. */
export function scriptCode(runs: readonly Run[]): number {
  const bad = runs.find(({ outcome }) => outcome !== 'ok' && outcome !== 'warning')
  if (bad === undefined) {
    // Exit code 0 with something to say is 0 there; the line that says it stands in the log.
    const code = runs.find(({ exitCode }) => (exitCode ?? 0) !== 0)?.exitCode
    return code ?? exitCodes.fine
  }
  const { problem, exitCode, outcome } = bad
  if (outcome === 'cancelled' || outcome === 'interrupted') return exitCodes.interrupted
  // What was done last is in the problem: a repository that could not be made, a hook.
  const own = problem?.context?.exitCode ?? exitCode
  if (typeof own === 'number' && own > 0) return own
  // As a shell says it.
  if (problem?.code.endsWith('.not-found') === true) return 127
  if (problem?.code.endsWith('.not-executable') === true) return 126
  return bad.problem?.code.endsWith('.partial') === true ? 3 : exitCodes.failed
}
