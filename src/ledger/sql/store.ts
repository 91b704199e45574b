/** A ledger over any SQL engine that Kysely speaks to. */
import type { Kysely } from 'kysely'
import type { Problem } from '../../model/problem.ts'
import type { Ledger } from '../ledger.ts'
import type { Tables } from '../tables.ts'
import { changeStore } from './changes.ts'
import { dayStore } from './days.ts'
import { findingStore } from './findings.ts'
import { headStore } from './heads.ts'
import { laneStore } from './lanes.ts'
import { readingGroup, readingStore } from './readings.ts'
import { runStore } from './runs.ts'
import { scheduleStore } from './schedule.ts'
import { upkeepStore } from './upkeep.ts'

export function sqlLedger(db: Kysely<Tables>, degraded: Problem | undefined): Ledger {
  const group = readingGroup(db)
  return {
    degraded,
    ...runStore(db),
    ...readingStore(db, group),
    ...changeStore(db),
    ...headStore(db),
    ...dayStore(db),
    ...findingStore(db),
    ...laneStore(db),
    ...scheduleStore(db),
    ...upkeepStore(db),
    async [Symbol.asyncDispose]() {
      await group.drained()
      await db.destroy()
    },
  }
}
