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
  // Whether there is a repository shows only with the first try; a script made one before its first backup.
  let held: string | undefined
  const release = (): void => {
    if (held !== undefined) say(held)
    held = undefined
  }
  return {
    onPhase(text) {
      if (text === 'making the repository') held = undefined
      release()
      if (!started && text in steps) {
        started = true
        say(lines.started(now()))
      }
      if (text === 'backing up') held = lines.backingUp
      else say(steps[text] ?? oneLine(text))
    },
    onProgress: release,
    ended(runs, code) {
      release()
      if (runs.length > 0) say(renderRuns(runs))
      if (code === 0) say(lines.completed(now()))
      say(lines.exited(now(), code, now().getTime() - startedAt.getTime()))
    },
  }
}
