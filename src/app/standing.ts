/** How everything stands, once: for commands that tell it and end. */
import type { Standing } from '../model/standing.ts'
import type { App } from './context.ts'
import { openStandings, type StandingExtras } from './standing/keeper.ts'

export const standingOf = (app: App, extras: StandingExtras): Promise<Standing> => openStandings().whole(app, extras)
