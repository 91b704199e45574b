/** A platform that runs backups itself, as diagnosing asks it. */
import { setTimeout as pause } from 'node:timers/promises'
import { Ns8 } from '../../config/schema/ns8.ts'
import type { Schema } from '../../config/schema-walk.ts'
import type { PlatformFacts, Probe } from '../../model/diagnosis.ts'
import type { Problem } from '../../model/problem.ts'
import { followNs8, type Ns8Settings, nothingFound, ns8Facts, probeNs8 } from '../../sources/platforms/ns8/index.ts'
import type { App } from '../context.ts'
import { type LoadedSettings, loadSettings } from '../loaded-settings.ts'

/** Where a secret cannot be had. */
const againMs = 300_000

export interface Platform {
  /** How long before an alarm a success may be and still be of the run that it is about. */
  readonly windowMs: number
  /** @param ids Of plans, as labels named them: not to be trusted. None: what ended lately. */
  facts(ids: readonly string[], signal: AbortSignal): Promise<PlatformFacts>
  probe(
    wish: { readonly module: string; readonly plan?: string; readonly check: boolean },
    signal: AbortSignal,
  ): Promise<Probe>
  /** Calls whenever a plan wrote how it ended, until the signal. */
  follow(onEnded: (plan: string) => void, signal: AbortSignal): Promise<void>
}

/** undefined where no platform is configured. */
export async function openPlatform(app: App): Promise<Platform | undefined> {
  const { ns8 } = app.config
  if (ns8 === undefined) return undefined
  const { recentWindow: windowMs } = ns8
  const loaded = await loadSettings(app, Ns8 as Schema, ns8)
  if (!loaded.ok) return withoutSecrets(windowMs, loaded.problem, app)
  const settings = settingsOf(loaded.value)
  return {
    windowMs,
    facts: async (ids, signal) => {
      const facts = await ns8Facts({ ids, now: app.now(), recentWindowMs: windowMs }, settings, signal)
      for (const note of facts.notes) app.log[note === nothingFound ? 'info' : 'debug']({}, note)
      if (facts.problem !== undefined) app.log.warn({ problem: facts.problem.code }, facts.problem.message)
      return facts
    },
    probe: (wish, signal) => probeNs8(wish, { ...settings, env: app.env, secrets: loaded.value.secrets }, signal),
    follow: (onEnded, signal) => {
      let last: string | undefined
      return followNs8(settings, onEnded, signal, {
        // Once, however often it is tried.
        onProblem: ({ code, message }) => {
          if (code !== last) app.log.warn({ problem: code }, message)
          last = code
        },
        onListening: () => {
          last = undefined
          app.log.info({}, 'Redis tells of backups that end')
        },
      })
    },
  }
}

const settingsOf = ({ settings }: LoadedSettings): Ns8Settings => settings as unknown as Ns8Settings

/** Its password cannot be had: nothing is known of its backups, and repositories can be looked at all the same. */
function withoutSecrets(windowMs: number, problem: Problem, app: App): Platform {
  const runagent = app.config.ns8?.runagent ?? []
  return {
    windowMs,
    facts: async () => ({ plans: [], parts: [], notes: [], problem }),
    probe: (wish, signal) => probeNs8(wish, { runagent, env: app.env }, signal),
    follow: async (_, signal) => {
      app.log.warn({ problem: problem.code }, problem.message)
      await pause(againMs, undefined, { signal }).catch(() => undefined)
    },
  }
}
