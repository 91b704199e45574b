/** A ledger over any SQL engine that Kysely speaks to. */
import type { Kysely } from 'kysely'
import type { Problem } from '../../model/problem.ts'
import type { Ledger } from '../ledger.ts'
import type { Tables } from '../tables.ts'
import { alertStore } from './alerts.ts'
import { changeStore } from './changes.ts'
import { dayStore } from './days.ts'
import { deliveryStore } from './deliveries.ts'
import { diagnosisStore } from './diagnoses.ts'
import { findingStore } from './findings.ts'
import { headStore } from './heads.ts'
import { incidentStore } from './incidents.ts'
import { intakeGroup, intakeStore } from './intakes.ts'
import { laneStore } from './lanes.ts'
import { distrustKey } from './meta.ts'
import { pushStore } from './pushes.ts'
import { readingGroup, readingStore } from './readings.ts'
import { runStore, toldGroup } from './runs.ts'
import { scheduleStore } from './schedule.ts'
import { setStore } from './sets.ts'
import { spaceGroup, spaceStore } from './space.ts'
import { upkeepStore } from './upkeep.ts'

export interface Place {
  /** Why the ledger is not where it was opened any more. */
  gone(): Problem | undefined
  /** Nobody has it open here any more. */
  closed(): void
}

export function sqlLedger(db: Kysely<Tables>, degraded: Problem | undefined, place?: Place): Ledger {
  const group = readingGroup(db)
  const spaces = spaceGroup(db)
  const intakes = intakeGroup(db)
  const told = toldGroup(db)
  const upkeep = upkeepStore(db)
  let problem = degraded
  return {
    get degraded() {
      return place?.gone() ?? problem
    },
    async distrust(why) {
      problem ??= distrusted(why)
      await upkeep.writeMeta(distrustKey, why)
    },
    ...runStore(db, told),
    ...readingStore(db, group),
    ...changeStore(db),
    ...headStore(db),
    ...dayStore(db),
    ...setStore(db),
    ...findingStore(db),
    ...incidentStore(db),
    ...deliveryStore(db),
    ...pushStore(db),
    ...intakeStore(db, intakes, (found) => {
      problem = found
    }),
    ...alertStore(db),
    ...diagnosisStore(db),
    ...spaceStore(db, spaces),
    ...laneStore(db),
    ...scheduleStore(db),
    ...upkeep,
    async [Symbol.asyncDispose]() {
      await group.drained()
      await spaces.drained()
      await intakes.drained()
      await told.drained()
      await db.destroy()
      place?.closed()
    },
  }
}

const distrusted = (why: string): Problem => ({
  code: 'ledger.damaged',
  message: `The ledger is damaged (${why}); what Muster says of the past may be wrong.`,
  next: 'Look at the disk, then restart Muster: it sets the damaged file aside and begins a new one.',
  retry: 'never',
})
