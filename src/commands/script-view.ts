/** `muster run` in the place of a script: its lines on standard output, in its order. */
import type { Watcher } from '../app/round.ts'
import type { Run } from '../model/run.ts'
import { renderRuns } from '../outlets/terminal/run-summary.ts'
import { scriptLines as lines } from '../outlets/terminal/script.ts'
import { oneLine } from '../system/text.ts'

export interface ScriptView extends Watcher {
  /** The last lines, once the exit code is known. */
  ended(runs: readonly Run[], code: number): void
}

export function openScriptView(now: () => Date, say: (text: string) => void): ScriptView {
  const startedAt = now()
  let started = false
  const steps: Readonly<Record<string, string>> = {
    'backing up': lines.backingUp,
    'making the repository': lines.making,
    'forgetting old snapshots': lines.forgetting,
  }
  return {
    onPhase(text) {
      if (!started && text in steps) {
        started = true
        say(lines.started(now()))
      }
      say(steps[text] ?? oneLine(text))
    },
    ended(runs, code) {
      if (runs.length > 0) say(renderRuns(runs))
      if (code === 0) say(lines.completed(now()))
      say(lines.exited(now(), code, now().getTime() - startedAt.getTime()))
    },
  }
}
