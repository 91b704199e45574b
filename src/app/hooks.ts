/** The user's own programs around a backup. */
import type { Job } from '../config/schema.ts'
import type { Problem } from '../model/problem.ts'
import { childEnvironment } from '../system/environment.ts'
import { runProcess } from '../system/process.ts'
import { oneLine } from '../system/text.ts'
import type { App } from './context.ts'

export type HookName = 'before' | 'after' | 'failed' | 'always'

/** What a hook is told, beside its own environment. */
export interface HookFacts {
  readonly MUSTER_JOB: string
  readonly MUSTER_REPOSITORY: string
  readonly MUSTER_RUN_ID: string
  readonly MUSTER_OUTCOME?: string
  readonly MUSTER_SNAPSHOT_ID?: string
  readonly MUSTER_PROBLEM?: string
}

const environmentOf = ({ env }: App, { inheritEnvironment }: Job['hooks'], facts: Readonly<Record<string, string>>) =>
  inheritEnvironment
    ? {
        ...(Object.fromEntries(Object.entries(env).filter(([, value]) => value !== undefined)) as typeof facts),
        ...facts,
      }
    : childEnvironment(facts, env)

/**
 * Runs one hook. A list is run as it is; a text goes to the user's shell, because the user wrote it for one.
 * @returns Undefined when there is none or it ended with 0; else `hook.failed`.
 */
export async function runHook(
  app: App,
  name: HookName,
  hooks: Job['hooks'],
  facts: HookFacts,
  signal: AbortSignal,
): Promise<Problem | undefined> {
  const hook = hooks[name]
  if (hook === undefined) return undefined
  const [command = '', ...args] = typeof hook === 'string' ? ['/bin/sh', '-c', hook] : hook
  const result = await runProcess({
    command,
    args,
    environment: environmentOf(app, hooks, { ...facts, MUSTER_HOOK: name }),
    timeLimitMs: hooks.timeLimit,
    signal,
    onLine: (line) => app.log.info({ run: facts.MUSTER_RUN_ID, hook: name }, `hook ${name}: ${line}`),
  })
  if (result.ended === 'exited' && result.exitCode === 0) return undefined
  const how =
    result.ended === 'spawn-failed'
      ? `could not be started (${result.cause ?? 'unknown'})`
      : result.ended === 'timed-out'
        ? 'took longer than hooks.timeLimit'
        : result.ended === 'cancelled'
          ? 'was cancelled'
          : result.exitCode === undefined
            ? `was ended by ${result.signal}`
            : `ended with exit code ${result.exitCode}`
  const said = oneLine(result.stderrTail.trim()).slice(-500)
  return {
    code: 'hook.failed',
    message: `The hook \`${name}\` ${how}${said === '' ? '' : `: ${said}`}.`,
    next:
      result.ended === 'cancelled'
        ? 'Nothing to do, if that was wanted; the next run starts it again.'
        : `Run it by hand and see why: ${typeof hook === 'string' ? hook : hook.join(' ')}`,
    retry: 'next-run',
    context: { hook: name, ...(result.exitCode !== undefined && { exitCode: result.exitCode }) },
  }
}
