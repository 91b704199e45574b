/** The user's own programs around a backup. */
import type { Job } from '../config/schema.ts'
import type { Problem } from '../model/problem.ts'
import { logOf } from '../sources/tools/called.ts'
import { childEnvironment } from '../system/environment.ts'
import { runProcess } from '../system/process.ts'
import { type Redact, redactor } from '../system/redact.ts'
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

/** A hook that sees secrets may say them: a program that complains of its arguments does. */
const redactorOf = (env: App['env']): Redact =>
  redactor(Object.entries(env).flatMap(([name, value]) => (secretName.test(name) ? [value] : [])))
const secretName = /PASS|SECRET|TOKEN|CREDS|CREDENTIAL|(?:^|_)KEY(?:_|$)|DSN|_URL$/i

/** Kept of what a hook prints; a run keeps less. */
const mostLines = 500

export interface HookFailure {
  readonly problem: Problem
  /** The end of what it printed, redacted. */
  readonly log?: string
}

/**
 * Runs one hook. A list is run as it is; a text goes to the user's shell, because the user wrote it for one.
 * @returns Undefined when there is none or it ended with 0; else `hook.failed`, and what it said.
 */
export async function runHook(
  app: App,
  name: HookName,
  hooks: Job['hooks'],
  facts: HookFacts,
  signal: AbortSignal,
): Promise<HookFailure | undefined> {
  const hook = hooks[name]
  if (hook === undefined) return undefined
  const [command = '', ...args] = typeof hook === 'string' ? ['/bin/sh', '-c', hook] : hook
  const redact = redactorOf(app.env)
  const printed: string[] = []
  const keep = (line: string): void => {
    printed.push(redact(line))
    if (printed.length > 2 * mostLines) printed.splice(0, mostLines)
  }
  const result = await runProcess({
    command,
    args,
    environment: environmentOf(app, hooks, { ...facts, MUSTER_HOOK: name }),
    timeLimitMs: hooks.timeLimit,
    signal,
    maxLineBytes: 16 * 1024,
    onLine: (line) => {
      keep(line)
      app.log.info({ run: facts.MUSTER_RUN_ID, hook: name }, `hook ${name}: ${redact(line)}`)
    },
    onErrorLine: keep,
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
  const said = oneLine(redact(result.stderrTail.trim())).slice(-500)
  const problem: Problem = {
    code: 'hook.failed',
    message: `The hook \`${name}\` ${how}${said === '' ? '' : `: ${said}`}.`,
    next:
      result.ended === 'cancelled'
        ? 'Nothing to do, if that was wanted; the next run starts it again.'
        : // Shell code that came with all its secrets may hold some itself.
          hooks.inheritEnvironment
          ? 'Run its code by hand and see why.'
          : `Run it by hand and see why: ${typeof hook === 'string' ? hook : hook.join(' ')}`,
    retry: 'next-run',
    context: { hook: name, ...(result.exitCode !== undefined && { exitCode: result.exitCode }) },
  }
  return { problem, ...logOf(printed.join('\n')) }
}
