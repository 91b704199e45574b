/** A platform that runs backups itself, as diagnosing asks it. */
import type { PlatformFacts, Probe } from '../../model/diagnosis.ts'
import type { App } from '../context.ts'

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
export async function openPlatform(_app: App): Promise<Platform | undefined> {
  return undefined
}
